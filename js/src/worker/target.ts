/** From what a person calls a component to the module and the export that it is. */
import { posix } from "node:path";
import type { App } from "./app";
import { compileScript } from "./compile";
import { appPath } from "./confine";
import { closest, type Diagnostic, diagnostic, Problem } from "./diagnostics";
import { Graph } from "./graph";

export interface Target {
  module: string;
  export: string;
  diagnostics: Diagnostic[];
}

const EXTENSIONS = ["tsx", "jsx", "ts", "js"];
const SCRIPT = /\.(?:tsx|jsx|ts|js)$/;
const TEST = /\.(?:test|spec|stories|d)\.\w+$/;

/** A component's name, or a path in the app with an optional `#Export`. */
export function findTarget(app: App, target: string): Target {
  const [name, wanted] = target.split("#") as [string, string | undefined];
  if (/[/\\]/.test(name) || SCRIPT.test(name)) return byPath(app, name, wanted);
  const sources = app.project.files.walk("").filter((path) => SCRIPT.test(path) && !TEST.test(path));
  const module = byName(name, sources) ?? byExport(app, name, sources);
  if (!module) {
    const names = sources.filter((path) => /\.[tj]sx$/.test(path)).map(stem);
    const near = closest(
      name,
      names.filter((n) => /^[A-Z]/.test(n)),
    );
    return none(`There is no component ${name} in the app`, near ? `Did you mean ${near}?` : "");
  }
  return exportIn(app, module, wanted, wanted ?? name);
}

function byPath(app: App, name: string, wanted: string | undefined): Target {
  const path = appPath(app.project.files.root, name);
  if (path === null) return none(`${name} leads out of the app's folder`);
  const module = app.project.resolver.lookup(path);
  if (!module || !SCRIPT.test(module)) return none(`There is no component file ${name} in the app`);
  return exportIn(app, module, wanted, wanted ?? stem(module));
}

function stem(path: string): string {
  const name = posix.basename(path).replace(SCRIPT, "");
  return name === "index" ? posix.basename(posix.dirname(path)) : name;
}

function byName(name: string, sources: string[]): string | null {
  const all = new Set(sources);
  for (const extension of EXTENSIONS) {
    const path = `src/components/${name}.${extension}`;
    if (all.has(path)) return path;
  }
  const rank = (path: string) => (path.startsWith("src/") ? 0 : 10) + EXTENSIONS.indexOf(posix.extname(path).slice(1));
  const fits = (file: string) =>
    sources
      .filter((path) => EXTENSIONS.some((e) => path === `${file}.${e}` || path.endsWith(`/${file}.${e}`)))
      .sort((a, b) => rank(a) - rank(b) || a.length - b.length || (a < b ? -1 : 1))[0] ?? null;
  return fits(name) ?? fits(`${name}/index`);
}

function byExport(app: App, name: string, sources: string[]): string | null {
  const mentions = new RegExp(`(?<![\\w$])${name.replace(/\W/g, "\\$&")}(?![\\w$])`);
  for (const path of sources) {
    try {
      if (!mentions.test(app.project.files.text(path))) continue;
      if (exportsIn(app, path)?.includes(name)) return path;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }
  return null;
}

function exportsIn(app: App, path: string): string[] | null {
  const node = app.compiler.graph.get(path);
  const source = app.project.files.text(path);
  if (node?.output && node.source === source)
    return [...(app.compiler.graph.exportsOf(path) ?? node.output.exports ?? [])];
  return compileScript(new Graph().add(path, path, null, ""), source, app.project).output.exports;
}

function exportIn(app: App, module: string, wanted: string | undefined, name: string): Target {
  let exports: string[];
  try {
    exports = exportsIn(app, module) ?? [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // It does not compile yet; it may soon, and its name says what to expect.
    return { module, export: wanted ?? "default", diagnostics: error.diagnostics };
  }
  if (exports.includes(name)) return { module, export: name, diagnostics: [] };
  if (wanted !== undefined) {
    const near = closest(wanted, exports);
    return none(`${module} does not export ${wanted}`, near ? `Did you mean ${near}?` : "", module);
  }
  if (exports.includes("default")) return { module, export: "default", diagnostics: [] };
  const components = exports.filter((e) => /^[A-Z]/.test(e) && !/^[A-Z0-9_]+$/.test(e));
  if (components.length === 1) return { module, export: components[0]!, diagnostics: [] };
  const hint = components.length ? `It exports ${components.join(", ")}: add one after a #.` : "Export a component.";
  return none(`${module} has no export that is the component`, hint, module);
}

function none(message: string, hint = "", file = ""): Target {
  const location = file ? { file, line: 1, column: 1, length: 0 } : null;
  return { module: "", export: "", diagnostics: [diagnostic("resolve", message, { hint, location })] };
}
