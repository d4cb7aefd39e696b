/** Values that can be read from source text without running it. */
import * as acorn from "acorn";

export type Node = acorn.Node & Record<string, unknown>;

/** Stands for what cannot be known without running the code. */
export const UNKNOWN = Symbol("unknown");

/** Parses a module or script; throws `SyntaxError`. */
export function parse(code: string): Node {
  return acorn.parse(code, {
    ecmaVersion: "latest",
    sourceType: "module",
    allowHashBang: true,
    allowAwaitOutsideFunction: true,
    allowReturnOutsideFunction: true,
  }) as unknown as Node;
}

/** JSON with comments and trailing commas, as TypeScript's configuration is written. Throws `SyntaxError`. */
export function parseJsonc(text: string): unknown {
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const value = evaluate(acorn.parseExpressionAt(source, 0, { ecmaVersion: "latest" }) as unknown as Node);
  return value === UNKNOWN ? null : value;
}

/** The value of an expression made of literals; `known` gives the value of anything else. */
export function evaluate(node: Node, known: (node: Node) => unknown = () => UNKNOWN): unknown {
  const own = known(node);
  if (own !== UNKNOWN) return own;
  switch (node.type) {
    case "Literal":
      return node.regex ? UNKNOWN : node.value;
    case "TemplateLiteral": {
      const parts = node.quasis as { value: { cooked: string } }[];
      let text = parts[0]!.value.cooked;
      for (const [i, expression] of (node.expressions as Node[]).entries()) {
        const value = evaluate(expression, known);
        if (typeof value !== "string" && typeof value !== "number") return UNKNOWN;
        text += value + parts[i + 1]!.value.cooked;
      }
      return text;
    }
    case "UnaryExpression": {
      const value = evaluate(node.argument as Node, known);
      if (node.operator === "!" && value !== UNKNOWN) return !value;
      return node.operator === "-" && typeof value === "number" ? -value : UNKNOWN;
    }
    case "BinaryExpression": {
      const [a, b] = [evaluate(node.left as Node, known), evaluate(node.right as Node, known)];
      return node.operator === "+" && typeof a === "string" && typeof b === "string" ? a + b : UNKNOWN;
    }
    case "ParenthesizedExpression":
      return evaluate(node.expression as Node, known);
    case "ArrayExpression":
      return (node.elements as (Node | null)[]).map((e) => (e ? evaluate(e, known) : null));
    case "ObjectExpression": {
      const out: Record<string, unknown> = Object.create(null);
      for (const property of node.properties as Node[]) {
        const key = property.type === "Property" ? keyOf(property) : null;
        if (key !== null) out[key] = evaluate(property.value as Node, known);
      }
      return out;
    }
    default:
      return UNKNOWN;
  }
}

/** The name of an object's property, where it is written out. */
export function keyOf(property: Node): string | null {
  const key = property.key as Node;
  if (!property.computed && key.type === "Identifier") return key.name as string;
  return key.type === "Literal" ? String(key.value) : null;
}

/** The value of an object expression's property. */
export function propertyOf(node: Node | null, name: string): Node | null {
  if (node?.type !== "ObjectExpression") return null;
  for (const property of node.properties as Node[]) {
    if (property.type === "Property" && keyOf(property) === name) return property.value as Node;
  }
  return null;
}

/** Calls `visit` for every node. */
export function walk(node: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, visit);
  } else if (node && typeof node === "object" && typeof (node as Node).type === "string") {
    visit(node as Node);
    for (const key in node as Node) {
      const value = (node as Node)[key];
      if (value && typeof value === "object") walk(value, visit);
    }
  }
}
