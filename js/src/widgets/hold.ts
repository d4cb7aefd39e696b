// Keeps a cleared output's height and place while its cell runs again, so that nothing jumps and the preview stays where
// it is. A block at the end of the output area stands in for the placeholder that went.

export class Hold {
  /** Lies where the placeholder lay. */
  readonly placeholder = document.createElement("div");
  #block = document.createElement("div");
  #area: HTMLElement;
  #offset: number;
  #observer: MutationObserver;

  /** `offset`: how far below the area's top the placeholder began. `changed`: the area holds something else now. */
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
    const above = this.#block.offsetTop + this.#area.clientTop;
    const padding = `${Math.max(0, this.#offset - above)}px`;
    if (this.#block.style.paddingTop !== padding) this.#block.style.paddingTop = padding;
  }

  remove(): void {
    this.#observer.disconnect();
    this.#block.remove();
  }
}
