/** Puck makes what can be dragged `position: relative`; what the app's style says otherwise is to stay. */
const KEPT = "data-overskill-position";

export function keepPosition(element: HTMLElement): void {
  const inline = element.style.position;
  if (inline === "relative") element.style.position = "";
  element.removeAttribute(KEPT);
  const { position } = getComputedStyle(element);
  if (inline === "relative") element.style.position = inline;
  if (/^(?:absolute|fixed|sticky)$/.test(position)) element.setAttribute(KEPT, position);
}
