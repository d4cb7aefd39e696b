// The bare prototype's compiler: oxc twice, and a graph just good enough for the app that is measured.
import fs from "node:fs";
import path from "node:path";
import esbuild from "esbuild";
import { moduleRunnerTransformSync, transformSync } from "oxc-transform";

const JSX = { runtime: "automatic", development: true, refresh: true };
const EXTENSIONS = [".tsx", ".ts"];
const PACKAGES = ["react", "react-dom", "react-dom/client", "react/jsx-runtime", "react/jsx-dev-runtime"];

function compile(id, source) {
  const plain = transformSync(id, source, { jsx: JSX });
  if (plain.errors.length) throw new Error(plain.errors.map((error) => error.codeframe).join("\n"));
  const module = moduleRunnerTransformSync(id, plain.code);
  return { code: module.code.replaceAll("= await __vite_ssr_import__(", "= __vite_ssr_import__("), deps: module.deps };
}

export class Graph {
  modules = new Map();

  constructor(root) {
    this.root = root;
  }

  /** Compiles a source, and what it imports that is not known yet. */
  set(id, source, compiled = []) {
    if (id.endsWith(".css")) {
      const module = { id, code: "", deps: {}, source: "" };
      this.modules.set(id, module);
      return [...compiled, module];
    }
    const { code, deps } = compile(id, source);
    const module = { id, code, deps: {}, source };
    this.modules.set(id, module);
    compiled.push(module);
    for (const specifier of deps) {
      const target = this.#resolve(specifier, id);
      module.deps[specifier] = target;
      if (!specifier.startsWith(".") || this.modules.has(target)) continue;
      this.set(target, fs.readFileSync(path.join(this.root, target), "utf8"), compiled);
    }
    return compiled;
  }

  #resolve(specifier, importer) {
    if (!specifier.startsWith(".")) return specifier;
    const base = path.posix.join(path.posix.dirname(importer), specifier);
    const known = ["", ...EXTENSIONS].map((extension) => base + extension);
    const found = known.find((id) => this.modules.has(id)) ?? known.find((id) => this.#isFile(id));
    if (!found) throw new Error(`${importer} imports ${specifier}, which is not there`);
    return found;
  }

  #isFile(id) {
    return fs.statSync(path.join(this.root, id), { throwIfNoEntry: false })?.isFile() ?? false;
  }
}

const PARAMETERS = [
  "__vite_ssr_import__",
  "__vite_ssr_exports__",
  "__vite_ssr_exportAll__",
  "__vite_ssr_import_meta__",
  "__vite_ssr_dynamic_import__",
  "$RefreshReg$",
  "$RefreshSig$",
];

/** The script that defines a module in the page. */
export function script({ id, deps, code }) {
  const factory = `(function(${PARAMETERS}){"use strict";${code}\n})`;
  return `__hmr.define(${JSON.stringify(id)},${JSON.stringify(deps)},${factory});\n//# sourceURL=/${id}`;
}

function bundle(contents) {
  const { outputFiles } = esbuild.buildSync({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: "iife",
    define: { "process.env.NODE_ENV": '"development"' },
  });
  return outputFiles[0].text;
}

export function vendor() {
  const uses = PACKAGES.map((id, i) => `import * as m${i} from '${id}'; __hmr.external('${id}', m${i});`);
  return {
    refresh: bundle(
      "import * as all from 'react-refresh/runtime'; const runtime = all.default ?? all;" +
        "runtime.injectIntoGlobalHook(window); window.__refresh = runtime;",
    ),
    deps: bundle(uses.join("\n")),
  };
}
