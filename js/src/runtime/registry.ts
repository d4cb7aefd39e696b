/**
 * The module table. A module is a factory and an exports object; the object is filled in place whenever the factory
 * runs, so that importers which do not run again see the new values, as with the live bindings of ES modules.
 */
import type { Module } from "../protocol";
import { compile, type Factory } from "./factory";
import { emit, type Hot } from "./hot";
import { loopGuard } from "./loop";
import { register, signature } from "./refresh";
import { exportAll } from "./star";
import { styles } from "./styles";
import { staticDeps, waits } from "./waiting";

export type Exports = Record<string, unknown>;

export interface Entry {
  readonly id: string;
  readonly exports: Exports;
  module: Module;
  factory: Factory | null;
  status: "idle" | "running" | "ran";
  /** It threw when it last ran; whoever asked for it got that error. */
  failed: boolean;
  /** While it is being run asynchronously. */
  promise: Promise<void> | null;
  imported: Set<Entry>;
  importers: Set<Entry>;
  hot: Hot | null;
}

interface Hooks {
  hot(entry: Entry): Hot;
  /** A module was asked for by `import()`, and has run. */
  loaded(): void;
}

export class MissingModule extends Error {}

export class Registry {
  readonly #table = new Map<string, Entry>();
  readonly #provided = new Map<string, Exports>();
  readonly #replaced = new Map<string, Exports>();
  readonly #hooks: Hooks;
  readonly #lookup = (id: string) => this.#table.get(id);
  #asynchronous = 0;
  /** What the running update has changed, to take it back. */
  #saved: Map<Entry, (() => void) | null> | null = null;
  #removed: Entry[] = [];

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  get(id: string): Entry | undefined {
    return this.#table.get(id);
  }

  ids(): Iterable<string> {
    return this.#table.keys();
  }

  provide = (specifier: string, namespace: Exports): void => {
    this.#provided.set(specifier, namespace);
  };

  provided = (specifier: string): Exports => {
    const namespace = this.#provided.get(specifier);
    if (!namespace) throw new MissingModule(`The package '${specifier}' is not there`);
    return namespace;
  };

  has(specifier: string): boolean {
    return this.#provided.has(specifier);
  }

  /** What the app's own modules get in place of a package; other packages still get the package. */
  replace(specifier: string, namespace: Exports): void {
    this.#replaced.set(specifier, namespace);
  }

  /** Takes a module's new version; true where importers have to know, which a changed stylesheet alone is not. */
  define(module: Module): boolean {
    const known = this.#table.get(module.id);
    if (!known) {
      const exports = Object.create(null, { [Symbol.toStringTag]: { value: "Module" } }) as Exports;
      const entry: Entry = {
        ...{ id: module.id, exports, module, factory: null, status: "idle", failed: false, promise: null },
        ...{ imported: new Set(), importers: new Set(), hot: null },
      };
      this.#table.set(module.id, entry);
      if (module.is_async) this.#asynchronous += 1;
      this.#saved?.set(entry, null);
      return false;
    }
    const before = known.module;
    const same = before.code === module.code && before.is_async === module.is_async && sameDeps(before, module);
    this.save(known);
    known.module = module;
    if (module.css !== before.css && known.status === "ran" && module.css !== null) styles.set(module.id, module.css);
    if (same) return false;
    if (before.is_async !== module.is_async) this.#asynchronous += module.is_async ? 1 : -1;
    known.factory = null;
    return known.status === "ran" || known.failed;
  }

  remove(id: string): void {
    const entry = this.#table.get(id);
    if (!entry) return;
    this.save(entry);
    this.#removed.push(entry);
    this.#table.delete(id);
    if (entry.module.is_async) this.#asynchronous -= 1;
    this.#unlink(entry);
    styles.remove(id);
  }

  /** Marks a module so that the next request for it runs its factory. */
  expire(entry: Entry): void {
    this.save(entry);
    entry.status = "idle";
    entry.promise = null;
  }

  // Updates are all or nothing.

  begin(): void {
    this.#saved = new Map();
    this.#removed = [];
  }

  commit(): void {
    const removed = this.#removed;
    this.#saved = null;
    this.#removed = [];
    if (removed.length) emit("vite:beforePrune", { type: "prune", paths: removed.map(({ id }) => id) });
    for (const { hot } of removed) hot?.prune();
  }

  rollback(): void {
    const saved = this.#saved;
    this.#saved = null;
    if (!saved) return;
    for (const entry of this.#removed) this.#table.set(entry.id, entry);
    for (const [entry, restore] of saved) {
      if (restore) restore();
      else {
        this.#unlink(entry);
        this.#table.delete(entry.id);
        styles.remove(entry.id);
      }
    }
    this.#removed = [];
    this.#asynchronous = 0;
    for (const entry of this.#table.values()) if (entry.module.is_async) this.#asynchronous += 1;
  }

  save(entry: Entry): void {
    if (!this.#saved || this.#saved.has(entry)) return;
    const { module, factory, status, failed, imported, hot } = entry;
    const exports = Object.getOwnPropertyDescriptors(entry.exports);
    const importers = new Set(entry.importers);
    this.#saved.set(entry, () => {
      for (const dep of entry.imported) if (!imported.has(dep)) dep.importers.delete(entry);
      Object.assign(entry, { module, factory, status, failed, imported, hot, promise: null });
      for (const dep of imported) dep.importers.add(entry);
      for (const importer of importers) if (importer.imported.has(entry)) entry.importers.add(importer);
      for (const key of Object.keys(entry.exports)) delete entry.exports[key];
      Object.defineProperties(entry.exports, exports);
      hot?.resume();
      if (status !== "ran") styles.remove(entry.id);
      else if (module.css !== null) styles.set(entry.id, module.css);
    });
  }

  // Running.

  /** A module's namespace. Runs it, and before it what it imports, unless that was done. */
  require(id: string): Exports {
    const entry = this.#table.get(id);
    if (!entry) throw new MissingModule(`The module '${id}' is not there`);
    if (entry.status === "idle" && !entry.promise) void this.#run(entry);
    return entry.exports;
  }

  /** As `require`, and waits where a module below awaits at its top level. */
  load(id: string): Promise<void> | undefined {
    const entry = this.#table.get(id);
    if (entry && this.#asynchronous > 0 && waits(entry, this.#lookup)) return this.#loadLater(entry, new Set());
    this.require(id);
    return undefined;
  }

  #run(entry: Entry): Promise<void> | undefined {
    const { module } = entry;
    this.save(entry);
    this.#unlink(entry);
    entry.hot?.leave();
    for (const key of Object.keys(entry.exports)) delete entry.exports[key];
    entry.status = "running";
    entry.hot = this.#hooks.hot(entry);
    try {
      const factory = entry.factory ?? this.#compile(entry);
      if (module.css !== null) styles.set(entry.id, module.css);
      const done = factory(
        (specifier: string) => this.#import(entry, specifier),
        entry.exports,
        (from: Exports) => exportAll(entry.exports, from),
        this.#meta(entry),
        (specifier: string) => this.#dynamicImport(entry, String(specifier)),
        (type: unknown, name: string) => register(type, `${entry.id} ${name}`),
        signature,
        loopGuard(),
      );
      if (done) {
        return done.then(
          () => this.#finish(entry),
          (error) => fail(entry, error),
        );
      }
      this.#finish(entry);
    } catch (error) {
      fail(entry, error);
    }
    return undefined;
  }

  #compile(entry: Entry): Factory {
    entry.factory = compile(entry.module);
    return entry.factory;
  }

  #finish(entry: Entry): void {
    entry.status = "ran";
    entry.failed = false;
    for (const key of Object.keys(entry.exports)) {
      try {
        register(entry.exports[key], `${entry.id} export ${key}`);
      } catch {
        // A binding of a module further up in a circle that has not run yet.
      }
    }
  }

  #import(from: Entry, specifier: string): Exports {
    const target = from.module.deps[specifier] ?? specifier;
    const entry = this.#table.get(target);
    if (entry) {
      from.imported.add(entry);
      entry.importers.add(from);
      return entry.status === "idle" && !entry.promise ? this.require(target) : entry.exports;
    }
    if (target.startsWith("npm:")) {
      const name = target.slice(4);
      return this.#replaced.get(name) ?? this.provided(name);
    }
    throw new MissingModule(`Cannot find '${specifier}', which ${from.id} imports`);
  }

  async #dynamicImport(from: Entry, specifier: string): Promise<Exports> {
    const target = from.module.deps[specifier] ?? specifier;
    const entry = this.#table.get(target);
    if (!entry) return this.#import(from, specifier);
    from.imported.add(entry);
    entry.importers.add(from);
    if (entry.status !== "ran") {
      await this.load(target);
      this.#hooks.loaded();
    }
    return entry.exports;
  }

  #meta(entry: Entry): Record<string, unknown> {
    const registry = this;
    return {
      url: `overskill:///${entry.id}`,
      hot: entry.hot?.api,
      get env() {
        return registry.#table.has("virtual:env") ? registry.require("virtual:env").default : {};
      },
    };
  }

  #unlink(entry: Entry): void {
    for (const dep of entry.imported) dep.importers.delete(entry);
    entry.imported = new Set();
  }

  // Asynchronous modules.

  async #loadLater(entry: Entry, above: Set<Entry>): Promise<void> {
    if (entry.status === "ran" || above.has(entry)) return;
    if (entry.promise) return entry.promise;
    const path = new Set(above).add(entry);
    const run = async () => {
      for (const dep of staticDeps(entry, this.#lookup)) {
        if (waits(dep, this.#lookup)) await this.#loadLater(dep, path);
      }
      await this.#run(entry);
    };
    const promise = run().finally(() => {
      if (entry.promise === promise) entry.promise = null;
    });
    entry.promise = promise;
    return promise;
  }
}

function fail(entry: Entry, error: unknown): never {
  entry.status = "idle";
  entry.failed = true;
  throw error;
}

function sameDeps({ deps: a }: Module, { deps: b }: Module): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
