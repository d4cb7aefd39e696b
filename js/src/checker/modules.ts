/** Runs compiled modules and packages in a page, as the preview's registry does, once each. */
import vm from "node:vm";
import type { Module } from "../protocol";
import { loopGuard } from "./loop";
import type { Page } from "./page";

export type Exports = Record<string, unknown>;

const NAMES = [
  "__vite_ssr_import__",
  "__vite_ssr_exports__",
  "__vite_ssr_exportAll__",
  "__vite_ssr_import_meta__",
  "__vite_ssr_dynamic_import__",
  "$RefreshReg$",
  "$RefreshSig$",
  "__overskill_loop__",
].join();

/** Packages are megabytes: each text is parsed once for all checks. */
const parsed = new Map<string, vm.Script>();
const KEPT = 12;

function packageScript(id: string, code: string): vm.Script {
  let script = parsed.get(id);
  if (!script) {
    script = new vm.Script(code, { filename: `overskill:///vendor/${id}` });
    parsed.set(id, script);
    if (parsed.size > KEPT) parsed.delete(parsed.keys().next().value!);
  }
  return script;
}

export class Modules {
  private readonly provided = new Map<string, Exports>();
  private readonly modules = new Map<string, Module>();
  private readonly loaded = new Map<string, { exports: Exports; done: Promise<void> | null }>();

  constructor(private readonly page: Page) {
    const location = { href: "http://preview.localhost/" };
    page.__overskill__ = {
      location,
      define: (_: string, packages: (location: unknown) => void) => packages(location),
      provide: (specifier: string, namespace: Exports) => this.provided.set(specifier, namespace),
      provided: (specifier: string) => this.package(specifier),
    };
  }

  add(modules: Module[], vendor: { id: string; code: string }[]): void {
    for (const { id, code } of vendor) packageScript(id, code).runInContext(this.page);
    for (const module of modules) this.modules.set(module.id, module);
  }

  package(specifier: string): Exports {
    const found = this.provided.get(specifier);
    if (!found) throw new Error(`The package '${specifier}' is not there`);
    return found;
  }

  has(specifier: string): boolean {
    return this.provided.has(specifier);
  }

  /** A module's exports, once it ran. */
  async ran(id: string): Promise<Exports> {
    const exports = this.load(id);
    for (const { done } of [...this.loaded.values()]) if (done) await done;
    return exports;
  }

  private load(id: string): Exports {
    if (id.startsWith("npm:") && !this.modules.has(id)) return this.package(id.slice(4));
    const known = this.loaded.get(id);
    if (known) return known.exports;
    const module = this.modules.get(id);
    if (!module) throw new Error(`There is no module '${id}'`);
    const entry = { exports: {} as Exports, done: null as Promise<void> | null };
    this.loaded.set(id, entry);
    const { exports } = entry;
    const factory = vm.runInContext(
      `(${module.is_async ? "async " : ""}function(${NAMES}){"use strict";\n${module.code}\n})`,
      this.page,
      { filename: `overskill:///${module.hash}/${encodeURI(id)}` },
    ) as (...all: unknown[]) => unknown;
    const target = (specifier: string) => {
      const found = module.deps[specifier];
      if (found === undefined) throw new Error(`'${specifier}' is not there`);
      return this.load(found);
    };
    const star = (from: Exports) => {
      for (const key of Object.keys(from)) {
        if (key === "default" || key in exports) continue;
        Object.defineProperty(exports, key, { enumerable: true, configurable: true, get: () => from[key] });
      }
    };
    const meta = { url: `overskill:///${id}`, env: id === "virtual:env" ? {} : this.environment() };
    const result = factory(
      target,
      exports,
      star,
      meta,
      async (specifier: string) => target(specifier),
      () => undefined,
      () => (type: unknown) => type,
      loopGuard(),
    );
    if (module.is_async) entry.done = result as Promise<void>;
    return exports;
  }

  private environment(): unknown {
    return this.modules.has("virtual:env") ? this.load("virtual:env").default : {};
  }
}
