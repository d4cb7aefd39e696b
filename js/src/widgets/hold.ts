// Keeps a cleared output's height and place while its cell runs again, so that nothing jumps and the preview stays where
// it is. A block at the end of the output area stands in for the placeholder that went.
import { zoomOf } from "./box";

export class Hold {
  /** Lies where the placeholder lay. */
  readonly placeholder = document.createElement("div");
  #block = document.createElement("div");
  #area: HTMLElement;
  #offset: number;
  #observer: MutationObserver;

  /** `offset`: as `offsetIn` gave it for the placeholder. `changed`: the area holds something else now. */
  constructor(area: HTMLElement, offset: number, height: string, changed: () => void) {
    this.#area = area;
    this.#offset = offset;
    this.#block.className = "overskill-hold";
    this.#block.setAttribute("aria-hidden", "true");
    this.#block.style.cssText = "overflow-anchor:none;pointer-events:none";
    this.placeholder.style.height = height;
    this.#block.append(this.placeholder);
    area.append(this.#block);
    this.fit();
    this.#observer = new MutationObserver(() => {
      this.fit();
      changed();
    });
    this.#observer.observe(area, { childList: true, subtree: true });
  }

  /** New output above pushes the stand-in down only once it is taller than what was there. */
  fit(): void {
    const pending = pendingWidget(this.#area);
    const margin = pending ? `${-pending.offsetHeight}px` : "";
    if (this.#block.style.marginTop !== margin) this.#block.style.marginTop = margin;
    const padding = `${Math.max(0, this.#offset - offsetIn(this.#area, this.#block))}px`;
    if (this.#block.style.paddingTop !== padding) this.#block.style.paddingTop = padding;
  }

  remove(): void {
    this.#observer.disconnect();
    this.#block.remove();
  }
}

/** How far an element begins below its cell's input; below the output area's own top where there is no such thing. */
export function offsetIn(area: HTMLElement, element: HTMLElement): number {
  const input = area.closest(".jp-Cell")?.querySelector<HTMLElement>(".jp-Cell-inputWrapper");
  const { top } = element.getBoundingClientRect();
  const origin =
    input && input.offsetHeight > 0 ? input.getBoundingClientRect().bottom : area.getBoundingClientRect().top;
  return (top - origin) / zoomOf(element) + area.scrollTop;
}

/** A last output that is a widget's, still being made: the next placeholder, most likely, so it takes no room yet. */
function pendingWidget(area: HTMLElement): HTMLElement | null {
  const last = [...area.querySelectorAll<HTMLElement>(":scope > .jp-OutputArea-child")].at(-1);
  const output = last?.querySelector(":scope > .jp-OutputArea-output.lm-Panel");
  return last && output && !output.firstElementChild?.firstElementChild ? last : null;
}
