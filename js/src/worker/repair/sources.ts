/** The app's scripts as syntax trees, and what names mean in them. */
import { readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import { Problem } from "../diagnostics";
import { type Node, walk } from "../literal";
import type { Project } from "../project";
import { type OxcComment, oxcParser } from "../tools";

export type { Node };

export interface Source {
  path: string;
  text: string;
  /** Empty where the text cannot be parsed. */
  body: Node[];
  comments: OxcComment[];
  parsed: boolean;
}

const SCRIPT = /\.(?:tsx|jsx|ts|js)$/;
const TEST = /\.(?:test|spec|stories|d)\.\w+$/;
const EXPORT =
  /^export\s+(?:(default)\s+)?(?:async\s+)?(?:function\*?|class|const|let|enum)\s+([A-Za-z_$][\w$]*)|^export\s+default\s+([A-Za-z_$][\w$]*)\s*;?\s*$/gm;

/** A name that some module of the app exports. */
export interface Exported {
  path: string;
  isDefault: boolean;
}

export class Sources {
  private exported: Map<string, Exported> | null = null;
  private readonly listed = new Map<string, Set<string>>();

  constructor(readonly project: Project) {}

  /** All scripts of the app, without tests. */
  get paths(): string[] {
    return this.project.files.walk("").filter((path) => SCRIPT.test(path) && !TEST.test(path));
  }

  read(path: string): Source {
    return parseSource(path, this.text(path));
  }

  text(path: string): string {
    try {
      return this.project.files.isFile(path) ? this.project.files.text(path) : "";
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return "";
    }
  }

  /** Who exports a name; a module of that name goes before others. */
  exporter(name: string): Exported | undefined {
    this.exported ??= this.findExports();
    return this.exported.get(name);
  }

  private findExports(): Map<string, Exported> {
    const out = new Map<string, Exported>();
    for (const path of this.paths) {
      for (const [, word, declared, alone] of this.text(path).matchAll(EXPORT)) {
        const name = declared ?? alone!;
        const known = out.get(name);
        if (known && stem(known.path) === name) continue;
        out.set(name, { path, isDefault: word !== undefined || alone !== undefined });
      }
    }
    return out;
  }

  /** How a module of the app is imported from another one: by the app's alias where it has one for src. */
  specifier(from: string, to: string): string {
    const bare = to.replace(SCRIPT, "").replace(/\/index$/, "");
    const alias = this.project.settings.paths.find(
      ([pattern, [target]]) => pattern === "@/*" && /^(?:\.\/)?src\/\*$/.test(target ?? ""),
    );
    if (alias && bare.startsWith("src/")) return `@/${bare.slice(4)}`;
    const relative = posix.relative(posix.dirname(from), bare);
    return relative.startsWith(".") ? relative : `./${relative}`;
  }

  installed(name: string): boolean {
    return this.project.packages.has(name);
  }

  /** Names that a package exports by way of its main script; empty where that cannot be told by looking. */
  exportsOf(name: string): Set<string> {
    let names = this.listed.get(name);
    if (!names) {
      names = new Set();
      const found = this.project.packages.resolve(name);
      const text = "file" in found ? readText(found.file) : "";
      for (const [, list] of text.matchAll(/export\s*\{([^}]*)\}/g)) {
        for (const item of list!.split(",")) {
          const exported = /(?:^|\sas\s)\s*([A-Za-z_$][\w$]*)\s*$/.exec(item.trim())?.[1];
          if (exported && exported !== "default") names.add(exported);
        }
      }
      this.listed.set(name, names);
    }
    return names;
  }
}

export function parseSource(path: string, text: string): Source {
  if (!text || !SCRIPT.test(path)) return { path, text, body: [], comments: [], parsed: false };
  const lang = path.endsWith(".tsx") ? "tsx" : path.endsWith(".ts") ? "ts" : "jsx";
  const { program, comments, errors } = oxcParser().parseSync(path, text, { lang, sourceType: "module" });
  const parsed = !errors.some((error) => error.severity === "Error");
  const tree = (typeof program === "string" ? JSON.parse(program) : program) as Node;
  return { path, text, body: parsed ? (tree.body as Node[]) : [], comments, parsed };
}

export function stem(path: string): string {
  const name = posix.basename(path).replace(SCRIPT, "");
  return name === "index" ? posix.basename(posix.dirname(path)) : name;
}

const texts = new Map<string, string>();

function readText(file: string): string {
  let text = texts.get(file);
  if (text === undefined) {
    text = statSync(file).size < 4_000_000 ? readFileSync(file, "utf8") : "";
    texts.set(file, text);
  }
  return text;
}

/** Names that are bound anywhere in a file: which scope they belong to is not looked at. */
export function boundNames(body: Node[]): Set<string> {
  const names = new Set<string>();
  const bind = (pattern: Node | null | undefined): void => {
    if (!pattern) return;
    if (pattern.type === "Identifier") names.add(pattern.name as string);
    else if (pattern.type === "ObjectPattern") {
      for (const property of pattern.properties as Node[]) bind((property.value ?? property.argument) as Node);
    } else if (pattern.type === "ArrayPattern") for (const item of pattern.elements as Node[]) bind(item);
    else if (pattern.type === "AssignmentPattern") bind(pattern.left as Node);
    else if (pattern.type === "RestElement") bind(pattern.argument as Node);
    else if (pattern.type === "TSParameterProperty") bind(pattern.parameter as Node);
  };
  walk(body, (node) => {
    if (node.type === "VariableDeclarator") bind(node.id as Node);
    else if (/^Import(?:Default|Namespace)?Specifier$/.test(node.type)) bind(node.local as Node);
    else if (node.type === "CatchClause") bind(node.param as Node);
    if (/^(?:Function|Class|TSInterface|TSTypeAlias|TSEnum|TSModule|TSDeclareFunction)/.test(node.type))
      bind(node.id as Node);
    if (Array.isArray(node.params) && /Function|Method/.test(node.type)) for (const p of node.params as Node[]) bind(p);
  });
  return names;
}

/** Names that a file uses as values or as JSX elements, with where each is used first. */
export function usedNames(body: Node[]): Map<string, { start: number; jsx: boolean }> {
  const names = new Map<string, { start: number; jsx: boolean }>();
  const use = (name: string, start: number, jsx = false) => {
    const before = names.get(name);
    if (!before) names.set(name, { start, jsx });
    else if (!jsx) before.jsx = false;
  };
  const visit = (node: unknown, key = "", parent: Node | null = null): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item, key, parent);
      return;
    }
    const at = node as Node | null;
    if (!at || typeof at !== "object" || typeof at.type !== "string") return;
    if (at.type === "JSXIdentifier") {
      const name = at.name as string;
      const opens =
        parent?.type === "JSXOpeningElement" || (parent?.type === "JSXMemberExpression" && key === "object");
      if (opens && /^[A-Z_$]/.test(name)) use(name, at.start, true);
      return;
    }
    if (at.type === "Identifier" && parent) {
      const plain = key === "property" && parent.type === "MemberExpression" && !parent.computed;
      const named = key === "key" && !parent.computed;
      const label = key === "label";
      if (!plain && !label && !(named && !parent.shorthand)) use(at.name as string, at.start);
      return;
    }
    if (/^(?:TSType|TSInterface|Import|ExportAll)/.test(at.type) && at.type !== "ImportExpression") return;
    if (at.type === "ExportNamedDeclaration" && at.source) return;
    for (const child in at) {
      if (
        child === "typeAnnotation" ||
        child === "typeArguments" ||
        child === "typeParameters" ||
        child === "returnType"
      )
        continue;
      const value = at[child];
      if (value && typeof value === "object") visit(value, child, at);
    }
  };
  visit(body);
  return names;
}

export interface Import {
  node: Node;
  specifier: string;
  names: { kind: "default" | "namespace" | "named"; imported: string; local: string; node: Node }[];
}

export function importsOf(source: Source): Import[] {
  return source.body
    .filter((node) => node.type === "ImportDeclaration")
    .map((node) => ({
      node,
      specifier: (node.source as Node).value as string,
      names: ((node.specifiers as Node[]) ?? []).map((specifier) => {
        const local = (specifier.local as Node).name as string;
        if (specifier.type === "ImportDefaultSpecifier")
          return { kind: "default", imported: "default", local, node: specifier };
        if (specifier.type === "ImportNamespaceSpecifier")
          return { kind: "namespace", imported: "*", local, node: specifier };
        return { kind: "named", imported: (specifier.imported as Node).name as string, local, node: specifier };
      }),
    }));
}
