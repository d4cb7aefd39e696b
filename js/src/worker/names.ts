/** Names that a module imports and that its target does not export: a typing slip that is `undefined` at run time. */
import { kindOf } from "./compile";
import { type Diagnostic, diagnosticAt, offsetOf } from "./diagnostics";
import { type Graph, type GraphNode, type Output, targetOf } from "./graph";
import { findName } from "./imports";
import { splitQuery } from "./resolve";

export class Names {
  /** What each module exported when it was looked at last. */
  private readonly exports = new Map<string, string>();

  /** Looks at what was compiled, and at who imports from a module with other exports now. */
  check(graph: Graph, batch: Iterable<string>, textOf: (path: string | null) => string): void {
    const affected = new Set<string>();
    for (const id of batch) {
      affected.add(id);
      const node = graph.get(id);
      if (!node?.output) continue;
      const now = node.output.exports?.join() ?? "";
      const before = this.exports.get(id);
      this.exports.set(id, now);
      if (before !== undefined && before !== now) addImporters(graph, node, affected);
    }
    for (const id of affected) {
      const node = graph.get(id);
      if (!node?.output || node.path === null || kindOf(node) !== "script") continue;
      const warnings = absentNames(graph, node, node.output, textOf);
      if (!warnings.length && !node.warnings.length) continue;
      node.warnings = warnings;
      graph.note(node);
    }
  }
}

/** Those that import from a module, also by way of `export * from`. */
function addImporters(graph: Graph, node: GraphNode, to: Set<string>): void {
  for (const id of node.importers) {
    if (to.has(id)) continue;
    to.add(id);
    const importer = graph.get(id);
    if (importer?.output?.stars.length) addImporters(graph, importer, to);
  }
}

function absentNames(
  graph: Graph,
  node: GraphNode,
  output: Output,
  textOf: (path: string | null) => string,
): Diagnostic[] {
  const out: Diagnostic[] = [];
  for (const [specifier, names] of output.imported) {
    const target = names && targetOf(output.resolutions.get(specifier));
    const exported = target ? graph.exportsOf(target) : null;
    if (!names || !exported || !target) continue;
    for (const name of names) {
      if (exported.has(name)) continue;
      const text = textOf(node.path);
      const location = findName(node.path!, text, specifier, name);
      const what = name === "default" ? "has no default export" : `does not export '${name}'`;
      const others = [...exported].filter((e) => e !== "default").join(", ");
      const hint = others ? `It exports: ${others}.` : exported.has("default") ? "It has a default export." : "";
      const [at, length] = location ? [offsetOf(text, location), location.length] : [0, 1];
      const more = { severity: "warning" as const, hint };
      out.push(diagnosticAt("resolve", `'${splitQuery(target)[0]}' ${what}`, node.path!, text, at, length, more));
    }
  }
  return out;
}
