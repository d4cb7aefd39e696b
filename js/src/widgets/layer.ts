// The previews that lie over one notebook's scroller. They are measured together: when one grows, those below it move.

export interface Layered {
  measure(): void;
  place(): void;
}

const layers = new WeakMap<HTMLElement, Layer>();

export class Layer {
  #members = new Set<Layered>();
  #resize = new ResizeObserver(() => this.update());
  #mutation = new MutationObserver(() => this.update());

  static of(scroller: HTMLElement): Layer {
    let layer = layers.get(scroller);
    if (!layer) {
      layer = new Layer(scroller);
      layers.set(scroller, layer);
    }
    return layer;
  }

  private constructor(readonly scroller: HTMLElement) {
    if (getComputedStyle(scroller).position === "static") scroller.style.position = "relative";
  }

  add(member: Layered): void {
    if (this.#members.size === 0) this.#observe();
    this.#members.add(member);
  }

  delete(member: Layered): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#resize.disconnect();
    this.#mutation.disconnect();
  }

  /** All measures first, then all writes: one layout. */
  update(): void {
    for (const member of this.#members) member.measure();
    for (const member of this.#members) member.place();
  }

  /** Cells come, go and move, and their sizes change: seen before the next paint. */
  #observe(): void {
    const cells = this.scroller.querySelector<HTMLElement>(".jp-WindowedPanel-viewport") ?? this.scroller;
    this.#resize.observe(this.scroller);
    this.#resize.observe(cells);
    // The style is where JupyterLab's windowing keeps the position of all cells.
    this.#mutation.observe(cells, { childList: true, attributes: true, attributeFilter: ["style"] });
  }
}
