/** The parts of vite.config that matter to a preview, read from its text: it is never run. */
import { isAbsolute, relative, resolve } from "node:path";
import { evaluate, type Node, parse, propertyOf, UNKNOWN, walk } from "./literal";
import type { Settings } from "./settings";
import { oxc } from "./tools";

export interface Alias {
  /** A whole specifier, or what comes before a slash; or a pattern. */
  find: string | RegExp;
  /** A path in the app where `local`, else a specifier. */
  replacement: string;
  local: boolean;
}

export function readViteConfig(name: string, text: string, root: string, settings: Settings): void {
  const { code, errors } = oxc().transformSync(name, text, { sourcemap: false });
  if (errors.length) throw new Error(`${name}: ${errors[0]!.message}`);
  const program = parse(code);
  const variables = new Map<string, Node>();
  walk(program, (node) => {
    const id = node.id as Node | undefined;
    if (node.type === "VariableDeclarator" && id?.type === "Identifier" && node.init) {
      variables.set(id.name as string, node.init as Node);
    }
  });
  const known = knownIn(root, variables);
  const config = configObject(program, variables);
  const follow = (node: Node | null): Node | null =>
    node?.type === "Identifier" ? (variables.get(node.name as string) ?? node) : node;

  settings.alias = readAlias(follow(propertyOf(follow(propertyOf(config, "resolve")), "alias")), root, known);
  const value = (key: string) => {
    const node = propertyOf(config, key);
    return node ? evaluate(node, known) : UNKNOWN;
  };
  const prefix = value("envPrefix");
  if (typeof prefix === "string" && prefix) settings.envPrefix = [prefix];
  else if (Array.isArray(prefix)) settings.envPrefix = prefix.filter((p) => typeof p === "string" && p !== "");
  const folders = { envDir: value("envDir"), publicDir: value("publicDir") };
  if (typeof folders.envDir === "string") settings.envDir = inApp(root, folders.envDir) ?? "";
  if (typeof folders.publicDir === "string") settings.publicDir = inApp(root, folders.publicDir) ?? "public";
  const define = value("define");
  if (define && typeof define === "object") {
    for (const [key, replacement] of Object.entries(define)) {
      if (typeof replacement === "string") settings.define[key] = replacement;
      else if (typeof replacement === "number" || typeof replacement === "boolean") {
        settings.define[key] = String(replacement);
      }
    }
  }
}

/** The object in `export default {…}`, `defineConfig({…})`, `defineConfig(() => ({…}))` or a variable of these. */
function configObject(program: Node, variables: Map<string, Node>): Node | null {
  let node: Node | null = null;
  for (const statement of program.body as Node[]) {
    if (statement.type === "ExportDefaultDeclaration") node = statement.declaration as Node;
  }
  for (let depth = 0; node && depth < 8; depth++) {
    if (node.type === "ObjectExpression") return node;
    if (node.type === "Identifier") node = variables.get(node.name as string) ?? null;
    else if (node.type === "CallExpression") node = (node.arguments as Node[])[0] ?? null;
    else if (node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression") {
      node = node.expression ? (node.body as Node) : returned(node.body as Node);
    } else return null;
  }
  return null;
}

function returned(body: Node): Node | null {
  for (const statement of (body.body as Node[]).toReversed()) {
    if (statement.type === "ReturnStatement") return (statement.argument as Node | null) ?? null;
  }
  return null;
}

/** What `__dirname`, `path.resolve(…)`, `fileURLToPath(new URL(…))` and the like come to. */
function knownIn(root: string, variables: Map<string, Node>) {
  const seen = new Set<Node>();
  const known = (node: Node): unknown => {
    if (node.type === "Identifier") {
      if (node.name === "__dirname") return root;
      const variable = variables.get(node.name as string);
      if (!variable || seen.has(variable)) return UNKNOWN;
      seen.add(variable);
      const value = evaluate(variable, known);
      seen.delete(variable);
      return value;
    }
    if (node.type === "MemberExpression") return member(node);
    if (node.type === "NewExpression" && (node.callee as Node).name === "URL") return url(node);
    if (node.type === "CallExpression") return call(node);
    return UNKNOWN;
  };
  const member = (node: Node): unknown => {
    const [object, property] = [node.object as Node, (node.property as Node).name];
    if (object.type === "MetaProperty" && property === "dirname") return root;
    if (object.type === "MetaProperty" && property === "url") return `${root}/vite.config`;
    if (property === "pathname" || property === "href") return evaluate(object, known);
    return UNKNOWN;
  };
  const url = (node: Node): unknown => {
    const [path, base] = (node.arguments as Node[]).map((a) => evaluate(a, known));
    if (typeof path !== "string" || typeof base !== "string") return UNKNOWN;
    return path.startsWith("/") ? path : resolve(base, "..", path) + (path.endsWith("/") ? "/" : "");
  };
  const call = (node: Node): unknown => {
    const callee = node.callee as Node;
    const name = callee.type === "MemberExpression" ? (callee.property as Node).name : callee.name;
    if (name === "cwd") return root;
    const values = (node.arguments as Node[]).map((a) => evaluate(a, known));
    if (name === "stringify") return values[0] === UNKNOWN ? UNKNOWN : (JSON.stringify(values[0]) ?? UNKNOWN);
    if (values.some((v) => typeof v !== "string")) return UNKNOWN;
    const texts = values as string[];
    if (name === "fileURLToPath" || name === "normalizePath") return texts[0] ?? UNKNOWN;
    if (name === "dirname") return resolve(texts[0] ?? root, "..");
    if (name === "resolve") return resolve(root, ...texts);
    if (name === "join") return texts.length ? resolve(texts[0]!, ...texts.slice(1).map((t) => `./${t}`)) : UNKNOWN;
    return UNKNOWN;
  };
  return known;
}

function readAlias(node: Node | null, root: string, known: (node: Node) => unknown): Alias[] {
  const pairs: [string | RegExp, unknown][] = [];
  if (node?.type === "ObjectExpression") {
    const object = evaluate(node, known) as Record<string, unknown>;
    for (const key of Object.keys(object)) pairs.push([key, object[key]]);
  } else if (node?.type === "ArrayExpression") {
    for (const element of node.elements as (Node | null)[]) {
      const [find, replacement] = [propertyOf(element, "find"), propertyOf(element, "replacement")];
      if (!find || !replacement) continue;
      const regex = find.regex as { pattern: string; flags: string } | undefined;
      const wanted = regex ? new RegExp(regex.pattern, regex.flags) : evaluate(find, known);
      if (wanted instanceof RegExp || typeof wanted === "string") pairs.push([wanted, evaluate(replacement, known)]);
    }
  }
  return pairs.flatMap(([find, replacement]): Alias[] => {
    if (typeof replacement !== "string" || replacement === "") return [];
    const local = isAbsolute(replacement) ? inApp(root, replacement) : null;
    if (local !== null) return [{ find, replacement: local, local: true }];
    // As Vite has it: an absolute path that is not below the app counts from the app's folder.
    if (replacement.startsWith("/")) return [{ find, replacement: replacement.slice(1), local: true }];
    return [{ find, replacement, local: false }];
  });
}

/** A path relative to the app; null where it leads out. */
function inApp(root: string, path: string): string | null {
  const rel = relative(root, resolve(root, path));
  return rel.startsWith("..") || isAbsolute(rel) ? null : rel.replaceAll("\\", "/");
}
