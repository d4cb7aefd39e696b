/** The app's modules as syntax trees, and where the names come from that they import, declare and export. */
import { readFileSync, statSync } from "node:fs";
import { isAbsolute, posix } from "node:path";
import type { Node } from "../literal";
import type { Project } from "../project";
import { parseSource, type Source, Sources } from "../repair/sources";
import { parsed } from "./parsed";

/** A declaration in a module: a function, class, variable or type. */
export interface Declared {
  path: string;
  /** Its name in the module; `default` where it has none. */
  name: string;
  node: Node;
}

const DEPTH = 16;

/** Larger files of types are not read. */
const MAX_BYTES = 600_000;
/** What their types mean is known by their names. */
const KNOWN = /^(?:react|react-dom|csstype|lucide-react|@types\/react)(?:\/|$)/;

/** Whether a module is a package's declaration of types; such ones have absolute paths. */
export const isForeign = (path: string): boolean => isAbsolute(path);

export class Modules {
  private readonly sources = new Map<string, Source>();
  private readonly names: Sources;
  private list: string[] | null = null;

  constructor(private readonly project: Project) {
    this.names = new Sources(project);
  }

  /** Files that changed are read again when they are asked for. */
  forget(paths: Iterable<string> | null): void {
    if (!paths) this.sources.clear();
    else for (const path of paths) this.sources.delete(path);
    this.list = null;
  }

  /** The scripts that may hold components. */
  get paths(): string[] {
    this.list ??= this.names.paths.filter((path) => /x$/.test(path) && !this.project.entries.includes(path));
    return this.list;
  }

  /** The same object as long as the text is the same. */
  get(path: string): Source {
    const known = this.sources.get(path);
    if (known) return known;
    const source = isForeign(path)
      ? { ...parseSource("types.d.ts", readTypes(path)), path }
      : parsed(path, this.names.text(path));
    this.sources.set(path, source);
    return source;
  }

  specifier(from: string, to: string): string {
    return this.names.specifier(from, to);
  }

  resolve(specifier: string, importer: string): string | null {
    const found = this.project.resolver.resolve(specifier, importer);
    return found.kind === "file" && /\.[mc]?[jt]sx?$/.test(found.id) ? found.id : null;
  }

  /** As `resolve`, and into the types of packages. */
  private target(specifier: string, importer: string): string | null {
    if (!isForeign(importer)) {
      const own = this.resolve(specifier, importer);
      if (own || /^[./]/.test(specifier)) return own;
    }
    if (KNOWN.test(specifier)) return null;
    const { packages } = this.project;
    return packages.declarations(specifier, isForeign(importer) ? importer : null);
  }

  /** The names that a module exports itself, with what they are of its own. */
  exportsOf(path: string): Map<string, Declared> {
    const out = new Map<string, Declared>();
    for (const statement of this.get(path).body) {
      if (statement.type === "ExportDefaultDeclaration") {
        const node = statement.declaration as Node;
        const name = node.type === "Identifier" ? (node.name as string) : ((node.id as Node | null)?.name as string);
        const found = name ? this.own(path, name) : null;
        out.set("default", found ?? { path, name: "default", node });
      } else if (statement.type === "ExportNamedDeclaration" && !statement.source) {
        const declaration = statement.declaration as Node | null;
        for (const name of declaration ? declaredNames(declaration) : []) {
          const found = this.own(path, name);
          if (found) out.set(name, found);
        }
        for (const { local, exported } of (statement.specifiers as { local: Node; exported: Node }[]) ?? []) {
          const found = this.own(path, local.name as string);
          if (found) out.set((exported.name ?? exported.value) as string, found);
        }
      }
    }
    return out;
  }

  /** What a module's export is in the end, by way of others. */
  exported(path: string, name: string, depth = 0): Declared | null {
    if (depth > DEPTH) return null;
    const stars: string[] = [];
    for (const statement of this.get(path).body) {
      const from = statement.source as Node | null | undefined;
      if (statement.type === "ExportAllDeclaration" && !statement.exported) stars.push(from!.value as string);
      if (statement.type !== "ExportNamedDeclaration") continue;
      for (const { local, exported } of (statement.specifiers as { local: Node; exported: Node }[]) ?? []) {
        if ((exported.name ?? exported.value) !== name) continue;
        const inner = (local.name ?? local.value) as string;
        return from ? this.imported(path, from.value as string, inner, depth) : this.named(path, inner, depth + 1);
      }
    }
    const own = this.exportsOf(path).get(name);
    if (own) return own;
    if (name === "default") {
      const standard = this.get(path).body.find((s) => s.type === "ExportDefaultDeclaration")?.declaration as Node;
      return standard?.type === "Identifier" ? this.named(path, standard.name as string, depth + 1) : null;
    }
    for (const specifier of stars) {
      const found = this.imported(path, specifier, name, depth);
      if (found) return found;
    }
    return null;
  }

  private imported(path: string, specifier: string, name: string, depth: number): Declared | null {
    const target = this.target(specifier, path);
    return target ? this.exported(target, name, depth + 1) : null;
  }

  /** Whether a name is imported from a package. */
  isFromPackage(path: string, name: string): boolean {
    const found = this.importOf(path, name);
    return found !== null && (isForeign(path) ? /^[^./]/.test(found.specifier) : !this.resolve(found.specifier, path));
  }

  /** `Dialog.Root`: what a member of a namespace is, or of a constant whose type is written out. */
  qualified(path: string, name: string, depth = 0): Declared | null {
    const [first = "", ...rest] = name.split(".");
    const last = rest.at(-1);
    if (!last || depth > DEPTH) return this.named(path, name);
    let at = this.namespace(path, first);
    for (const inner of rest.slice(0, -1)) at = at && this.namespaceIn(at, inner, depth);
    if (at) return this.exported(at, last);
    const holder = this.named(path, first);
    return holder && rest.length === 1 ? memberOf(holder, last) : null;
  }

  private namespace(path: string, name: string, depth = 0): string | null {
    const found = depth > DEPTH ? null : this.importOf(path, name);
    const target = found && this.target(found.specifier, path);
    if (!target || found.imported === "*") return target;
    return this.namespaceIn(target, found.imported, depth + 1);
  }

  /** The module that another one exports as a namespace. */
  private namespaceIn(path: string, name: string, depth: number): string | null {
    for (const statement of this.get(path).body) {
      const from = (statement.source as Node | null | undefined)?.value as string | undefined;
      const all = statement.exported as Node | null | undefined;
      if (statement.type === "ExportAllDeclaration" && all && (all.name ?? all.value) === name)
        return this.target(from!, path);
      if (statement.type !== "ExportNamedDeclaration") continue;
      for (const { local, exported } of (statement.specifiers as { local: Node; exported: Node }[]) ?? []) {
        if ((exported.name ?? exported.value) !== name) continue;
        const inner = (local.name ?? local.value) as string;
        if (!from) return this.namespace(path, inner, depth + 1);
        const target = depth > DEPTH ? null : this.target(from, path);
        return target && this.namespaceIn(target, inner, depth + 1);
      }
    }
    return null;
  }

  private importOf(path: string, name: string): { specifier: string; imported: string } | null {
    for (const statement of this.get(path).body) {
      if (statement.type !== "ImportDeclaration") continue;
      for (const specifier of (statement.specifiers as Node[]) ?? []) {
        if ((specifier.local as Node).name !== name) continue;
        const { value } = statement.source as Node;
        if (specifier.type === "ImportNamespaceSpecifier") return { specifier: value as string, imported: "*" };
        const imported = specifier.imported as Node | undefined;
        const wanted = specifier.type === "ImportDefaultSpecifier" ? "default" : (imported!.name ?? imported!.value);
        return { specifier: value as string, imported: wanted as string };
      }
    }
    return null;
  }

  /** What a name means in a module: its own, or imported from another one. */
  named(path: string, name: string, depth = 0): Declared | null {
    const own = this.own(path, name);
    if (own || depth > DEPTH) return own;
    const found = this.importOf(path, name);
    return found && found.imported !== "*" ? this.imported(path, found.specifier, found.imported, depth) : null;
  }

  /** A declaration of the module itself. */
  own(path: string, name: string): Declared | null {
    for (const statement of this.get(path).body) {
      const node = declarationIn(statement);
      if (!node) continue;
      if ((node.id as Node | null | undefined)?.name === name && node.type !== "TSModuleDeclaration") {
        return { path, name, node };
      }
      if (node.type !== "VariableDeclaration") continue;
      for (const declarator of node.declarations as Node[]) {
        if ((declarator.id as Node).name === name) return { path, name, node: declarator };
      }
    }
    return null;
  }

  /** The type of a name that is a constant's as well. */
  typeOf({ path, name, node }: Declared): Declared | null {
    if (node.type !== "VariableDeclarator") return null;
    const type = this.get(path)
      .body.map(declarationIn)
      .find((one) => /^TS(?:TypeAlias|Interface)/.test(one?.type ?? "") && (one!.id as Node).name === name);
    return type ? { path, name, node: type } : null;
  }

  /** All declarations of an interface, which add up. */
  interfaces(path: string, name: string): Node[] {
    return this.get(path)
      .body.map(declarationIn)
      .filter((node): node is Node => node?.type === "TSInterfaceDeclaration" && (node.id as Node).name === name);
  }
}

/** `const Drawer: { Root: … }`: a member, as a declaration of its own. */
function memberOf({ path, node }: Declared, name: string): Declared | null {
  const visit = (type: Node | undefined): Declared | null => {
    if (type?.type === "TSIntersectionType") {
      for (const one of type.types as Node[]) {
        const found = visit(one);
        if (found) return found;
      }
    }
    for (const member of type?.type === "TSTypeLiteral" ? (type.members as Node[]) : []) {
      if (member.type !== "TSPropertySignature" || (member.key as Node).name !== name) continue;
      const { start, end, typeAnnotation } = member;
      const id = { type: "Identifier", name, start, end, typeAnnotation };
      return { path, name, node: { type: "VariableDeclarator", id, init: null, start, end } as unknown as Node };
    }
    return null;
  };
  return visit(((node.id as Node | undefined)?.typeAnnotation as Node | undefined)?.typeAnnotation as Node);
}

function readTypes(path: string): string {
  try {
    return statSync(path).size > MAX_BYTES ? "" : readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

export function declarationIn(statement: Node): Node | null {
  return (/^Export(?:Named|Default)/.test(statement.type) ? statement.declaration : statement) as Node | null;
}

function declaredNames(node: Node): string[] {
  if (node.type !== "VariableDeclaration") return node.id ? [(node.id as Node).name as string] : [];
  return (node.declarations as Node[]).map((d) => (d.id as Node).name as string).filter(Boolean);
}

/** The name of a module without one of its own: `Hero` of `src/Hero.tsx` and of `src/hero/index.tsx`. */
export function moduleName(path: string): string {
  const stem = posix.basename(path).replace(/\.\w+$/, "");
  const name = stem === "index" ? posix.basename(posix.dirname(path)) : stem;
  const words = name.split(/[^A-Za-z0-9]+/).filter(Boolean);
  return words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("") || "Component";
}
