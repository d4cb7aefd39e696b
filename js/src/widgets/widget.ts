// One anywidget model, from the page's point of view. It may have several views, one after another or at once.
import type { Target } from "../runtime/messages";
import type { FromKernel, Model, Report, ToEngine, ToKernel, Traits } from "./model";
import type { Source } from "./source";

export class Widget implements Source {
  #model: Model;

  constructor(
    model: Model,
    /** Aborts when the model goes. */
    readonly signal: AbortSignal,
  ) {
    this.#model = model;
  }

  get app(): string {
    return this.#model.get("app");
  }
  get name(): string {
    return this.#model.get("name");
  }
  get target(): Target {
    return this.#model.get("target");
  }
  get props(): Record<string, unknown> {
    return this.#model.get("props") ?? {};
  }
  get functions(): string[] {
    return this.#model.get("functions") ?? [];
  }
  get allow(): string[] {
    return this.#model.get("allow") ?? [];
  }
  get transport(): "server" | "comm" {
    return this.#model.get("transport");
  }

  /** Calls `listener` when the kernel at the other end went or came back; ipywidgets does not say which. */
  onKernel(listener: () => void, signal: AbortSignal): void {
    this.on("comm_live_update", listener, signal);
  }

  get<K extends keyof Traits>(name: K): Traits[K] {
    return this.#model.get(name);
  }

  save<K extends keyof Traits>(name: K, value: Traits[K]): void {
    this.#model.set(name, value);
    this.#model.save_changes();
  }

  // biome-ignore lint/suspicious/noExplicitAny: what a listener gets depends on the event's name.
  on(event: string, listener: (...args: any[]) => void, signal: AbortSignal): void {
    this.#model.on(event, listener);
    signal.addEventListener("abort", () => this.#model.off(event, listener));
  }

  onMessage(listener: (message: FromKernel) => void, signal: AbortSignal): void {
    this.on("msg:custom", listener, signal);
  }

  relay(message: ToEngine): boolean {
    return this.tell({ type: "overskill", message });
  }

  invoke(id: number, name: string, args: unknown[]): boolean {
    return this.tell({ type: "invoke", id, name, args });
  }

  report(report: Report): boolean {
    return this.tell({ type: "report", ...report });
  }

  /** False where no kernel is there. */
  tell(content: ToKernel): boolean {
    if (this.signal.aborted) return false;
    try {
      this.#model.send(content);
      return true;
    } catch {
      return false;
    }
  }
}
