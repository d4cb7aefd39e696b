/**
 * What has been sent, and what waits. Nothing of a batch with errors is sent; what was good in it waits until the bad is
 * mended. A later batch that compiles goes out, unless it builds on something that waits.
 */
import type { Module } from "../protocol";
import { type Graph, type GraphNode, targetOf } from "./graph";

interface Sent {
  module: Module;
  exports: Set<string> | null;
}

export class Outbox {
  /** The last good state: what a snapshot holds. */
  readonly live = new Map<string, Sent>();
  private readonly changed = new Set<string>();
  private readonly held = new Set<string>();
  /** Modules whose errors hold the others back. */
  private readonly failing = new Set<string>();

  put(id: string): void {
    this.changed.add(id);
  }

  /**
   * What may be sent now. `failed`: what this batch compiled and found bad; `bad`: whether a module, or something of the
   * app as a whole, is bad still.
   */
  flush(
    graph: Graph,
    failed: Iterable<string>,
    bad: (id: string) => boolean,
  ): { modules: Module[]; removed: string[] } {
    for (const id of this.failing) if (!bad(id)) this.failing.delete(id);
    let clean = true;
    for (const id of failed) {
      this.failing.add(id);
      clean = false;
    }
    if (!clean) {
      for (const id of this.changed) this.held.add(id);
      this.changed.clear();
      return { modules: [], removed: [] };
    }
    const free = this.failing.size === 0;
    if (free) {
      for (const id of this.held) this.changed.add(id);
      this.held.clear();
    } else {
      for (const id of this.held) {
        // A module that no preview has yet cannot clash with anything: it goes out as soon as it runs.
        if (this.live.has(id)) this.changed.delete(id);
        else this.changed.add(id);
      }
      this.holdDependents(graph);
      for (const id of this.changed) this.held.delete(id);
    }
    const modules: Module[] = [];
    for (const id of this.changed) {
      const node = graph.get(id);
      if (!node?.module) continue;
      const before = this.live.get(id);
      this.live.set(id, { module: node.module, exports: graph.exportsOf(id) });
      if (before?.module.hash !== node.module.hash) modules.push(node.module);
    }
    this.changed.clear();
    return { modules, removed: free ? this.prune(graph) : [] };
  }

  private pruning = false;

  /** Modules went out of the graph: look for them at the next flush. */
  gone(): void {
    this.pruning = true;
  }

  private prune(graph: Graph): string[] {
    if (!this.pruning) return [];
    this.pruning = false;
    const removed: string[] = [];
    for (const id of this.live.keys()) {
      if (graph.nodes.has(id)) continue;
      this.live.delete(id);
      removed.push(id);
    }
    return removed;
  }

  /** Moves to `held` what would not run on the modules that the previews have. */
  private holdDependents(graph: Graph): void {
    for (let again = true; again; ) {
      again = false;
      for (const id of this.changed) {
        const node = graph.get(id);
        if (!node || this.runs(node)) continue;
        this.changed.delete(id);
        this.held.add(id);
        again = true;
      }
    }
  }

  private runs(node: GraphNode): boolean {
    for (const [specifier, resolution] of node.output?.resolutions ?? []) {
      const id = targetOf(resolution);
      if (id === null || this.changed.has(id)) continue;
      const sent = this.live.get(id);
      if (!sent) return false;
      if (!this.held.has(id) && !this.failing.has(id)) continue;
      const names = node.output?.imported.get(specifier);
      if (names && sent.exports && names.some((name) => !sent.exports!.has(name))) return false;
    }
    return true;
  }
}
