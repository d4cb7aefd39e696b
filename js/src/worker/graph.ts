/** The app's modules and who imports whom. */
import type { Module } from "../protocol";
import type { Diagnostic } from "./diagnostics";
import type { Resolution } from "./resolve";

/** A package that a module imports and that is not installed. */
export interface Missing {
  package: string;
  specifier: string;
  location: Diagnostic["location"];
}

/** What compiling gave. */
export interface Output {
  code: string;
  css: string | null;
  isAsync: boolean;
  resolutions: Map<string, Resolution>;
  /** Names that are taken from static imports, by specifier; null for all of them. */
  imported: Map<string, string[] | null>;
  /** Null where they are not known. */
  exports: string[] | null;
  stars: string[];
  /** Other files of the app that went in. */
  watches: Set<string>;
  globs: ((path: string) => boolean)[];
}

export interface GraphNode {
  id: string;
  /** The app's file; null for a file of a package. */
  path: string | null;
  /** The file of a package. */
  file: string | null;
  query: string;
  /** Its file's text when it was compiled last, whether it compiled or not. */
  source: string | null;
  /** What was compiled: the same, or what stands for it. */
  text: string | null;
  output: Output | null;
  /** The last module that compiled. */
  module: Module | null;
  importers: Set<string>;
  problems: Diagnostic[];
  warnings: Diagnostic[];
  missing: Missing[];
  /** Its problems are nobody else's: no other module waits until they are mended. */
  alone: boolean;
}

export class Graph {
  readonly nodes = new Map<string, GraphNode>();
  /** Ids of the modules that have something to say; the rest need not be asked. */
  readonly troubled = new Set<string>();
  /** File to the ids that were made of it or had it put in. */
  private readonly watchers = new Map<string, Set<string>>();
  private readonly globbing = new Set<string>();

  get(id: string): GraphNode | undefined {
    return this.nodes.get(id);
  }

  add(id: string, path: string | null, file: string | null, query: string): GraphNode {
    const node: GraphNode = {
      id,
      path,
      file,
      query,
      source: null,
      text: null,
      output: null,
      module: null,
      importers: new Set(),
      problems: [],
      warnings: [],
      missing: [],
      alone: false,
    };
    this.nodes.set(id, node);
    if (path !== null) this.watch([path], id);
    return node;
  }

  /** Connects a node to what its new output imports; true where it gave up an import. */
  connect(node: GraphNode, output: Output): boolean {
    const before = node.output;
    node.output = output;
    const now = new Set(targets(output));
    let dropped = false;
    for (const target of before ? targets(before) : []) {
      if (now.has(target)) continue;
      this.nodes.get(target)?.importers.delete(node.id);
      dropped = true;
    }
    for (const target of now) this.nodes.get(target)?.importers.add(node.id);
    for (const path of before?.watches ?? []) {
      if (!output.watches.has(path) && path !== node.path) this.watchers.get(path)?.delete(node.id);
    }
    this.watch(output.watches, node.id);
    if (output.globs.length) this.globbing.add(node.id);
    else this.globbing.delete(node.id);
    return dropped;
  }

  /** Notes that files go into a module, also one that does not compile. */
  watch(paths: Iterable<string>, id: string): void {
    for (const path of paths) {
      const ids = this.watchers.get(path);
      if (ids) ids.add(id);
      else this.watchers.set(path, new Set([id]));
    }
  }

  /** The modules that a file went into. */
  affected(path: string): Iterable<string> {
    return this.watchers.get(path) ?? [];
  }

  /** The modules with an `import.meta.glob` that a file's coming or going may change. */
  globsOver(path: string): string[] {
    return [...this.globbing].filter((id) => this.nodes.get(id)?.output?.globs.some((g) => g(path)));
  }

  note(node: GraphNode): void {
    if (node.problems.length || node.warnings.length || node.missing.length) this.troubled.add(node.id);
    else this.troubled.delete(node.id);
  }

  /** Takes out what cannot be reached from the roots any more; gives the ids. */
  sweep(roots: Iterable<string>): string[] {
    const reached = new Set<string>();
    const queue = [...roots];
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      const node = this.nodes.get(id);
      if (!node || reached.has(id)) continue;
      reached.add(id);
      if (node.output) queue.push(...targets(node.output));
    }
    const gone = [...this.nodes.keys()].filter((id) => !reached.has(id));
    for (const id of gone) this.remove(id);
    return gone;
  }

  private remove(id: string): void {
    const node = this.nodes.get(id);
    if (!node) return;
    this.nodes.delete(id);
    this.troubled.delete(id);
    this.globbing.delete(id);
    for (const target of node.output ? targets(node.output) : []) this.nodes.get(target)?.importers.delete(id);
    for (const path of [...(node.output?.watches ?? []), ...(node.path ? [node.path] : [])]) {
      const ids = this.watchers.get(path);
      ids?.delete(id);
      if (ids?.size === 0) this.watchers.delete(path);
    }
  }

  /** What a module exports; null where a package has a say in it. */
  exportsOf(id: string, above: Set<string> = new Set()): Set<string> | null {
    const output = this.nodes.get(id)?.output;
    if (!output?.exports || above.has(id)) return above.has(id) ? new Set() : null;
    const names = new Set(output.exports);
    above.add(id);
    for (const star of output.stars) {
      const target = targetOf(output.resolutions.get(star));
      const inner = target === null ? null : this.exportsOf(target, above);
      if (!inner) return null;
      for (const name of inner) if (name !== "default") names.add(name);
    }
    return names;
  }
}

/** The module that a resolution leads to; null for packages' scripts and for failures. */
export function targetOf(resolution: Resolution | undefined): string | null {
  return resolution?.kind === "file" || resolution?.kind === "package-file" ? resolution.id : null;
}

function* targets(output: Output): Iterable<string> {
  for (const resolution of output.resolutions.values()) {
    const target = targetOf(resolution);
    if (target !== null) yield target;
  }
}
