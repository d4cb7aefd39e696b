/** A component's props: their types, defaults and comments, wherever the component keeps them. */
import { keyOf, propertyOf as memberOf, type Node, walk } from "../literal";
import { isCode } from "./data";
import { docAt } from "./docs";
import { Lines } from "./lines";
import type { Declared, Modules } from "./modules";
import { type Member, member, membersOf, type Shape, shapeOfValue, UNKNOWN, union } from "./shapes";
import { nameOf, Types } from "./types";
import { readValue, unwrap } from "./values";

const DEPTH = 8;

export interface ComponentProps {
  members: Member[];
  defaults: Record<string, unknown>;
  /** The files that say it. */
  files: Set<string>;
}

export function propsOf(modules: Modules, declared: Declared): ComponentProps {
  const reader = new PropsReader(modules);
  const shape = reader.of(declared, 0);
  const files = new Set([declared.path, ...reader.types.seen]);
  return { members: membersOf(shape), defaults: reader.defaults(declared), files };
}

class PropsReader {
  readonly types: Types;

  constructor(private readonly modules: Modules) {
    this.types = new Types(modules, (declared) => this.of(declared, 1));
  }

  of(declared: Declared, depth: number): Shape {
    const { path, node } = declared;
    const none: Shape = { kind: "object", members: [] };
    if (depth > DEPTH) return none;
    const annotation = ((node.id as Node | undefined)?.typeAnnotation as Node | undefined)?.typeAnnotation as Node;
    const first = ((annotation?.typeArguments as Node | undefined)?.params as Node[] | undefined)?.[0];
    if (first) return this.types.of(first, path);
    if (annotation?.type === "TSTypeQuery") {
      const same = this.modules.qualified(path, nameOf(annotation.exprName as Node));
      return same ? this.of(same, depth + 1) : none;
    }
    const value = node.type === "VariableDeclarator" ? (node.init as Node | null) : node;
    return value ? this.ofValue(value, path, depth) : none;
  }

  private ofValue(given: Node, path: string, depth: number): Shape {
    const node = unwrap(given);
    const none: Shape = { kind: "object", members: [] };
    if (depth > DEPTH) return none;
    if (node.type === "Identifier") {
      const declared = this.modules.named(path, node.name as string);
      return declared ? this.of(declared, depth + 1) : none;
    }
    if (node.type === "MemberExpression") {
      const declared = this.modules.qualified(path, nameOf(node));
      return declared ? this.of(declared, depth + 1) : none;
    }
    if (node.type === "CallExpression") {
      const types = ((node.typeArguments as Node | null)?.params as Node[] | undefined) ?? [];
      const callee = nameOf(node.callee as Node)
        .split(".")
        .at(-1);
      const type = callee === "forwardRef" ? types[1] : types[0];
      if (type && /^(?:memo|forwardRef|observer|styled)$/.test(callee ?? "")) {
        const shape = this.types.of(type, path);
        if (membersOf(shape).length) return shape;
      }
      const inner = (node.arguments as Node[]).map((argument) => this.ofValue(argument, path, depth + 1));
      return inner.find((shape) => membersOf(shape).length) ?? none;
    }
    if (/^Class/.test(node.type)) {
      const props = ((node.superTypeArguments as Node | null)?.params as Node[] | undefined)?.[0];
      return this.types.of(props, path, this.types.parameters(node.typeParameters as Node | null, path));
    }
    if (!/Function/.test(node.type)) return none;
    return this.ofParameter(node, path);
  }

  private ofParameter(node: Node, path: string): Shape {
    const parameter = (node.params as Node[])[0];
    if (!parameter) return { kind: "object", members: [] };
    const pattern = parameter.type === "AssignmentPattern" ? (parameter.left as Node) : parameter;
    const type = (pattern.typeAnnotation as Node | null | undefined)?.typeAnnotation as Node | undefined;
    const generics = this.types.parameters(node.typeParameters as Node | null, path);
    if (type) return this.types.of(type, path, generics);
    return { kind: "object", members: /\.jsx?$/.test(path) ? untyped(node, this.modules.get(path).text) : [] };
  }

  /** What the component takes where it is given nothing. */
  defaults({ path, node, name }: Declared): Record<string, unknown> {
    const { text, body } = this.modules.get(path);
    const out: Record<string, unknown> = {};
    const fn = functionIn(node, body);
    const lines = new Lines(text, []);
    const from = (pattern: Node | undefined) => {
      if (pattern?.type !== "ObjectPattern") return;
      for (const property of pattern.properties as Node[]) {
        const value = property.value as Node | undefined;
        const key = property.type === "Property" ? keyOf(property) : null;
        if (key !== null && value?.type === "AssignmentPattern") out[key] = readValue(value.right as Node, text, lines);
      }
    };
    const parameter = fn ? (fn.params as Node[])[0] : undefined;
    const pattern = parameter?.type === "AssignmentPattern" ? (parameter.left as Node) : parameter;
    from(pattern);
    if (fn && pattern?.type === "Identifier") {
      for (const statement of ((fn.body as Node | null)?.body as Node[] | undefined) ?? []) {
        if (statement?.type !== "VariableDeclaration") continue;
        for (const { id, init } of statement.declarations as { id: Node; init: Node | null }[]) {
          if (init?.type === "Identifier" && init.name === pattern.name) from(id);
        }
      }
    }
    for (const statement of body) {
      const assigned = assignment(statement, name, "defaultProps");
      for (const property of (assigned?.properties as Node[] | undefined) ?? []) {
        const key = property.type === "Property" ? keyOf(property) : null;
        if (key !== null) out[key] = readValue(property.value as Node, text, lines);
      }
    }
    return out;
  }
}

/** `Hero.defaultProps = {…}`: the object. */
function assignment(statement: Node, name: string, property: string): Node | null {
  const expression = statement.type === "ExpressionStatement" ? (statement.expression as Node) : null;
  const left = expression?.type === "AssignmentExpression" ? (expression.left as Node) : null;
  if (left?.type !== "MemberExpression" || nameOf(left) !== `${name}.${property}`) return null;
  const right = expression!.right as Node;
  return right.type === "ObjectExpression" ? right : null;
}

/** The function in what a component is wrapped in. */
export function functionIn(given: Node, body: Node[], depth = 0): Node | null {
  const node = unwrap(given.type === "VariableDeclarator" ? ((given.init as Node | null) ?? given) : given);
  if (/Function/.test(node.type)) return node;
  if (depth > DEPTH) return null;
  if (node.type === "CallExpression") {
    for (const argument of node.arguments as Node[]) {
      const found = functionIn(argument, body, depth + 1);
      if (found) return found;
    }
  }
  if (node.type !== "Identifier") return null;
  for (const statement of body) {
    const at = (/^Export/.test(statement.type) ? statement.declaration : statement) as Node | null;
    if ((at?.id as Node | null | undefined)?.name === node.name && at!.type !== "ImportDeclaration")
      return functionIn(at!, body, depth + 1);
    for (const declarator of (at?.declarations as Node[] | undefined) ?? []) {
      if ((declarator.id as Node).name === node.name) return functionIn(declarator, body, depth + 1);
    }
  }
  return null;
}

/** Props of a component without types: by their defaults, and by their names. */
function untyped(fn: Node, text: string): Member[] {
  const parameter = (fn.params as Node[])[0]!;
  const pattern = parameter.type === "AssignmentPattern" ? (parameter.left as Node) : parameter;
  if (pattern.type !== "ObjectPattern") return [];
  return (pattern.properties as Node[]).flatMap((property) => {
    const name = property.type === "Property" ? keyOf(property) : null;
    if (name === null) return [];
    const value = property.value as Node;
    if (value.type === "AssignmentPattern") {
      return member(name, shapeOfValue(readValue(value.right as Node, text, new Lines("", []))));
    }
    return member(name, byName(name));
  });
}

function byName(name: string): Shape {
  if (name === "children") return { kind: "node" };
  if (/^on[A-Z]|^(?:set|handle|render)[A-Z]/.test(name)) return { kind: "function" };
  if (/^(?:is|has|show|hide|with)[A-Z]|^(?:disabled|active|open|checked|loading)$/.test(name))
    return { kind: "boolean" };
  if (/(?:count|size|width|height|length|index|total|min|max|step)$/i.test(name)) return { kind: "number" };
  return /(?:items|list|rows|data|options)$/i.test(name) ? UNKNOWN : { kind: "string" };
}

const CHECKS: Record<string, Shape> = {
  string: { kind: "string" },
  number: { kind: "number" },
  bool: { kind: "boolean" },
  func: { kind: "function" },
  node: { kind: "node" },
  element: { kind: "node" },
  elementType: { kind: "component" },
};

/** `Hero.propTypes = {…}`, of before there were types. */
export function propTypes(modules: Modules, { path, name }: Declared): Member[] {
  const source = modules.get(path);
  for (const statement of source.body) {
    const object = assignment(statement, name, "propTypes");
    if (!object) continue;
    return (object.properties as Node[]).flatMap((property) => {
      const key = property.type === "Property" ? keyOf(property) : null;
      if (key === null) return [];
      const value = property.value as Node;
      const required = value.type === "MemberExpression" && (value.property as Node).name === "isRequired";
      const shape = checked(required ? (value.object as Node) : value, source.text);
      return { name: key, optional: !required, shape, doc: docAt(source, property.start) };
    });
  }
  return [];
}

function checked(node: Node, text: string): Shape {
  const call = node.type === "CallExpression";
  const name = nameOf(call ? (node.callee as Node) : node)
    .split(".")
    .at(-1)!;
  if (!call) return CHECKS[name] ?? UNKNOWN;
  const [argument] = node.arguments as Node[];
  const elements = argument?.type === "ArrayExpression" ? (argument.elements as Node[]) : [];
  switch (name) {
    case "oneOf": {
      const values = argument ? readValue(argument, text, new Lines("", [])) : [];
      if (!Array.isArray(values) || values.some(isCode)) return { kind: "string" };
      return union(values.map((value) => ({ kind: "literal", value })));
    }
    case "oneOfType":
      return union(elements.map((element) => checked(element, text)));
    case "arrayOf":
      return { kind: "array", of: argument ? checked(argument, text) : UNKNOWN };
    case "objectOf":
      return { kind: "record", of: UNKNOWN };
    case "instanceOf":
      return argument?.name === "Date" ? { kind: "date" } : UNKNOWN;
    case "shape":
    case "exact": {
      const properties = argument?.type === "ObjectExpression" ? (argument.properties as Node[]) : [];
      const members = properties.flatMap((property) => {
        const key = property.type === "Property" ? keyOf(property) : null;
        if (key === null) return [];
        const value = memberOf(argument!, key)!;
        const required = value.type === "MemberExpression" && (value.property as Node).name === "isRequired";
        return member(key, checked(required ? (value.object as Node) : value, text), !required);
      });
      return { kind: "object", members };
    }
    default:
      return UNKNOWN;
  }
}

/** Whether a declaration is a component: it renders, or wraps what does. */
export function isComponent(modules: Modules, { path, node }: Declared, depth = 0): boolean {
  const given = node.type === "VariableDeclarator" ? (node.init as Node | null) : node;
  const value = given && unwrap(given);
  if (!value || depth > DEPTH) return false;
  const annotation = ((node.id as Node | undefined)?.typeAnnotation as Node | undefined)?.typeAnnotation as Node;
  if (
    annotation?.typeName &&
    /(?:^|\.)(?:FC|VFC|FunctionComponent|ComponentType)$/.test(nameOf(annotation.typeName as Node))
  )
    return true;
  if (/Function/.test(value.type)) return renders(value);
  if (/^Class/.test(value.type)) {
    const above = value.superClass ? nameOf(value.superClass as Node) : "";
    return /(?:^|\.)(?:Pure)?Component$/.test(above);
  }
  if (value.type === "TaggedTemplateExpression") return /^styled\b/.test(tagText(value.tag as Node));
  if (value.type === "MemberExpression") return /^[A-Z]\w*(?:\.[A-Z]\w*)+$/.test(nameOf(value));
  if (value.type === "Identifier") {
    const declared = modules.named(path, value.name as string);
    return declared ? isComponent(modules, declared, depth + 1) : false;
  }
  if (value.type !== "CallExpression") return false;
  const callee =
    nameOf(value.callee as Node)
      .split(".")
      .at(-1) ?? "";
  if (/^(?:memo|forwardRef|lazy|observer)$/.test(callee)) return true;
  if (/^(?:create|use)[A-Z]|^(?:cva|tv|cn|clsx)$/.test(callee)) return false;
  return (value.arguments as Node[]).some((argument) => {
    const found = { path, name: "", node: argument };
    return isComponent(modules, found, depth + 1);
  });
}

function tagText(node: Node): string {
  if (node.type === "CallExpression") return tagText(node.callee as Node);
  return nameOf(node);
}

function renders(fn: Node): boolean {
  let found = false;
  walk(fn.body, (node) => {
    found ||= /^JSX(?:Element|Fragment)$/.test(node.type);
    found ||=
      node.type === "CallExpression" && /(?:^|\.)(?:createElement|jsx|createPortal)$/.test(nameOf(node.callee as Node));
    found ||= node.type === "ReturnStatement" && returnsChildren(node.argument as Node | null);
  });
  return found || returnsChildren(fn.body as Node);
}

function returnsChildren(given: Node | null): boolean {
  const node = given && unwrap(given);
  return node ? /(?:^|\.)children$/.test(nameOf(node)) : false;
}
