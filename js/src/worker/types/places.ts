/** What a place in a source is: a type or a value, part of what is exported, an element, an assignment's target. */
import type { Node } from "../repair/sources";

/** Syntax of TypeScript that holds values, which are there at run time. */
const VALUES =
  /^TS(?:As|Satisfies|NonNull|Instantiation)Expression$|^TSTypeAssertion$|^TSEnum|^TSModule|^TSParameterProperty$|^TSExport/;

/** The nodes around a span, the outermost first. */
export function around(body: Node[], start: number, end: number): Node[] {
  const chain: Node[] = [];
  let children: unknown[] = body;
  for (;;) {
    const found = children.flat().find((child): child is Node => {
      const node = child as Node | null;
      return typeof node?.type === "string" && node.start <= start && node.end >= end;
    });
    if (!found) return chain;
    chain.push(found);
    children = Object.values(found);
  }
}

/** Whether it is gone at run time. */
export function isType(chain: Node[]): boolean {
  return chain.some((node) => node.type.startsWith("TS") && !VALUES.test(node.type));
}

/** Whether a type says what others get of the module: it stands in an exported signature, or is declared by itself. */
export function isExposed(chain: Node[]): boolean {
  const top = chain[0];
  if (!top) return false;
  if (/^TS(?:Interface|TypeAlias)Declaration$/.test(top.type)) return true;
  const inside = chain.some((node) => /^(?:BlockStatement|FunctionBody|JSXElement|JSXFragment)$/.test(node.type));
  return top.type.startsWith("Export") && !inside;
}

/** Whether it is only asked for what it is: `typeof name`, or a place that is assigned to. */
export function isHarmless(chain: Node[]): boolean {
  return chain.some((node, at) => {
    const child = chain[at + 1];
    if (node.type === "UnaryExpression") return node.operator === "typeof" && child?.type === "Identifier";
    return node.type === "AssignmentExpression" && node.left === child;
  });
}

/** Whether what is read may be missing, by how it is written. */
export function isOptional(chain: Node[]): boolean {
  return chain.some((node) => node.type === "MemberExpression" && node.optional === true);
}

/** Whether what a member gives is called or looked into, which throws where there is none. */
export function isFollowed(chain: Node[]): boolean {
  const at = chain.findLastIndex((node) => node.type === "MemberExpression");
  const [member, parent] = [chain[at], chain[at - 1]];
  if (!member || !parent || parent.optional === true) return false;
  return (
    (/^(?:Call|New)Expression$/.test(parent.type) && parent.callee === member) ||
    (parent.type === "MemberExpression" && parent.object === member)
  );
}

/** The opening tag that a place names or gives a prop to, and the prop. */
export function elementAt(chain: Node[]): { name: Node; attribute: Node | null } | null {
  const at = chain.findLastIndex((node) => node.type === "JSXOpeningElement");
  const below = chain[at + 1];
  if (at < 0 || !below) return null;
  const name = chain[at]!.name as Node;
  if (below === name) return { name, attribute: null };
  if (below.type !== "JSXAttribute") return null;
  // Inside of its value it is something else that does not fit.
  return chain[at + 2] === below.name || chain.length === at + 2 ? { name, attribute: below } : null;
}
