// Puts a view into a cell's output.
import { onTheme, type Theme } from "./host";
import type { Store } from "./store";

/** None of the notebook's business: it would run its shortcuts, and take the focus back to the active cell. */
const PRIVATE = ["keydown", "keypress", "keyup", "focusin", "focusout", "mousedown", "click", "dblclick"];

/** In an element of its own, for as long as the output lives. */
export function place<T extends { theme: Theme }>(
  el: HTMLElement,
  signal: AbortSignal,
  store: Store<T>,
  renderInto: (element: HTMLElement) => () => void,
): void {
  const element = document.createElement("div");
  element.className = "overskill-deployments";
  element.dataset.lmSuppressShortcuts = "true";
  for (const type of PRIVATE) element.addEventListener(type, (event) => event.stopPropagation());
  el.append(element);
  const unmount = renderInto(element);
  const stop = onTheme((now) => store.set({ theme: now } as Partial<T>));
  signal.addEventListener("abort", () => {
    stop();
    unmount();
    element.remove();
  });
}
