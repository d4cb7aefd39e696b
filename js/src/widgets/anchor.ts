// Keeps a stage over its placeholder in a cell's output. In JupyterLab and Notebook 7 the stage is a child of the notebook's
// scroller, so that it outlives the output (an iframe that is taken out of the document loses everything) and scrolls with
// the cells by itself. In other hosts it is put into the placeholder.
import { autoUpdate } from "@floating-ui/dom";
import { type Box, boxIn } from "./box";
import { Hold, offsetIn } from "./hold";
import { runState, scrollerOf } from "./host";
import { Layer, type Layered } from "./layer";

/** How long a stage stays where its output was cleared. */
const HOLD = 3000;
/** How long after its cell is done: an output that has not come by then does not come. */
const GRACE = 600;
const LOOK = 60;

export class Anchor implements Layered {
  #stage: HTMLElement;
  #placeholder: HTMLElement | null = null;
  #layer: Layer | null = null;
  #hold: Hold | null = null;
  #holdTimer: ReturnType<typeof setInterval> | undefined;
  #height = "0px";
  /** Where the placeholder was last: its output area, and how far below the area's top. */
  #area: HTMLElement | null = null;
  #offset = 0;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #box: Box | null = null;
  #stopFollowing: (() => void) | null = null;
  #followed: { watched: HTMLElement | null; shown: boolean } | null = null;
  #arrival: AbortController | null = null;

  constructor(stage: HTMLElement) {
    this.#stage = stage;
    stage.style.overflowAnchor = "none";
  }

  /** Lay the stage over this placeholder as soon as it is in the document. */
  attach(placeholder: HTMLElement): void {
    this.#placeholder = placeholder;
    placeholder.style.height = this.#height;
    this.#arrival?.abort();
    const arrival = new AbortController();
    this.#arrival = arrival;
    if (this.#arrive(arrival)) return;
    // The observer sees it before it is painted; the timer is for pages that are not painted at all.
    const observer = new ResizeObserver(() => this.#arrive(arrival));
    observer.observe(placeholder);
    const timer = setInterval(() => this.#arrive(arrival), 200);
    arrival.signal.addEventListener("abort", () => {
      observer.disconnect();
      clearInterval(timer);
    });
  }

  /** The output was cleared: stay, with the output's height, until there is a new placeholder, or none is to come. */
  hold(ended: () => void): void {
    this.#arrival?.abort();
    clearTimeout(this.#settling);
    this.#placeholder = null;
    const area = this.#area;
    const over = () => {
      this.#release();
      this.#follow(null);
      this.#hide();
      ended();
    };
    if (!this.#layer || !area?.isConnected || !this.#box) {
      this.#hide();
      // Whether the output was cleared or its cell deleted shows a little later.
      this.#holdTimer = setInterval(over, 0);
      return;
    }
    this.#release();
    this.#hold = new Hold(area, this.#offset, this.#height, () => this.#held());
    this.#layer.update();
    const began = performance.now();
    let done = 0;
    this.#holdTimer = setInterval(() => {
      const now = performance.now();
      // Not asked at once: Jupyter clears the output first and says later whether that was for a run.
      const state = runState(area);
      done = state === "done" ? done || now : 0;
      if (state === "cleared" || now - began > HOLD || (done && now - done > GRACE)) over();
    }, LOOK);
  }

  resize(height: number): void {
    this.#height = `${height}px`;
    if (this.#placeholder) this.#placeholder.style.height = this.#height;
    if (this.#hold) this.#hold.placeholder.style.height = this.#height;
    this.#layer?.update();
  }

  destroy(): void {
    this.#arrival?.abort();
    clearTimeout(this.#settling);
    this.#release();
    this.#stopFollowing?.();
    this.#layer?.delete(this);
    this.#stage.remove();
  }

  measure(): void {
    this.#hold?.fit();
    const target = this.#hold?.placeholder ?? this.#placeholder;
    this.#box = this.#layer && target ? boxIn(this.#layer.scroller, target) : null;
    this.#follow(this.#box && target);
    if (!this.#box || !target || this.#hold) return;
    this.#area = target.closest<HTMLElement>(".jp-OutputArea");
    if (!this.#area) return;
    // Not believed at once: while outputs are being cleared one by one, those that are left move up.
    const offset = offsetIn(this.#area, target);
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      if (!this.#hold) this.#offset = offset;
    }, LOOK);
  }

  place(): void {
    if (!this.#layer) return;
    if (!this.#box || this.#box.cut) {
      this.#hide();
      return;
    }
    const { left, top, width, zoom, clip } = this.#box;
    const style = this.#stage.style;
    const set = (name: "position" | "left" | "top" | "width" | "zoom" | "clipPath" | "visibility", value: string) => {
      if (style[name] !== value) style[name] = value;
    };
    set("position", "absolute");
    set("left", `${left}px`);
    set("top", `${top}px`);
    set("width", `${width}px`);
    set("zoom", zoom === 1 ? "" : String(zoom));
    set("clipPath", clip);
    set("visibility", "");
  }

  /** Out of sight with its size and state kept, and without a part in the scroller's height. */
  #hide(): void {
    if (!this.#layer) return;
    Object.assign(this.#stage.style, { position: "fixed", left: "0px", top: "0px", visibility: "hidden" });
  }

  #held(): void {
    if (this.#arrival && !this.#arrival.signal.aborted) this.#arrive(this.#arrival);
    this.#layer?.update();
  }

  #arrive(arrival: AbortController): boolean {
    const placeholder = this.#placeholder;
    if (arrival.signal.aborted || !placeholder?.isConnected) return false;
    arrival.abort();
    this.#release();
    const scroller = scrollerOf(placeholder);
    if (scroller) {
      const layer = Layer.of(scroller);
      if (layer !== this.#layer) this.#layer?.delete(this);
      this.#layer = layer;
      layer.add(this);
      if (this.#stage.parentNode !== scroller) move(this.#stage, scroller);
      layer.update();
      return true;
    }
    this.#layer?.delete(this);
    this.#layer = null;
    this.#stopFollowing?.();
    this.#followed = null;
    Object.assign(this.#stage.style, {
      position: "",
      left: "",
      top: "",
      width: "",
      zoom: "",
      clipPath: "",
      visibility: "",
    });
    placeholder.style.height = "";
    move(this.#stage, placeholder);
    return true;
  }

  #release(): void {
    clearInterval(this.#holdTimer);
    this.#hold?.remove();
    this.#hold = null;
  }

  /** Notices whatever moves the target without resizing its scroller or the cells. */
  #follow(target: HTMLElement | null): void {
    const watched = target ?? this.#placeholder;
    const key = { watched, shown: target !== null };
    if (key.watched === this.#followed?.watched && key.shown === this.#followed.shown) return;
    this.#stopFollowing?.();
    this.#stopFollowing = null;
    this.#followed = key;
    if (!watched) return;
    let update = () => {};
    if (target) {
      this.#stopFollowing = autoUpdate(target, this.#stage, () => update());
    } else {
      // Not shown now. When it is, its size changes from nothing.
      const observer = new ResizeObserver(() => update());
      observer.observe(watched);
      this.#stopFollowing = () => observer.disconnect();
    }
    // Not before: this is called in the middle of an update.
    update = () => this.#layer?.update();
  }
}

function move(stage: HTMLElement, parent: HTMLElement): void {
  const target = parent as HTMLElement & { moveBefore?(node: Node, before: Node | null): void };
  if (stage.isConnected && target.moveBefore) {
    try {
      target.moveBefore(stage, null);
      return;
    } catch {
      // Another document: the frame starts again.
    }
  }
  parent.append(stage);
}
