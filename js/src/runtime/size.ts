/**
 * The height of the content. What is as tall as the frame (`100vh`) would make the frame grow, and then grow with it:
 * a change that only our own resizing has brought about is not reported.
 */
import { post } from "./post";

const SETTLED = 400;

let fit = false;
/** Before there is content its height says nothing. */
let filled = false;
let posted = 0;
let width = 0;
let viewport = 0;
/** By how much content exceeds the frame wherever it depends on the frame's height. */
let excess: number | null = null;
let observer: ResizeObserver | null = null;
let timer = 0;
let style: HTMLStyleElement | null = null;

export function setFit(on: boolean): void {
  fit = on;
  excess = null;
  posted = 0;
  if (!on) {
    observer?.disconnect();
    observer = null;
    scrollable(true);
    return;
  }
  scrollable(false);
  watch();
}

/** The first content is there. */
export function contentShown(): void {
  if (filled) return;
  filled = true;
  watch();
}

function watch(): void {
  if (!fit || !filled) return;
  observer?.disconnect();
  observer = new ResizeObserver(measure);
  observer.observe(document.documentElement);
  if (document.body) {
    observer.observe(document.body);
    for (const child of document.body.children) observer.observe(child);
  }
}

function height(): number {
  const root = document.documentElement;
  const own = root.getBoundingClientRect().height;
  // Content that is taken out of the flow, or a root of a fixed height.
  const scrolled = root.scrollHeight > root.clientHeight ? root.scrollHeight : 0;
  return Math.ceil(Math.max(own, scrolled) + above(document.body));
}

/** What is centred in something as tall as the frame sticks out at its top too, where nobody can scroll to it. */
function above(box: Element | null): number {
  let most = 0;
  for (const child of box?.children ?? []) {
    if (!(child instanceof HTMLElement) || child.offsetHeight < innerHeight) continue;
    most = Math.max(most, above(child));
    for (const inner of child.children) {
      if (inner instanceof HTMLElement && inFlow(inner)) most = Math.max(most, top(child) - top(inner));
    }
  }
  return most;
}

/** Where it is in the document; unlike its rectangle, without what transforms do to it. */
function top(element: HTMLElement): number {
  const parent = element.offsetParent;
  return element.offsetTop + (parent instanceof HTMLElement ? top(parent) + parent.clientTop : 0);
}

function inFlow(element: HTMLElement): boolean {
  const { position, display, marginTop } = getComputedStyle(element);
  return (position === "static" || position === "sticky") && display !== "none" && !marginTop.startsWith("-");
}

function measure(): void {
  if (!fit || !filled || innerWidth === 0) return;
  const now = height();
  const echo = innerHeight !== viewport && innerWidth === width && posted !== 0;
  viewport = innerHeight;
  width = innerWidth;
  if (echo) {
    excess = now === posted ? null : now - innerHeight;
    return;
  }
  if (now === posted || (excess !== null && now - innerHeight === excess)) return;
  excess = null;
  posted = now;
  post({ type: "size", height: now });
  clearTimeout(timer);
  timer = window.setTimeout(() => scrollable(innerHeight < posted - 1), SETTLED);
}

/** A scrollbar for the moment until the frame has its new height would make the content narrower, and taller. */
function scrollable(on: boolean): void {
  if (on) {
    style?.remove();
    style = null;
  } else if (!style) {
    style = document.createElement("style");
    style.textContent = "html{overflow-y:hidden!important}";
    document.head.append(style);
  }
}

export function installSize(): void {
  window.addEventListener("resize", () => {
    if (fit && innerHeight >= posted - 1) scrollable(false);
    measure();
  });
}
