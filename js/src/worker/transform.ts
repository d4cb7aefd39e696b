/** One script to one factory body: types and JSX away, Fast Refresh in, imports to calls of the registry. */
import { createHash } from "node:crypto";
import { Script } from "node:vm";
import { splice } from "./css";
import { diagnostic, diagnosticAt, fromBytes, Problem } from "./diagnostics";
import type { Settings } from "./settings";
import { Rewritten, type Span } from "./spans";
import { type OxcError, oxc, type SourceMap } from "./tools";

export interface Compiled {
  code: string;
  isAsync: boolean;
  /** Static and dynamic specifiers as written. */
  specifiers: string[];
  /** Names that the module takes from each static import; null where it takes them all. */
  imported: Map<string, string[] | null>;
  exports: string[];
  /** Specifiers of `export * from`. */
  stars: string[];
  maps: Maps;
}

/** From the code to what oxc made first, and from that to the source. Composed when an error is traced. */
export interface Maps {
  source: string;
  first: SourceMap;
  /** What was changed between the two. */
  rewritten: Rewritten | null;
  second: SourceMap;
  /** What was changed in the source before anything else. */
  edited?: Rewritten | null;
}

/** What to change in the script between the two steps: globs, asset addresses, loops. */
export type Rewrite = (code: string) => Span[];

/** `edits` are compiled in place of what they replace in the source. */
export function transform(
  id: string,
  source: string,
  settings: Settings,
  rewrite: Rewrite,
  edits: readonly Span[] = [],
): Compiled {
  const lang = language(id);
  const text = edits.length ? splice(source, edits) : source;
  const first = oxc().transformSync(id, text, options(lang, text, settings));
  if (first.errors.some((e) => e.severity === "Error")) throw syntaxErrors(id, text, first.errors);
  const spans = rewrite(first.code);
  const code = spans.length ? splice(first.code, spans) : first.code;
  const second = oxc().moduleRunnerTransformSync("module.js", code, { sourcemap: true });
  if (second.errors.length) {
    throw new Problem(...second.errors.map((e) => diagnostic("syntax", `${id}: ${e.message}`)));
  }
  const head = readHead(second.code);
  const rest = second.code.slice(head.end);
  const isAsync = /\bawait\b/.test(rest) && awaitsAtTop(rest);
  return {
    code: isAsync
      ? second.code
      : head.text.replaceAll(" = await __vite_ssr_import__(", " = __vite_ssr_import__(") + rest,
    isAsync,
    specifiers: [...new Set([...second.deps, ...second.dynamicDeps])],
    imported: head.imported,
    exports: head.exports,
    stars: head.stars,
    maps: {
      source,
      first: lean(first.map!),
      rewritten: spans.length ? new Rewritten(first.code, spans) : null,
      second: lean(second.map!),
      edited: edits.length ? new Rewritten(source, edits) : null,
    },
  };
}

/** The sources' text is kept once, not in every map. */
function lean(map: SourceMap): SourceMap {
  return { version: 3, mappings: map.mappings, names: [], sources: [""] };
}

function language(id: string): "ts" | "tsx" | "jsx" {
  const path = id.split("?")[0]!;
  if (/\.[mc]?ts$/.test(path)) return "ts";
  return path.endsWith(".tsx") ? "tsx" : "jsx";
}

function options(lang: string, source: string, settings: Settings): Record<string, unknown> {
  const define: Record<string, string> = {};
  if (source.includes("process.env.NODE_ENV")) define["process.env.NODE_ENV"] = '"development"';
  for (const key in settings.define) if (source.includes(key.split(".")[0]!)) define[key] = settings.define[key]!;
  return {
    lang,
    sourceType: "module",
    sourcemap: true,
    jsx: {
      runtime: settings.jsxClassic ? "classic" : "automatic",
      development: true,
      refresh: true,
      ...(settings.jsxClassic ? {} : { importSource: settings.jsxImportSource }),
    },
    typescript: {
      onlyRemoveTypeImports: settings.keepUnusedImports,
      removeClassFieldsWithoutInitializer: !settings.useDefineForClassFields,
    },
    assumptions: { setPublicClassFields: !settings.useDefineForClassFields },
    decorator: { legacy: settings.experimentalDecorators, emitDecoratorMetadata: settings.emitDecoratorMetadata },
    // Only where there is something to replace: with any, oxc drops unused code as well.
    ...(Object.keys(define).length ? { define } : {}),
  };
}

export function syntaxErrors(id: string, source: string, errors: OxcError[]): Problem {
  const out = errors
    .filter((e) => e.severity === "Error")
    .slice(0, 10)
    .map((error) => {
      const label = error.labels[0];
      if (!label) return diagnostic("syntax", error.message, { hint: error.helpMessage ?? "" });
      const start = fromBytes(source, label.start);
      const length = fromBytes(source, label.end) - start;
      return diagnosticAt("syntax", error.message, id.split("?")[0]!, source, start, length, {
        hint: error.helpMessage ?? "",
      });
    });
  return new Problem(...out);
}

interface Head {
  /** Everything that the transform put first, as far as it was understood. */
  text: string;
  end: number;
  imported: Map<string, string[] | null>;
  exports: string[];
  stars: string[];
}

const SPACE = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*";|'(?:[^'\\\n]|\\.)*';)+/y;
const EXPORT = /Object\.defineProperty\(__vite_ssr_exports__, ("(?:[^"\\]|\\.)*"), \{[^}]*\}\n?[^}]*\}\);/y;
const IMPORT =
  /const (__vite_ssr_import_\d+__) = await __vite_ssr_import__\(("(?:[^"\\]|\\.)*")(?:, \{ importedNames: \[([^\]]*)\] \})?\);/y;
const STAR = /__vite_ssr_exportAll__\((__vite_ssr_import_\d+__)\);/y;

/**
 * Exports and imports are the first statements of what `moduleRunnerTransformSync` gives, and are read off there.
 * The first statement that is none of them ends the head, so that nothing the user wrote is mistaken for one.
 */
function readHead(code: string): Head {
  const head: Head = { text: "", end: 0, imported: new Map(), exports: [], stars: [] };
  const variables = new Map<string, string>();
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = head.end;
    const match = pattern.exec(code);
    if (match) head.end = pattern.lastIndex;
    return match;
  };
  for (;;) {
    next(SPACE);
    let match = next(EXPORT);
    if (match) {
      head.exports.push(JSON.parse(match[1]!) as string);
      continue;
    }
    match = next(IMPORT);
    if (match) {
      const specifier = JSON.parse(match[2]!) as string;
      variables.set(match[1]!, specifier);
      const names = match[3] === undefined ? null : (JSON.parse(`[${match[3]}]`) as string[]);
      const before = head.imported.get(specifier);
      head.imported.set(specifier, names && before ? [...before, ...names] : (names ?? before ?? null));
      continue;
    }
    match = next(STAR);
    if (!match) break;
    head.stars.push(variables.get(match[1]!) ?? "");
  }
  head.text = code.slice(0, head.end);
  return head;
}

/** A class's static block is the one place where `await` of any form is refused, except inside functions. */
function awaitsAtTop(code: string): boolean {
  try {
    new Script(`(class{static{${code}\n}})`);
    return false;
  } catch {
    return true;
  }
}

export function hashOf(...parts: string[]): string {
  const hash = createHash("sha1");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 16);
}
