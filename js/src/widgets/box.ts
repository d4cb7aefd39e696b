// Where an element is, in the coordinates of the scroller's content, and which part of it may be seen.

export interface Box {
  left: number;
  top: number;
  width: number;
  /** How much larger than the scroller's own pixels the element's pixels are. */
  zoom: number;
  /** A clip-path, or "" where nothing is cut off. */
  clip: string;
  /** Nothing of it may be seen: it is scrolled out of an output area, or its cell is hidden. */
  cut: boolean;
}

/** Null where the element has no place: it is detached or collapsed. */
export function boxIn(scroller: HTMLElement, element: HTMLElement): Box | null {
  if (!element.isConnected || element.getClientRects().length === 0) return null;
  const rect = element.getBoundingClientRect();
  if (rect.width === 0) return null;
  const outer = scroller.getBoundingClientRect();
  const scale = zoomOf(scroller);
  const zoom = zoomOf(element) / scale;
  const clip = clipOf(scroller, element, rect, zoomOf(element));
  return {
    left: ((rect.left - outer.left) / scale - scroller.clientLeft + scroller.scrollLeft) / zoom,
    top: ((rect.top - outer.top) / scale - scroller.clientTop + scroller.scrollTop) / zoom,
    width: rect.width / scale / zoom,
    zoom,
    clip: clip ?? "",
    cut: clip === null,
  };
}

/** Notebooks can be zoomed, apart from the scroller around their cells. */
export function zoomOf(element: Element): number {
  return (element as Element & { currentCSSZoom?: number }).currentCSSZoom || 1;
}

/** What the elements between this one and the scroller leave of it to be seen; null where that is nothing. */
function clipOf(scroller: HTMLElement, element: HTMLElement, rect: DOMRect, scale: number): string | null {
  let { top, right, bottom, left } = rect;
  let node = element.parentElement;
  for (; node && node !== scroller; node = node.parentElement) {
    const { overflowX, overflowY, opacity } = getComputedStyle(node);
    // JupyterLab keeps an active cell that is scrolled out of sight like this.
    if (opacity === "0") return null;
    if (overflowX === "visible" && overflowY === "visible") continue;
    const around = node.getBoundingClientRect();
    top = Math.max(top, around.top);
    bottom = Math.min(bottom, around.bottom);
    left = Math.max(left, around.left);
    right = Math.min(right, around.right);
  }
  if (bottom <= top || right <= left) return rect.height === 0 ? "" : null;
  const cut = [top - rect.top, rect.right - right, rect.bottom - bottom, left - rect.left];
  if (cut.every((edge) => edge < 1)) return "";
  // An edge that nothing cuts keeps its shadow and focus ring.
  return `inset(${cut.map((edge) => `${edge < 1 ? -8 : edge / scale}px`).join(" ")})`;
}
