// Function props: the component calls, Python answers. Ids are the page's own, because frames count from the start again.
import type { ToFrame } from "../runtime/messages";
import type { Source } from "./source";

/** Jupyter's server drops the kernel's connection at 10 MB. */
const MAX_SIZE = 4_000_000;

let last = 0;

export class Invocations {
  #waiting = new Map<number, number>();
  #post: (message: ToFrame) => void;

  constructor(post: (message: ToFrame) => void) {
    this.#post = post;
  }

  invoke(source: Source, id: unknown, name: unknown, args: unknown): void {
    if (typeof id !== "number" || typeof name !== "string" || !Array.isArray(args)) return;
    const refuse = (error: string) => this.#post({ type: "returned", id, error });
    if (!source.functions.includes(name)) {
      refuse(`There is no Python function for "${name}".`);
      return;
    }
    let text: string;
    try {
      text = JSON.stringify(args);
    } catch {
      refuse(`What "${name}" was called with cannot be sent to Python.`);
      return;
    }
    if (text.length > MAX_SIZE) {
      refuse(`What "${name}" was called with is too large to send to Python.`);
      return;
    }
    last += 1;
    this.#waiting.set(last, id);
    if (source.invoke(last, name, JSON.parse(text))) return;
    this.#waiting.delete(last);
    refuse("The kernel is not running: run the cell again.");
  }

  returned(id: number, value: unknown, error: string | undefined): void {
    const own = this.#waiting.get(id);
    if (own === undefined) return;
    this.#waiting.delete(id);
    this.#post(error === undefined ? { type: "returned", id: own, value } : { type: "returned", id: own, error });
  }

  /** The frame that asked is gone. */
  clear(): void {
    this.#waiting.clear();
  }
}
