/** Props to render a component with, from what its source says of them. */
import type { PropSet } from "../checker/messages";
import type { Node, Source } from "./repair/sources";

const DEPTH = 4;

/** A prop; `optional` also where the component has a default for it. */
export interface Member {
  name: string;
  optional: boolean;
  type: Node | null;
}

/**
 * With all props, and with those only that it must have. `bare` asks for a set without any first: that is how a preview
 * shows it.
 */
export function propSets(source: Source, exported: string, bare: boolean): PropSet[] {
  const types = declaredTypes(source.body);
  const members = propsOf(source, exported);
  const sample = (all: Member[]) => Object.fromEntries(all.map((m) => [m.name, value(m.type, m.name, types, 0)]));
  const needed = members.filter((m) => !m.optional);
  const sets: PropSet[] = [];
  if (bare || !needed.length) sets.push({});
  if (members.length) sets.push(sample(members));
  if (needed.length && needed.length < members.length) sets.push(sample(needed));
  return sets;
}

/** The props that a component's source declares; none where it says nothing of them, or says it in another file. */
export function propsOf(source: Source, exported: string): Member[] {
  const types = declaredTypes(source.body);
  return membersOf(propsType(component(source.body, exported), source, types), types);
}

function declaredTypes(body: Node[]): Map<string, Node> {
  const out = new Map<string, Node>();
  for (const statement of body) {
    const node = statement.type === "ExportNamedDeclaration" ? (statement.declaration as Node | null) : statement;
    if (node && /^TS(?:InterfaceDeclaration|TypeAliasDeclaration)$/.test(node.type))
      out.set((node.id as Node).name as string, node);
  }
  return out;
}

/** The function, or the variable, that is the component. */
export function component(body: Node[], exported: string): Node | null {
  if (exported !== "default") return declaration(body, exported);
  const found = body.find((node) => node.type === "ExportDefaultDeclaration")?.declaration as Node | undefined;
  if (!found) return null;
  return unwrapped(found.type === "Identifier" ? declaration(body, found.name as string) : found, body);
}

/** `memo(Inner)` and `forwardRef(…)` to what they wrap. */
function unwrapped(node: Node | null, body: Node[]): Node | null {
  const inner = node?.type === "CallExpression" ? (node.arguments as Node[])[0] : undefined;
  if (!inner) return node;
  return inner.type === "Identifier" ? declaration(body, inner.name as string) : inner;
}

/** A function, or a variable with one. */
function declaration(body: Node[], name: string): Node | null {
  for (const statement of body) {
    const node = (/^Export(?:Named|Default)/.test(statement.type) ? statement.declaration : statement) as Node | null;
    if (!node) continue;
    if (/^(?:Function|Class)Declaration$/.test(node.type) && (node.id as Node | null)?.name === name) return node;
    if (node.type !== "VariableDeclaration") continue;
    for (const d of node.declarations as Node[]) if ((d.id as Node).name === name) return d;
  }
  return null;
}

function propsType(found: Node | null, source: Source, types: Map<string, Node>): Node | null {
  if (!found) return null;
  let fn = found;
  if (found.type === "VariableDeclarator") {
    const annotation = ((found.id as Node).typeAnnotation as Node | null)?.typeAnnotation as Node | undefined;
    const first = ((annotation?.typeArguments as Node | undefined)?.params as Node[] | undefined)?.[0];
    if (first) return first;
    fn = unwrapped(found.init as Node | null, source.body) ?? found;
  }
  const parameter = (fn.params as Node[] | undefined)?.[0];
  if (!parameter) return null;
  const pattern = parameter.type === "AssignmentPattern" ? (parameter.left as Node) : parameter;
  const type = (pattern.typeAnnotation as Node | null | undefined)?.typeAnnotation as Node | undefined;
  if (!type) return null;
  return withDefaults(type, pattern, types);
}

/** A prop with a default need not be given, whatever its type says. */
function withDefaults(type: Node, pattern: Node, types: Map<string, Node>): Node {
  if (pattern.type !== "ObjectPattern") return type;
  const standard = new Set(
    (pattern.properties as Node[])
      .filter((p) => (p.value as Node | undefined)?.type === "AssignmentPattern")
      .map((p) => (p.key as Node).name as string),
  );
  if (!standard.size) return type;
  const members = membersOf(type, types).map((m) => ({ ...m, optional: m.optional || standard.has(m.name) }));
  return { type: "Members", start: 0, end: 0, members } as unknown as Node;
}

function membersOf(type: Node | null, types: Map<string, Node>, depth = 0): Member[] {
  if (!type || depth > DEPTH) return [];
  if (type.type === "Members") return type.members as Member[];
  if (type.type === "TSTypeLiteral") return (type.members as Node[]).flatMap(member);
  if (type.type === "TSInterfaceDeclaration") {
    const own = ((type.body as Node).body as Node[]).flatMap(member);
    const above = ((type.extends as Node[] | null) ?? []).flatMap((e) =>
      membersOf(types.get((e.expression as Node).name as string) ?? null, types, depth + 1),
    );
    return [...above, ...own];
  }
  if (type.type === "TSTypeAliasDeclaration") return membersOf(type.typeAnnotation as Node, types, depth + 1);
  if (type.type === "TSIntersectionType") return (type.types as Node[]).flatMap((t) => membersOf(t, types, depth + 1));
  if (type.type === "TSParenthesizedType") return membersOf(type.typeAnnotation as Node, types, depth + 1);
  if (type.type !== "TSTypeReference") return [];
  const name = (type.typeName as Node).name as string;
  const first = ((type.typeArguments as Node | null)?.params as Node[] | undefined)?.[0] ?? null;
  if (/^(?:Readonly|Required|PropsWithChildren)$/.test(name)) return membersOf(first, types, depth + 1);
  if (name === "Partial") return membersOf(first, types, depth + 1).map((m) => ({ ...m, optional: true }));
  return membersOf(types.get(name) ?? null, types, depth + 1);
}

function member(node: Node): Member[] {
  const key = node.key as Node | undefined;
  const name = (key?.name ?? key?.value) as string | undefined;
  if (!name || node.computed) return [];
  if (node.type === "TSMethodSignature")
    return [{ name, optional: Boolean(node.optional), type: { ...node, type: "TSFunctionType" } }];
  if (node.type !== "TSPropertySignature") return [];
  return [
    {
      name,
      optional: Boolean(node.optional),
      type: ((node.typeAnnotation as Node | null)?.typeAnnotation as Node) ?? null,
    },
  ];
}

const FUNCTION = { $: "function" };

function value(type: Node | null, name: string, types: Map<string, Node>, depth: number): unknown {
  if (!type || depth > DEPTH) return depth > DEPTH ? { $: "undefined" } : byName(name);
  switch (type.type) {
    case "TSStringKeyword":
      return byName(name);
    case "TSNumberKeyword":
      return 3;
    case "TSBooleanKeyword":
      return true;
    case "TSNullKeyword":
      return null;
    case "TSUndefinedKeyword":
    case "TSVoidKeyword":
      return { $: "undefined" };
    case "TSFunctionType":
      return FUNCTION;
    case "TSLiteralType": {
      const literal = type.literal as Node;
      return literal.type === "UnaryExpression" ? -((literal.argument as Node).value as number) : literal.value;
    }
    case "TSUnionType": {
      const some = (type.types as Node[]).filter((t) => !/^TS(?:Undefined|Null|Void)Keyword$/.test(t.type));
      return value(some[0] ?? null, name, types, depth);
    }
    case "TSArrayType":
      return [0, 1].map((n) => numbered(value(type.elementType as Node, singular(name), types, depth + 1), n));
    case "TSTupleType":
      return (type.elementTypes as Node[]).map((t) => value(t, name, types, depth + 1));
    case "TSParenthesizedType":
    case "TSTypeOperator":
    case "TSTypeAliasDeclaration":
      return value(type.typeAnnotation as Node, name, types, depth);
    case "TSTypeLiteral":
    case "TSInterfaceDeclaration":
    case "TSIntersectionType":
      return Object.fromEntries(membersOf(type, types).map((m) => [m.name, value(m.type, m.name, types, depth + 1)]));
    case "TSTypeReference":
      return referenced(type, name, types, depth);
    default:
      return byName(name);
  }
}

function referenced(type: Node, name: string, types: Map<string, Node>, depth: number): unknown {
  const named = type.typeName as Node;
  const what = ((named.type === "TSQualifiedName" ? (named.right as Node) : named).name as string) ?? "";
  const parameters = ((type.typeArguments as Node | null)?.params as Node[] | undefined) ?? [];
  const own = types.get(what);
  if (own) return value(own, name, types, depth + 1);
  if (/^(?:Array|ReadonlyArray|Set)$/.test(what)) {
    return [0, 1].map((n) => numbered(value(parameters[0] ?? null, singular(name), types, depth + 1), n));
  }
  if (/^(?:Readonly|Partial|Required|NonNullable|Pick|Omit)$/.test(what))
    return value(parameters[0] ?? null, name, types, depth);
  if (/^(?:ReactNode|ReactElement|Element)$/.test(what)) return { $: "element", value: name };
  if (what === "Date") return { $: "date", value: "2026-01-15T10:30:00Z" };
  if (what === "Record") return { a: value(parameters[1] ?? null, name, types, depth + 1) };
  if (/(?:Handler|Dispatch|Function|Callback|SetStateAction)$/.test(what)) return FUNCTION;
  if (what === "ComponentType" || what === "FC" || /Icon$/.test(what)) return FUNCTION;
  return { $: "undefined" };
}

function byName(name: string): unknown {
  if (/^on[A-Z]/.test(name)) return FUNCTION;
  if (/(?:url|href|link)$/i.test(name)) return "https://example.com/";
  if (/(?:src|image|avatar|logo)$/i.test(name)) return "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
  if (/color$/i.test(name)) return "#336699";
  if (/date$/i.test(name)) return "2026-01-15";
  if (/email$/i.test(name)) return "ada@example.com";
  if (name === "className") return "";
  return name;
}

/** Two items of a list differ, as ids must. */
function numbered(item: unknown, n: number): unknown {
  if (n === 0) return item;
  if (typeof item === "number") return item + n;
  if (typeof item === "string") return `${item} ${n + 1}`;
  if (typeof item !== "object" || item === null || Array.isArray(item) || "$" in item) return item;
  return Object.fromEntries(
    Object.entries(item).map(([key, inner]) => [
      key,
      /^(?:id|key|name|title|label|value)$/.test(key) ? numbered(inner, n) : inner,
    ]),
  );
}

function singular(name: string): string {
  return name.length > 3 && name.endsWith("s") ? name.slice(0, -1) : name;
}
