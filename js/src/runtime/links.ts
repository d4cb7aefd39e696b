/** Links: steps within the app where they lead into it, and nothing but a report where they lead out. */
import { go } from "./location";

export function installLinks(): void {
  // A handler may stop an event and leave the rest to the browser, which would then end the frame.
  window.addEventListener(
    "click",
    (event) => {
      if (!anchorOf(event)) return;
      for (const name of ["stopPropagation", "stopImmediatePropagation"] as const) {
        const original = event[name];
        event[name] = () => {
          original.call(event);
          queueMicrotask(() => follow(event));
          if (!event.defaultPrevented) stopped.add(event);
          event.preventDefault();
        };
      }
    },
    true,
  );
  window.addEventListener("click", follow);
}

const stopped = new WeakSet<Event>();
const followed = new WeakSet<Event>();

function follow(event: MouseEvent): void {
  const anchor = anchorOf(event);
  if (!anchor || followed.has(event) || (event.defaultPrevented && !stopped.has(event))) return;
  followed.add(event);
  event.preventDefault();
  const target = anchor.getAttribute("href") ?? anchor.getAttribute("xlink:href") ?? "";
  if (/^\s*(?:javascript|blob|data):/i.test(target) || anchor.hasAttribute("download")) return;
  if (target.startsWith("#")) scrollTo(target.slice(1));
  go(target, "push");
}

function anchorOf(event: Event): Element | null {
  for (const node of event.composedPath()) {
    if (
      node instanceof Element &&
      /^(?:a|area)$/i.test(node.tagName) &&
      (node.hasAttribute("href") || node.hasAttribute("xlink:href"))
    ) {
      return node;
    }
  }
  return null;
}

function scrollTo(hash: string): void {
  let id = hash;
  try {
    id = decodeURIComponent(hash);
  } catch {
    // As it stands.
  }
  const element = id && (document.getElementById(id) ?? document.getElementsByName(id)[0]);
  if (element) element.scrollIntoView();
  else if (!id || id === "top") window.scrollTo(0, 0);
}
