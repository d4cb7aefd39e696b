"""JavaScript that tells when the headline changes, what the person did last, and how long frames take."""

from __future__ import annotations

# Runs in every document before anything else. The headline of the canvas and that of a preview are the same element.
PROBE = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  let done = 0;
  window.__done = () => done;
  for (const name of ["keydown", "click"])
    addEventListener(name, ({timeStamp}) => { done = performance.timeOrigin + timeStamp; }, true);
  let last = "";
  const look = () => {
    const canvas = document.querySelector("[data-overskill-canvas]");
    const headline = (canvas ?? document).querySelector("[data-headline]");
    const text = headline?.textContent ?? "";
    if (!text || text === last) return;
    last = text;
    const place = canvas ? "canvas" : "preview";
    window.__shown(JSON.stringify({place, text, dom: now(), done}));
  };
  new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});
})();
"""

# In the frame that edits: the time between animation frames, until it is asked for.
FRAMES = """
() => {
  const times = [];
  let last = 0;
  let on = true;
  const step = (now) => {
    if (last) times.push(now - last);
    last = now;
    if (on) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
  window.__frames = () => { on = false; return times; };
}
"""

# In the frame that edits: where an element can be clicked once it is drawn, and when the form of what was selected is
# there.
READY = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  let drawn = false;
  let selected = false;
  let clicked = 0;
  addEventListener("pointerdown", ({timeStamp}) => { clicked = performance.timeOrigin + timeStamp; }, true);
  const place = () => {
    const box = document.querySelector("[data-overskill-canvas] [data-headline]")?.getBoundingClientRect();
    return box?.width ? {x: box.x + Math.min(box.width / 2, 40), y: box.y + box.height / 2} : null;
  };
  window.__place = place;
  const look = () => {
    if (!drawn && place()) {
      drawn = true;
      requestAnimationFrame(() => {
        const {port1, port2} = new MessageChannel();
        port1.onmessage = () => window.__drawn(JSON.stringify({at: now(), place: place()}));
        port2.postMessage(0);
      });
    }
    if (!selected && document.querySelector('[data-overskill-field="Text"] input')) {
      selected = true;
      window.__selected(JSON.stringify({at: now(), clicked}));
    }
  };
  new MutationObserver(look).observe(document, {subtree: true, childList: true});
})();
"""
