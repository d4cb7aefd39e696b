/** A file that mounts its component by itself: the page does that. */
import { type Edit, wholeLine } from "./edits";
import { importsOf, type Node, type Source } from "./sources";

export function mounts(source: Source): Edit[] {
  const { body, text } = source;
  const edits: Edit[] = [];
  const dropped = new Set<string>();
  for (const statement of body) {
    if (!mountsSomething(statement)) continue;
    const [start, end] = wholeLine(text, statement.start, statement.end);
    edits.push({ start, end, text: "", note: "left out the call that mounts the component: the page does that" });
    if (statement.type === "VariableDeclaration") {
      for (const d of statement.declarations as Node[]) dropped.add(((d.id as Node).name as string) ?? "");
    }
  }
  if (!edits.length) return [];
  for (const statement of body) {
    const call = statement.type === "ExpressionStatement" ? (statement.expression as Node) : null;
    const object = call?.type === "CallExpression" ? ((call.callee as Node).object as Node | undefined) : undefined;
    if (
      object?.type === "Identifier" &&
      dropped.has(object.name as string) &&
      !edits.some((e) => e.start === statement.start)
    ) {
      const [start, end] = wholeLine(text, statement.start, statement.end);
      edits.push({ start, end, text: "", note: edits[0]!.note });
    }
  }
  for (const { node, specifier } of importsOf(source)) {
    if (!/^react-dom(?:\/client)?$/.test(specifier)) continue;
    const [start, end] = wholeLine(text, node.start, node.end);
    edits.push({ start, end, text: "", note: edits[0]!.note });
  }
  return edits;
}

/** `createRoot(…)`, `ReactDOM.render(…)` and `hydrate…` at the top level. */
function mountsSomething(statement: Node): boolean {
  if (!/^(?:ExpressionStatement|VariableDeclaration)$/.test(statement.type)) return false;
  let found = false;
  let inFunction = 0;
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item);
      return;
    }
    const at = node as Node | null;
    if (!at || typeof at !== "object" || typeof at.type !== "string") return;
    const nested = /Function/.test(at.type);
    if (nested) inFunction += 1;
    if (at.type === "CallExpression" && inFunction === 0) {
      const callee = at.callee as Node;
      const object = (callee.object as Node | undefined)?.name;
      const name = ((callee.type === "MemberExpression" ? callee.property : callee) as Node).name;
      found ||= /^(?:createRoot|hydrateRoot)$/.test(String(name));
      found ||= object === "ReactDOM" && /^(?:render|hydrate)$/.test(String(name));
    }
    for (const key in at) if (at[key] && typeof at[key] === "object") visit(at[key]);
    if (nested) inFunction -= 1;
  };
  visit(statement);
  return found;
}
