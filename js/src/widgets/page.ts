// What there is once per notebook page: the widgets, the stages that show them, and the transports.
import { CommTransport } from "./comm_transport";
import { baseUrl, onTheme } from "./host";
import type { Model } from "./model";
import { SocketTransport } from "./socket_transport";
import { keyOf } from "./source";
import { Stage, type StageHost } from "./stage";
import type { Transport } from "./transport";
import { Widget } from "./widget";

class Page implements StageHost {
  #widgets = new Map<Model, Widget>();
  #stages = new Set<Stage>();
  #server: Transport | null = null;
  #comm = new CommTransport();

  constructor() {
    onTheme(() => {
      for (const stage of this.#stages) stage.themed();
    });
  }

  /** Shows a model in an element, in the frame that showed the same before where one is free. */
  show(model: Model, modelSignal: AbortSignal, el: HTMLElement, signal: AbortSignal): void {
    const widget = this.#widget(model, modelSignal);
    let stage = this.#free(keyOf(widget));
    if (!stage) {
      stage = new Stage(widget, this);
      this.#stages.add(stage);
    }
    stage.show(widget, el, signal);
  }

  /** For the tab that this page opened: the props of what it shows. */
  propsOf(key: string): Record<string, unknown> {
    return [...this.#widgets.values()].find((widget) => keyOf(widget) === key)?.props ?? {};
  }

  transport(kind: "server" | "comm"): Transport {
    const base = baseUrl();
    if (kind === "comm" || !base) return this.#comm;
    try {
      this.#server ??= new SocketTransport(base);
      return this.#server;
    } catch {
      // A host that refuses workers.
      return this.#comm;
    }
  }

  /** A stage lost its view. One is kept for the next view, the newest. */
  left(stage: Stage): void {
    for (const other of [...this.#stages]) {
      if (other !== stage && other.isFree && other.key === stage.key) this.lost(other);
    }
    if (stage.widget.signal.aborted) this.#forget(stage.key);
  }

  lost(stage: Stage): void {
    if (this.#stages.delete(stage)) stage.destroy();
  }

  #widget(model: Model, signal: AbortSignal): Widget {
    let widget = this.#widgets.get(model);
    if (!widget) {
      widget = new Widget(model, signal);
      this.#widgets.set(model, widget);
      const key = keyOf(widget);
      signal.addEventListener("abort", () => {
        this.#widgets.delete(model);
        this.#forget(key);
      });
    }
    return widget;
  }

  #free(key: string): Stage | undefined {
    return [...this.#stages].find((stage) => stage.isFree && stage.key === key);
  }

  /** Without a widget of that key there is nobody to come back to a stage that is not shown. */
  #forget(key: string): void {
    if ([...this.#widgets.values()].some((widget) => keyOf(widget) === key)) return;
    for (const stage of [...this.#stages]) if (stage.isFree && stage.key === key) this.lost(stage);
  }
}

let instance: Page | null = null;

export function page(): Page {
  instance ??= new Page();
  return instance;
}
