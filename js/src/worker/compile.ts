/** One module of any kind to its output. Throws a `Problem`, or `MissingPackage`, where that fails. */
import { posix } from "node:path";
import { dataUrl, exportsOf, isAsset, jsonModule, literal } from "./assets";
import { diagnostic, diagnosticAt, Problem } from "./diagnostics";
import { type Files, folderOf, readLimited } from "./files";
import type { GraphNode, Output } from "./graph";
import { parseJsonc } from "./literal";
import { packageName } from "./packages";
import type { Resolution, Resolver } from "./resolve";
import { type Expansions, rewrite } from "./rewrite";
import type { Settings } from "./settings";
import type { Span } from "./spans";
import { type Maps, transform } from "./transform";

export interface Context {
  files: Files;
  resolver: Resolver;
  settings: Settings;
}

export type ModuleKind = "script" | "style" | "other";

const SCRIPT = /\.(?:[mc]?[jt]s|[jt]sx)$/;

export function kindOf(node: GraphNode): ModuleKind {
  const path = node.path ?? node.file ?? node.id;
  const query = new URLSearchParams(node.query);
  if (query.has("raw") || query.has("url")) return "other";
  if (node.path === "index.html") return "script";
  if (/\.css$/i.test(path)) return "style";
  return SCRIPT.test(path) ? "script" : "other";
}

/** A script's output, and the maps back to its source. */
export function compileScript(
  node: GraphNode,
  source: string,
  context: Context,
  edits: readonly Span[] = [],
): { output: Output; maps: Maps } {
  const expansions: Expansions = { globs: [], watches: new Set() };
  const name = node.path === null ? node.id : node.path + (node.path === "index.html" ? node.query : "");
  const expand = (code: string) =>
    rewrite(code, {
      id: node.id,
      guard: node.path !== null,
      files: context.files,
      resolveGlob: (pattern) => globPath(pattern, node, context),
      urlOf: (specifier) => {
        const path = assetPath(specifier, node, context);
        return { code: `new URL(${JSON.stringify(dataUrl(path, context.files.bytes(path)))})`, path };
      },
      out: expansions,
    });
  const compiled = transform(name, source, context.settings, expand, edits);
  const resolutions = new Map<string, Resolution>();
  for (const specifier of compiled.specifiers) {
    resolutions.set(specifier, context.resolver.resolve(specifier, node.path ?? node.id));
  }
  const output: Output = {
    code: compiled.code,
    css: null,
    isAsync: compiled.isAsync,
    resolutions,
    imported: compiled.imported,
    exports: compiled.exports,
    stars: compiled.stars,
    watches: expansions.watches,
    globs: expansions.globs,
  };
  return { output, maps: compiled.maps };
}

export function globPath(pattern: string, node: GraphNode, context: Context): string {
  if (pattern.startsWith("/")) return posix.normalize(pattern).slice(1);
  if (pattern.startsWith("**")) return pattern;
  if (/^\.\.?\//.test(pattern)) return posix.join(folderOf(node.path ?? ""), pattern);
  // An alias in front of the pattern: resolve the part without wildcards.
  const fixed = /^[^*?{[(!]*\//.exec(pattern)?.[0] ?? "";
  const alias = context.settings.alias.find((a) => a.local && typeof a.find === "string" && fixed.startsWith(a.find));
  if (alias) return posix.join(alias.replacement, pattern.slice((alias.find as string).length));
  for (const [from, [to]] of context.settings.paths) {
    if (from.endsWith("/*") && to && pattern.startsWith(from.slice(0, -1))) {
      return posix.join(to.slice(0, -1), pattern.slice(from.length - 1));
    }
  }
  return posix.join(folderOf(node.path ?? ""), pattern);
}

export function assetPath(specifier: string, node: GraphNode, context: Context): string {
  const found = context.resolver.resolve(specifier, node.path ?? "");
  if (found.kind !== "file") throw notFound(found, specifier, node, context);
  return found.id;
}

function notFound(found: Resolution, specifier: string, node: GraphNode, context: Context): Problem {
  const message = found.kind === "failed" ? found.message : `Cannot find '${specifier}' imported by ${node.path}`;
  const hint = found.kind === "failed" ? found.hint : "";
  const text = node.path ? context.files.text(node.path) : "";
  const at = Math.max(0, text.indexOf(specifier));
  return new Problem(diagnosticAt("resolve", message, node.path ?? node.id, text, at, specifier.length, { hint }));
}

/** JSON, and files that become text or a data URL. */
export function compileOther(node: GraphNode, files: Files): Output {
  const query = new URLSearchParams(node.query);
  const shown = node.path ?? node.id;
  const bytes = () => (node.path !== null ? files.bytes(node.path) : readLimited(node.file!, node.id));
  const text = () => (node.path !== null ? files.text(node.path) : bytes().toString("utf8"));
  if (query.has("raw")) return plain(exportsOf({ default: literal(text()) }), ["default"]);
  const path = node.path ?? node.file!;
  refuseUnsupported(shown, path, query);
  if (/\.json5?$/i.test(path) && !query.has("url")) {
    const { code, exports } = jsonModule(readJson(shown, text()));
    return plain(code, exports);
  }
  return plain(exportsOf({ default: literal(dataUrl(path, bytes())) }), ["default"]);
}

/** Throws where a file is of a kind that neither previews nor builds load. */
export function refuseUnsupported(shown: string, path: string, query: URLSearchParams): void {
  if (query.has("worker") || query.has("sharedworker")) {
    throw unsupported(shown, "Web workers imported with ?worker are not supported");
  }
  if (query.has("react")) {
    throw unsupported(
      shown,
      "SVG components come from a Vite plugin, which is not run",
      "Import the SVG's address, or write it as a component.",
    );
  }
  if (/\.json5?$/i.test(path) && !query.has("url")) return;
  if (/\.(?:scss|sass|less|styl|stylus)$/i.test(path)) {
    const name = posix.extname(path).slice(1).toUpperCase();
    throw unsupported(shown, `${name} is not supported`, "Use plain CSS, which nests too, or Tailwind.");
  }
  if (/\.(?:vue|svelte|astro|mdx?|html)$/i.test(path) && !query.has("url")) {
    throw unsupported(shown, `${posix.extname(path)} files cannot be imported`);
  }
  if (!isAsset(path) && !query.has("url") && !query.has("inline")) {
    throw unsupported(
      shown,
      `There is no loader for ${posix.basename(path)}`,
      "Add ?raw for its text, ?url for its address.",
    );
  }
}

export function readJson(shown: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      if (shown.endsWith(".json5")) return parseJsonc(text);
    } catch {
      // Told below.
    }
    const { message, offset } = jsonError(text);
    throw new Problem(diagnosticAt("syntax", `${message} in JSON`, shown, text, offset, 1));
  }
}

/** Where JSON goes wrong; the engine's own message has the place in words only. */
function jsonError(text: string): { message: string; offset: number } {
  try {
    JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const position = /position (\d+)/.exec(message);
    if (position) return { message: message.replace(/ in JSON at.*$| \(line.*$/, ""), offset: Number(position[1]) };
    if (/end of JSON/.test(message)) return { message: "Unexpected end", offset: text.length };
    const quoted = /"(.)"|token '?(.)'?/.exec(message);
    return { message: "Unexpected token", offset: Math.max(0, text.indexOf(quoted?.[1] ?? quoted?.[2] ?? "")) };
  }
  return { message: "", offset: 0 };
}

function plain(code: string, exports: string[]): Output {
  return {
    code,
    css: null,
    isAsync: false,
    resolutions: new Map(),
    imported: new Map(),
    exports,
    stars: [],
    watches: new Set(),
    globs: [],
  };
}

function unsupported(file: string, message: string, hint = ""): Problem {
  return new Problem(diagnostic("file", message, { hint, location: { file, line: 1, column: 1, length: 0 } }));
}

/** Specifier to module id or `npm:` specifier, for the registry. */
export function depsOf(output: Output): Record<string, string> {
  const deps: Record<string, string> = {};
  for (const [specifier, resolution] of output.resolutions) {
    if (resolution.kind === "file" || resolution.kind === "package-file") deps[specifier] = resolution.id;
    else if (resolution.kind === "package" || resolution.kind === "missing") {
      deps[specifier] = `npm:${resolution.specifier}`;
    }
  }
  return deps;
}

/** The packages' scripts that a module needs. */
export function* packagesOf(output: Output | null | undefined): Iterable<string> {
  if (!output) return;
  for (const resolution of output.resolutions.values()) if (resolution.kind === "package") yield resolution.specifier;
}

export function missingIn(output: Output): { package: string; specifier: string; written: string }[] {
  const out: { package: string; specifier: string; written: string }[] = [];
  for (const [written, resolution] of output.resolutions) {
    if (resolution.kind === "missing") {
      out.push({ package: packageName(resolution.package), specifier: resolution.specifier, written });
    }
  }
  return out;
}
