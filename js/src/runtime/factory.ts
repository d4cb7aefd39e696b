/** From the text of a module to its factory: through a script element, whose `sourceURL` names it in stacks. */
import type { Module } from "../protocol";
import type { EditorFactory } from "./editor";
import type { LoopGuard } from "./loop";
import { virtualPlaces } from "./places";

export type Factory = (
  load: (specifier: string) => unknown,
  exports: object,
  exportAll: (from: Record<string, unknown>) => void,
  meta: object,
  dynamicImport: (specifier: string) => Promise<unknown>,
  refreshReg: (type: unknown, name: string) => void,
  refreshSig: () => unknown,
  loop: LoopGuard,
) => undefined | Promise<void>;

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

let defined: Factory | Packages | EditorFactory | null = null;

/** `__overskill__.define`: how a script hands its function over. */
export function define(_id: string, factory: Factory | Packages | EditorFactory): void {
  defined = factory;
}

/** The wrapper takes one line, so that a stack's line is the code's line + 1. */
export function compile({ id, code, hash, is_async, map }: Module): Factory {
  const head = `__overskill__.define(${JSON.stringify(id)},(location=>(${is_async ? "async " : ""}function(${NAMES}){"use strict";`;
  const name = `//# sourceURL=overskill:///${hash}/${encodeURI(id)}`;
  const back = map ? `\n//# sourceMappingURL=${map}` : "";
  run(`${head}\n${virtualPlaces(code)}\n}))(__overskill__.location))\n${name}${back}`);
  const factory = defined as Factory | null;
  defined = null;
  if (!factory) throw new SyntaxError(`The module '${id}' could not be parsed`);
  return factory;
}

export type Packages = (location: unknown) => void;

/** From the text of a chunk of packages, or its bytes, which are ASCII, to what registers them. */
export function compilePackages(code: string | Uint8Array): Packages {
  run(typeof code === "string" ? code : new TextDecoder("latin1").decode(code));
  const packages = defined as Packages | null;
  defined = null;
  if (!packages) throw new SyntaxError("The app's packages could not be parsed");
  return packages;
}

/** From the editor's code to the function that gives it its packages. */
export function compileEditor(code: Uint8Array): EditorFactory {
  run(new TextDecoder().decode(code));
  const editor = defined as EditorFactory | null;
  defined = null;
  if (!editor) throw new SyntaxError("The editor's code could not be parsed");
  return editor;
}

/** Runs a classic script now. What it throws goes to the window's `error` event. */
function run(code: string): void {
  const script = document.createElement("script");
  script.textContent = code;
  document.head.append(script);
  script.remove();
}
