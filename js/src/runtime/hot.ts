/** `import.meta.hot`, as Vite documents it. */
import type { Entry, Exports } from "./registry";

type Data = Record<string, unknown>;
type Accept = (module: Exports) => void;
type AcceptDeps = (modules: (Exports | undefined)[]) => void;
type Listener = (payload: unknown) => void;

interface AcceptedDeps {
  ids: string[];
  callback: AcceptDeps;
}

const data = new Map<string, Data>();
const listeners = new Map<string, Set<Listener>>();

/** Tells the listeners of all modules. */
export function emit(event: string, payload: unknown): void {
  const all = listeners.get(event);
  if (all) for (const listener of [...all]) attempt(() => listener(payload));
}

/** A handler's failure is its own: the update goes on. */
function attempt(call: () => void): void {
  try {
    call();
  } catch (error) {
    reportError(error);
  }
}

/** One module's handlers, of one run of the module. */
export class Hot {
  readonly api: object;
  #entry: Entry;
  #self: Accept[] | null = null;
  #deps: AcceptedDeps[] = [];
  #dispose: ((data: Data) => void)[] = [];
  #prune: ((data: Data) => void)[] = [];
  #listening: [string, Listener][] = [];

  constructor(entry: Entry, invalidate: (entry: Entry) => void) {
    this.#entry = entry;
    this.api = {
      get data() {
        return dataOf(entry.id);
      },
      accept: (deps?: string | readonly string[] | Accept, callback?: Accept | AcceptDeps) => {
        if (deps === undefined || typeof deps === "function") {
          this.#self ??= [];
          if (deps) this.#self.push(deps);
        } else this.#acceptDeps(deps, callback);
      },
      acceptExports: (_names: string | readonly string[], callback?: Accept) => {
        this.#self ??= [];
        if (callback) this.#self.push(callback);
      },
      dispose: (callback: (data: Data) => void) => void this.#dispose.push(callback),
      prune: (callback: (data: Data) => void) => void this.#prune.push(callback),
      // Nothing, as in Vite, where it is there for code of before `invalidate`.
      decline: () => {},
      invalidate: (message?: string) => {
        emit("vite:invalidate", { path: entry.id, message, firstInvalidatedBy: entry.id });
        console.debug(`invalidate ${entry.id}${message ? `: ${message}` : ""}`);
        invalidate(entry);
      },
      on: (event: string, listener: Listener) => {
        let all = listeners.get(event);
        if (!all) {
          all = new Set();
          listeners.set(event, all);
        }
        all.add(listener);
        this.#listening.push([event, listener]);
      },
      off: (event: string, listener: Listener) => void listeners.get(event)?.delete(listener),
      // There is no development server to send anything to.
      send: () => {},
    };
  }

  get accepts(): boolean {
    return this.#self !== null;
  }

  acceptsDep(id: string): boolean {
    return this.#deps.some(({ ids }) => ids.includes(id));
  }

  /** The module has run again by itself. */
  accepted(callbacks: readonly Accept[], exports: Exports): void {
    for (const callback of callbacks) attempt(() => callback(exports));
  }

  /** What `accepted` is to call: the handlers of the version before, as in Vite. */
  get callbacks(): readonly Accept[] {
    return this.#self ?? [];
  }

  /** Modules that this one accepts have run again. */
  acceptedDeps(changed: ReadonlySet<string>, exportsOf: (id: string) => Exports | undefined): void {
    for (const { ids, callback } of this.#deps) {
      if (!ids.some((id) => changed.has(id))) continue;
      attempt(() => callback(ids.map((id) => (changed.has(id) ? exportsOf(id) : undefined))));
    }
  }

  /** Before the module runs again, or goes. */
  leave(): void {
    for (const callback of this.#dispose) attempt(() => callback(dataOf(this.#entry.id)));
    this.#forget();
  }

  prune(): void {
    this.leave();
    for (const callback of this.#prune) attempt(() => callback(dataOf(this.#entry.id)));
    data.delete(this.#entry.id);
  }

  /** After a failed update the old version is back, and listens again. */
  resume(): void {
    for (const [event, listener] of this.#listening) listeners.get(event)?.add(listener);
  }

  #forget(): void {
    for (const [event, listener] of this.#listening) listeners.get(event)?.delete(listener);
  }

  #acceptDeps(deps: string | readonly string[], callback?: Accept | AcceptDeps): void {
    const single = typeof deps === "string";
    const ids = (single ? [deps] : deps).map((dep) => this.#entry.module.deps[dep] ?? dep);
    this.#deps.push({
      ids,
      callback: single
        ? ([module]) => module && (callback as Accept)?.(module)
        : ((callback as AcceptDeps) ?? (() => {})),
    });
  }
}

function dataOf(id: string): Data {
  let kept = data.get(id);
  if (!kept) {
    kept = {};
    data.set(id, kept);
  }
  return kept;
}
