/** Runs compiled modules and vendor chunks in a realm of their own, as the preview's registry does. */
import vm from "node:vm";
import type { Module } from "../../src/protocol";

// biome-ignore lint/suspicious/noExplicitAny: what a module exports is known to its test only.
type Exports = any;

const NAMES = [
  "__vite_ssr_import__",
  "__vite_ssr_exports__",
  "__vite_ssr_exportAll__",
  "__vite_ssr_import_meta__",
  "__vite_ssr_dynamic_import__",
  "$RefreshReg$",
  "$RefreshSig$",
  "__overskill_loop__",
];

const GLOBALS = { console, setTimeout, clearTimeout, queueMicrotask, performance, URL, TextEncoder, AbortController };

/** Just enough of a page for packages that look at it when they load. */
const PAGE = `
  globalThis.window = globalThis.self = globalThis;
  const element = () => ({ style: {}, dataset: {}, setAttribute() {}, append() {}, appendChild() {} });
  globalThis.document = { createElement: element, documentElement: element(), head: element(), body: element(),
    addEventListener() {}, querySelector: () => null };
  globalThis.addEventListener = () => {};
  globalThis.navigator = { userAgent: "", platform: "" };
  globalThis.HTMLElement = globalThis.Element = globalThis.Node = class {};
`;

export class Registry {
  readonly registered: string[] = [];
  private readonly context = vm.createContext({ ...GLOBALS });
  private readonly provided = new Map<string, Exports>();
  private readonly modules = new Map<string, Module>();
  private readonly loaded = new Map<string, Exports | Promise<Exports>>();

  constructor() {
    vm.runInContext(PAGE, this.context);
    this.context.__overskill__ = {
      define: (_: string, packages: (location: unknown) => void) => packages({ href: "http://preview.localhost/" }),
      provide: (specifier: string, namespace: Exports) => this.provided.set(specifier, namespace),
      provided: (specifier: string) => {
        const found = this.provided.get(specifier);
        if (!found) throw new Error(`${specifier} is not provided`);
        return found;
      },
    };
  }

  add(content: { modules: Module[]; vendor: { id: string; code: string | null }[] }): void {
    for (const { id, code } of content.vendor) {
      vm.runInContext(code ?? "", this.context, { filename: `overskill:///vendor/${id}` });
    }
    for (const module of content.modules) {
      this.modules.set(module.id, module);
      this.loaded.delete(module.id);
    }
  }

  package(specifier: string): Exports {
    return this.context.__overskill__.provided(specifier);
  }

  load(id: string): Exports {
    if (id.startsWith("npm:") && !this.modules.has(id)) return this.package(id.slice(4));
    const known = this.loaded.get(id);
    if (known) return known;
    const module = this.modules.get(id);
    if (!module) throw new Error(`there is no module ${id}`);
    const exports: Exports = {};
    this.loaded.set(id, exports);
    const factory = vm.runInContext(
      `(${module.is_async ? "async " : ""}function(${NAMES.join()}){"use strict";\n${module.code}\n})`,
      this.context,
      { filename: `overskill:///${module.hash}/${id}` },
    );
    const target = (specifier: string) => {
      const found = module.deps[specifier];
      if (found === undefined) throw new Error(`${id} has no import ${specifier}`);
      return this.load(found);
    };
    const all = (from: Exports) => {
      for (const key of Object.keys(from)) {
        if (key === "default" || key in exports) continue;
        Object.defineProperty(exports, key, { enumerable: true, configurable: true, get: () => from[key] });
      }
    };
    const meta = { url: `overskill:///${id}`, env: id === "virtual:env" ? {} : this.environment() };
    const register = (_: unknown, name: string) => this.registered.push(`${id} ${name}`);
    const done = factory(
      target,
      exports,
      all,
      meta,
      async (s: string) => target(s),
      register,
      () => () => undefined,
      () => 1,
    );
    if (!module.is_async) return exports;
    const promise = (done as Promise<void>).then(() => exports);
    this.loaded.set(id, promise);
    return promise;
  }

  private environment(): Exports {
    return this.modules.has("virtual:env") ? this.load("virtual:env").default : {};
  }
}
