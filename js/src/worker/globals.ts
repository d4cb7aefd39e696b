/**
 * The style sheets that every part of the app expects: those that the entries import, and those that the modules do which
 * the entries import. Found without compiling the app, for a preview of one component.
 */
import { type Context, compileScript, kindOf } from "./compile";
import { Problem } from "./diagnostics";
import type { GraphNode } from "./graph";
import { Graph, targetOf } from "./graph";

interface Peek {
  source: string;
  /** Static imports in order. */
  targets: string[];
}

export class Globals {
  private readonly peeks = new Map<string, Peek>();
  private list: string[] | null = null;

  /** A file changed; forget what depends on it. */
  changed(path: string): void {
    for (const id of this.peeks.keys()) if (id.split("?")[0] === path) this.forget(id);
  }

  private forget(id: string): void {
    this.peeks.delete(id);
    this.list = null;
  }

  reset(): void {
    this.peeks.clear();
    this.list = null;
  }

  find(entries: string[], graph: Graph, context: Context, inline: Map<string, string>): string[] {
    if (this.list) return this.list;
    const out = new Set<string>();
    for (const entry of entries) {
      if (isStyle(entry)) out.add(entry);
      for (const target of this.imports(entry, graph, context, inline)) {
        if (isStyle(target)) {
          out.add(target);
          continue;
        }
        for (const inner of this.imports(target, graph, context, inline)) if (isStyle(inner)) out.add(inner);
      }
    }
    this.list = [...out];
    return this.list;
  }

  private imports(id: string, graph: Graph, context: Context, inline: Map<string, string>): string[] {
    const known = this.peeks.get(id);
    if (known) return known.targets;
    const [path, query] = id.includes("?") ? [id.slice(0, id.indexOf("?")), id.slice(id.indexOf("?"))] : [id, ""];
    const blank = new Graph().add(id, path, null, query);
    let targets: string[] = [];
    let source = "";
    if (!id.startsWith("npm:") && kindOf(blank) === "script") {
      try {
        source = inline.get(id) ?? context.files.text(path);
        targets = staticTargets(graph.get(id), source) ?? staticTargets(peek(blank, source, context), source) ?? [];
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        // What is wrong with an entry is told when it is compiled.
        targets = staticTargets(graph.get(id), null) ?? [];
      }
    }
    this.peeks.set(id, { source, targets });
    return targets;
  }
}

function peek(node: GraphNode, source: string, context: Context): GraphNode {
  node.output = compileScript(node, source, context).output;
  node.source = source;
  return node;
}

function staticTargets(node: GraphNode | undefined, source: string | null): string[] | null {
  if (!node?.output || (source !== null && node.source !== source)) return null;
  const { imported, resolutions } = node.output;
  return [...imported.keys()].map((s) => targetOf(resolutions.get(s))).filter((t) => t !== null);
}

function isStyle(id: string): boolean {
  return /\.css$/i.test(id);
}
