/** The app's modules as syntax trees, and where the names come from that they import, declare and export. */
import { posix } from "node:path";
import type { Node } from "../literal";
import type { Project } from "../project";
import { parseSource, type Source, Sources } from "../repair/sources";

/** A declaration in a module: a function, class, variable or type. */
export interface Declared {
  path: string;
  /** Its name in the module; `default` where it has none. */
  name: string;
  node: Node;
}

const DEPTH = 16;

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
    const source = parseSource(path, this.names.text(path));
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
    const target = this.resolve(specifier, path);
    return target ? this.exported(target, name, depth + 1) : null;
  }

  /** What a name means in a module: its own, or imported from another one of the app. */
  named(path: string, name: string, depth = 0): Declared | null {
    const own = this.own(path, name);
    if (own || depth > DEPTH) return own;
    for (const statement of this.get(path).body) {
      if (statement.type !== "ImportDeclaration") continue;
      for (const specifier of (statement.specifiers as Node[]) ?? []) {
        if ((specifier.local as Node).name !== name || specifier.type === "ImportNamespaceSpecifier") continue;
        const imported = specifier.imported as Node | undefined;
        const wanted = specifier.type === "ImportDefaultSpecifier" ? "default" : (imported!.name ?? imported!.value);
        return this.imported(path, (statement.source as Node).value as string, wanted as string, depth);
      }
    }
    return null;
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

  /** All declarations of an interface, which add up. */
  interfaces(path: string, name: string): Node[] {
    return this.get(path)
      .body.map(declarationIn)
      .filter((node): node is Node => node?.type === "TSInterfaceDeclaration" && (node.id as Node).name === name);
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
