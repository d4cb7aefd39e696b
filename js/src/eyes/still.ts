/** A copy of a document as it is at this moment, with what attributes do not tell: what was typed, drawn, scrolled. */

const GONE = "script,noscript,template,link,base,meta,style,title";
/** No picture within the picture needs more of them, in either direction. */
const MAX_PIXELS = 1280;

export function still(root: HTMLElement): HTMLElement {
  // In a document without a window nothing of the copy runs or loads.
  const copy = document.implementation.createHTMLDocument().importNode(root, true);
  const originals = [root, ...root.querySelectorAll<HTMLElement>("*")];
  const copies = [copy, ...copy.querySelectorAll<HTMLElement>("*")];
  const twins = new Map(originals.map((original, n) => [original as Element, copies[n]!] as const));
  for (const animation of document.getAnimations()) freeze(animation.effect, twins);
  for (const [original, twin] of twins) take(original as HTMLElement, twin);
  for (const element of copy.querySelectorAll(GONE)) element.remove();
  setBackground(copy);
  return copy;
}

/** What is animated gets its values of now. */
function freeze(effect: AnimationEffect | null, twins: Map<Element, HTMLElement>): void {
  if (!(effect instanceof KeyframeEffect) || effect.pseudoElement || !effect.target) return;
  const twin = twins.get(effect.target);
  if (!twin?.style) return;
  const now = getComputedStyle(effect.target);
  for (const frame of effect.getKeyframes()) {
    for (const name of Object.keys(frame)) {
      if (/^(?:offset|computedOffset|easing|composite)$/.test(name)) continue;
      const property = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      twin.style.setProperty(property, now.getPropertyValue(property), "important");
    }
  }
}

function take(original: HTMLElement, twin: HTMLElement): void {
  for (const { name, namespaceURI } of [...twin.attributes]) {
    if (!/^[a-z_][\w.-]*$/i.test(name) && !namespaceURI) twin.removeAttribute(name);
    // Nothing of the copy is run: it is drawn.
    else if (/^on/i.test(name)) twin.removeAttribute(name);
  }
  if (original instanceof HTMLInputElement) {
    twin.toggleAttribute("checked", original.checked);
    if (original.type !== "file") twin.setAttribute("value", original.value);
  } else if (original instanceof HTMLTextAreaElement) twin.textContent = original.value;
  else if (original instanceof HTMLOptionElement) twin.toggleAttribute("selected", original.selected);
  else if (original instanceof HTMLImageElement) takeImage(original, twin);
  else if (original instanceof HTMLCanvasElement || original instanceof HTMLVideoElement) {
    const image = twin.ownerDocument.createElement("img");
    for (const name of ["class", "style", "id"]) image.setAttribute(name, twin.getAttribute(name) ?? "");
    const { width, height } = getComputedStyle(original);
    Object.assign(image.style, { width, height });
    image.src = pixels(original, original.clientWidth, original.clientHeight);
    twin.replaceWith(image);
  }
  if (original.matches(":modal,:popover-open")) raise(original, twin);
  if (original.scrollTop || original.scrollLeft) {
    const moved = `${-original.scrollLeft}px ${-original.scrollTop}px`;
    for (const child of twin.children)
      if (child instanceof Element) (child as HTMLElement).style?.setProperty("translate", moved);
  }
}

/** What lies over all else does so where it is, before its backdrop. */
function raise(original: HTMLElement, twin: HTMLElement): void {
  twin.removeAttribute("popover");
  const { top, left, width, height } = original.getBoundingClientRect();
  const { boxShadow } = getComputedStyle(original);
  const { backgroundColor } = getComputedStyle(original, "::backdrop");
  Object.assign(twin.style, {
    ...{ position: "fixed", margin: "0", zIndex: "2147483647", right: "auto", bottom: "auto", transform: "none" },
    ...{ top: `${top}px`, left: `${left}px`, width: `${width}px`, height: `${height}px` },
    boxShadow: `${boxShadow === "none" ? "" : `${boxShadow}, `}0 0 0 200vmax ${backgroundColor}`,
  });
}

function takeImage(original: HTMLImageElement, twin: HTMLElement): void {
  for (const name of ["srcset", "sizes", "loading"]) twin.removeAttribute(name);
  if (original.closest("picture"))
    for (const source of twin.parentElement?.querySelectorAll("source") ?? []) source.remove();
  const source = original.currentSrc || original.src;
  // Within an image only addresses that hold the data themselves are loaded.
  if (!/^data:image\/svg/.test(source)) {
    twin.setAttribute("src", original.complete ? pixels(original, original.naturalWidth, original.naturalHeight) : "");
  }
}

/** What an element shows; empty where that may not be read. */
function pixels(
  source: HTMLImageElement | HTMLCanvasElement | HTMLVideoElement,
  width: number,
  height: number,
): string {
  if (!width || !height) return "";
  const scale = Math.min(1, MAX_PIXELS / Math.max(width, height));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.ceil(width * scale), height: Math.ceil(height * scale) });
  try {
    canvas.getContext("2d")!.drawImage(source, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL();
  } catch {
    return "";
  }
}

/** A root that is not the document's does not give its background to the canvas, nor its body's. */
function setBackground(copy: HTMLElement): void {
  const [root, body] = [getComputedStyle(document.documentElement), getComputedStyle(document.body)];
  const none = (style: CSSStyleDeclaration) =>
    style.backgroundImage === "none" && /^rgba\(0, 0, 0, 0\)$|^transparent$/.test(style.backgroundColor);
  copy.style.setProperty("min-height", "100%");
  if (none(root) && !none(body)) copy.style.setProperty("background", body.background);
}
