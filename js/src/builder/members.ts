/** What a module uses of the namespaces that it imports, `Root` of `Dialog.Root`, so that the rest can be left out. */
import type { Node } from "../worker/literal";

/**
 * Name of a namespace to the members that are used of it; null where it is used as a whole. Scopes are not looked at: a
 * parameter of the same name adds to the members.
 */
export function membersOf(program: Node, names: ReadonlySet<string>): Map<string, Set<string> | null> {
  const out = new Map<string, Set<string> | null>([...names].map((name) => [name, new Set()]));
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item);
      return;
    }
    if (!node || typeof node !== "object" || typeof (node as Node).type !== "string") return;
    const at = node as Node;
    switch (at.type) {
      case "ImportDeclaration":
        return;
      case "Identifier":
        if (names.has(at.name as string)) out.set(at.name as string, null);
        return;
      case "MemberExpression": {
        const object = at.object as Node;
        if (!at.computed && object.type === "Identifier" && names.has(object.name as string)) {
          out.get(object.name as string)?.add((at.property as Node).name as string);
          return;
        }
        visit(object);
        if (at.computed) visit(at.property);
        return;
      }
      case "Property":
      case "MethodDefinition":
      case "PropertyDefinition":
        if (at.computed) visit(at.key);
        visit(at.value);
        return;
      default:
        for (const key in at) if (key !== "type") visit(at[key]);
    }
  };
  visit(program);
  return out;
}
