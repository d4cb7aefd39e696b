/**
 * What is changed in a script when it is compiled: what Vite expands, `import.meta.glob` and `new URL("./file",
 * import.meta.url)`, and loops.
 */
import { posix } from "node:path";
import { diagnostic, Problem } from "./diagnostics";
import { type Files, folderOf } from "./files";
import { matcher } from "./glob";
import { evaluate, type Node, parse, UNKNOWN, walk } from "./literal";
import { guardLoops, mayLoop } from "./loops";
import type { Span } from "./spans";

export interface Expansions {
  /** Patterns of globs: a new file that fits one means compiling the module again. */
  globs: ((path: string) => boolean)[];
  /** Files whose content went into the module. */
  watches: Set<string>;
}

interface Context {
  id: string;
  /** Whether loops get a guard. */
  guard: boolean;
  files: Files;
  resolveGlob(pattern: string): string;
  /** What stands for `new URL(specifier, import.meta.url)`, and the file that it names. */
  urlOf(specifier: string): { code: string; path: string } | null;
  /** Notes further changes; called for every node. */
  visit?(node: Node, spans: Span[]): void;
  out: Expansions;
}

/** What to change in plain JavaScript, in the order of the places. */
export function rewrite(code: string, context: Context): Span[] {
  const glob = code.includes("import.meta.glob");
  const url = /\bnew URL\([\s\S]*import\.meta\.url/.test(code);
  const loops = context.guard && mayLoop(code);
  if (!glob && !url && !loops && !context.visit) return [];
  const program = parse(code);
  const spans = loops ? guardLoops(program) : [];
  const imports: string[] = [];
  walk(glob || url || context.visit ? program : null, (node) => {
    context.visit?.(node, spans);
    if (node.type === "CallExpression" && isMeta(node.callee as Node, "glob")) {
      spans.push({ start: node.start, end: node.end, text: expand(node, context, imports) });
    } else if (node.type === "NewExpression" && (node.callee as Node).name === "URL") {
      const [path, base] = node.arguments as Node[];
      if (!path || !base || !isMeta(base, "url")) return;
      const specifier = evaluate(path);
      if (typeof specifier !== "string" || !/^[./]/.test(specifier)) return;
      const found = context.urlOf(specifier);
      if (!found) return;
      context.out.watches.add(found.path);
      spans.push({ start: node.start, end: node.end, text: found.code });
    }
  });
  if (imports.length) spans.unshift({ start: 0, end: 0, text: imports.join("") });
  // Stable: what stands at the same place stays in the order of the statements.
  return spans.sort((a, b) => a.start - b.start);
}

export function isMeta(node: Node | undefined, name: string): boolean {
  return (
    node?.type === "MemberExpression" &&
    (node.object as Node).type === "MetaProperty" &&
    (node.property as Node).name === name
  );
}

interface GlobOptions {
  eager?: boolean;
  import?: string;
  query?: string | Record<string, string>;
  as?: string;
  base?: string;
  exhaustive?: boolean;
}

function expand(node: Node, context: Context, imports: string[]): string {
  const [first, second] = (node.arguments as Node[]).map((a) => evaluate(a));
  const patterns = [first].flat();
  if (!patterns.every((p) => typeof p === "string")) {
    throw new Problem(
      diagnostic("syntax", `${context.id}: import.meta.glob takes literal patterns only`, {
        location: { file: context.id, line: 1, column: 1, length: 0 },
      }),
    );
  }
  const options = (second === UNKNOWN ? {} : (second ?? {})) as GlobOptions;
  const resolved = (patterns as string[]).map((p) => {
    const negated = p.startsWith("!");
    return { negated, pattern: context.resolveGlob(negated ? p.slice(1) : p) };
  });
  const include = resolved.filter((r) => !r.negated).map((r) => matcher(r.pattern));
  const exclude = resolved.filter((r) => r.negated).map((r) => matcher(r.pattern));
  const matches = (path: string) => include.some((m) => m(path)) && !exclude.some((m) => m(path));
  context.out.globs.push(matches);
  const paths = context.files.walk("").filter((path) => path !== context.id && matches(path));
  const query = queryOf(options);
  const relative = (patterns as string[]).every((p) => !/^!?\//.test(p));
  const entries = paths.map((path) => {
    const key = JSON.stringify(relative ? keyFrom(folderOf(context.id), path) : `/${path}`);
    const specifier = JSON.stringify(`/${path}${query}`);
    const wanted = options.import && options.import !== "*" ? JSON.stringify(options.import) : null;
    if (options.eager) {
      const name = `__overskill_glob_${imports.length}__`;
      imports.push(`import * as ${name} from ${specifier};`);
      return `${key}: ${wanted ? `${name}[${wanted}]` : name}`;
    }
    return `${key}: () => import(${specifier})${wanted ? `.then((m) => m[${wanted}])` : ""}`;
  });
  return `({ ${entries.join(", ")} })`;
}

function queryOf(options: GlobOptions): string {
  if (options.as) return `?${options.as}`;
  if (!options.query) return "";
  if (typeof options.query === "string") return options.query.startsWith("?") ? options.query : `?${options.query}`;
  return `?${new URLSearchParams(options.query)}`;
}

/** Keys are as the patterns are: relative to the importing file. */
function keyFrom(folder: string, path: string): string {
  const relative = posix.relative(folder, path);
  return relative.startsWith(".") ? relative : `./${relative}`;
}
