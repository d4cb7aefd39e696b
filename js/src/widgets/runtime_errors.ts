// Errors that the frame reported, mapped to the sources by the engine.
import type { Diagnostic } from "../protocol";
import type { RawError } from "../runtime/messages";
import type { State } from "./state";
import type { Store } from "./store";

const MAX = 20;
/** An error that is not mapped by then is shown as it is, and replaced later. */
const PATIENCE = 400;
/** How long whoever asks for all errors waits for that; more than the above. */
const TRACING = 1000;
const KINDS: Diagnostic["kind"][] = ["module", "render", "runtime", "network", "internal", "css", "resolve"];

export type Trace = (error: RawError) => Promise<Diagnostic>;

export class RuntimeErrors {
  #store: Store<State>;
  #trace: Trace;
  #generation = 0;
  #seen = new Set<string>();
  #adding = new Set<Promise<void>>();

  constructor(store: Store<State>, trace: Trace) {
    this.#store = store;
    this.#trace = trace;
  }

  /** Ends when what was added is shown with its place in the sources, or that takes too long. */
  async settled(): Promise<void> {
    const late = new Promise((resolve) => setTimeout(resolve, TRACING));
    await Promise.race([Promise.allSettled(this.#adding), late]);
  }

  add(raw: Partial<RawError> | undefined): void {
    const adding = this.#add(raw).finally(() => this.#adding.delete(adding));
    this.#adding.add(adding);
  }

  async #add(raw: Partial<RawError> | undefined): Promise<void> {
    const error: RawError = {
      kind: KINDS.find((kind) => kind === raw?.kind) ?? "runtime",
      message: String(raw?.message ?? "Unknown error").slice(0, 10_000),
      stack: String(raw?.stack ?? "").slice(0, 20_000),
    };
    const key = `${error.kind}\n${error.message}\n${error.stack}`;
    if (this.#seen.has(key)) return this.#again(key);
    if (this.#seen.size >= MAX) return;
    this.#seen.add(key);
    const generation = this.#generation;
    const traced = this.#trace(error).catch(() => plain(error));
    const slow = setTimeout(() => this.#show(generation, key, plain(error)), PATIENCE);
    const diagnostic = await traced;
    clearTimeout(slow);
    this.#show(generation, key, diagnostic);
  }

  /** Known already: what did not come from the frame. */
  addDiagnostic(diagnostic: Diagnostic): void {
    const key = `${diagnostic.kind}\n${diagnostic.message}`;
    if (this.#seen.has(key)) {
      this.#again(key);
      return;
    }
    if (this.#seen.size >= MAX) return;
    this.#seen.add(key);
    this.#show(this.#generation, key, diagnostic);
  }

  clear(): void {
    this.#generation += 1;
    this.#seen.clear();
    this.#store.set({ errors: [], kept: false, dismissed: false });
  }

  #again(key: string): void {
    const { errors } = this.#store.value;
    if (!errors.some((error) => error.key === key)) return;
    this.#store.set({ errors: errors.map((e) => (e.key === key ? { ...e, count: Math.min(e.count + 1, 9999) } : e)) });
  }

  #show(generation: number, key: string, diagnostic: Diagnostic): void {
    if (generation !== this.#generation) return;
    const { errors } = this.#store.value;
    const known = errors.some((error) => error.key === key);
    this.#store.set({
      errors: known
        ? errors.map((error) => (error.key === key ? { ...error, diagnostic } : error))
        : [...errors, { key, diagnostic, count: 1 }],
      ...(known ? {} : { dismissed: false }),
    });
  }
}

function plain({ kind, message, stack }: RawError): Diagnostic {
  return { severity: "error", kind, message, location: null, frame: "", hint: "", stack };
}
