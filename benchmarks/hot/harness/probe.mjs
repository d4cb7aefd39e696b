// Runs in every document of a page, before anything else: tells when the page shows what is wanted, and in what state.
export function probe() {
  const KEY = "__wanted";
  const now = () => performance.timeOrigin + performance.now();
  let wanted = null;
  let reloaded = false;
  // A frame without an origin has no storage; it is asked again after a reload.
  const store = (value) => {
    try {
      if (value) sessionStorage.setItem(KEY, JSON.stringify(value));
      else sessionStorage.removeItem(KEY);
    } catch {}
  };
  try {
    wanted = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    reloaded = wanted !== null;
  } catch {}

  const shows = () => {
    const element = document.querySelector(wanted.selector);
    if (!element) return false;
    if (wanted.text !== undefined && element.textContent !== wanted.text) return false;
    return !wanted.style || getComputedStyle(element)[wanted.style[0]] === wanted.style[1];
  };
  const check = () => {
    if (!wanted || !shows()) return;
    const seen = {
      key: wanted.key,
      dom: now(),
      reloaded,
      counter: document.querySelector("#hmr-counter")?.textContent,
    };
    wanted = null;
    store(null);
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.__seen(JSON.stringify({ ...seen, paint: now() }));
      port2.postMessage(0);
    });
  };
  // No mutation tells that a style sheet changed.
  const frame = () => {
    if (wanted?.style) check();
    requestAnimationFrame(frame);
  };
  window.__want = (next) => {
    wanted = next;
    reloaded = false;
    store(next);
    if (next.style && !window.__drawing) {
      window.__drawing = true;
      frame();
    }
  };
  new MutationObserver(check).observe(document, { subtree: true, childList: true, characterData: true });
}
