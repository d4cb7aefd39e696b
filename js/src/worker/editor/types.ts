/** From a type as it is written, in whatever file, to the shape of its values. */
import { keyOf, type Node } from "../literal";
import { isCode, isRecord } from "./data";
import { docAt } from "./docs";
import { isHost } from "./host";
import { attributesOf } from "./host_fields";
import { elementProps, knownType } from "./known_types";
import { Lines } from "./lines";
import { type Declared, isForeign, type Modules } from "./modules";
import {
  alternatives,
  literal,
  type Member,
  member,
  membersOf,
  merged,
  type Shape,
  shapeOfValue,
  UNKNOWN,
  union,
} from "./shapes";
import { readValue, unwrap } from "./values";

/** Types that refer to themselves end here. */
const DEPTH = 12;
const ITEMS = 2000;

/** What nearly every component of a package takes; more is not known without its types. */
const OF_PACKAGES: Shape = {
  kind: "object",
  members: [
    { ...member("className", { kind: "string" }), foreign: true },
    { ...member("children", { kind: "node" }), foreign: true },
  ],
};

/** Where a type is written, and what its parameters stand for. */
interface Scope {
  path: string;
  parameters: Map<string, Shape>;
}

export class Types {
  /** Files that were looked into. */
  readonly seen = new Set<string>();
  private left = ITEMS;

  constructor(
    private readonly modules: Modules,
    /** The props of a component, by its declaration. */
    private readonly propsOf: (declared: Declared) => Shape,
  ) {}

  /** The shape of a type that is written in a file. */
  of(node: Node | null | undefined, path: string, parameters = new Map<string, Shape>()): Shape {
    return this.shape(node, { path, parameters }, 0);
  }

  /** What stands for a component's type parameters: what they must be, where they say so. */
  parameters(node: Node | null | undefined, path: string): Map<string, Shape> {
    const out = new Map<string, Shape>();
    for (const parameter of (node?.params as Node[] | undefined) ?? []) {
      const standard = (parameter.default ?? parameter.constraint) as Node | null;
      out.set(nameOf(parameter.name as Node | string), standard ? this.of(standard, path, out) : UNKNOWN);
    }
    return out;
  }

  private shape(node: Node | null | undefined, scope: Scope, depth: number): Shape {
    if (!node || depth > DEPTH || this.left <= 0) return UNKNOWN;
    this.seen.add(scope.path);
    const at = (inner: unknown) => this.shape(inner as Node, scope, depth + 1);
    switch (node.type) {
      case "TSStringKeyword":
      case "TSTemplateLiteralType":
        return { kind: "string" };
      case "TSNumberKeyword":
        return { kind: "number" };
      case "TSBooleanKeyword":
        return { kind: "boolean" };
      case "TSNullKeyword":
        return { kind: "null" };
      case "TSUndefinedKeyword":
      case "TSVoidKeyword":
      case "TSNeverKeyword":
        return { kind: "undefined" };
      case "TSFunctionType":
      case "TSConstructorType":
        return { kind: "function" };
      case "TSLiteralType": {
        const value = readValue(node.literal as Node, "", new Lines("", []));
        return isRecord(value) || value === null ? { kind: "string" } : literal(value as string);
      }
      case "TSUnionType":
        return union((node.types as Node[]).map(at));
      case "TSIntersectionType":
        return intersection((node.types as Node[]).map(at));
      case "TSArrayType":
        return { kind: "array", of: at(node.elementType) };
      case "TSTupleType":
        return { kind: "tuple", of: (node.elementTypes as Node[]).map(at) };
      case "TSNamedTupleMember":
        return at(node.elementType);
      case "TSOptionalType":
      case "TSRestType":
      case "TSParenthesizedType":
        return at(node.typeAnnotation);
      case "TSTypeOperator":
        return node.operator === "keyof" ? keys(at(node.typeAnnotation)) : at(node.typeAnnotation);
      case "TSTypeLiteral":
        return this.object(node.members as Node[], scope, depth);
      case "TSTypeQuery":
        return this.valueOf(node.exprName as Node, scope);
      case "TSIndexedAccessType":
        return this.indexed(node, scope, depth);
      case "TSMappedType":
        return this.mapped(node, scope, depth);
      case "TSConditionalType":
        return union([at(node.trueType), at(node.falseType)]);
      case "TSTypeReference":
        return this.reference(node, scope, depth);
      default:
        return UNKNOWN;
    }
  }

  private object(members: Node[], scope: Scope, depth: number): Shape {
    if (members.some((m) => m.type === "TSCallSignatureDeclaration")) return { kind: "function" };
    const out = members.flatMap((m) => this.member(m, scope, depth));
    const index = members.find((m) => m.type === "TSIndexSignature");
    if (index && !out.length) {
      const type = (index.typeAnnotation as Node | null)?.typeAnnotation as Node | undefined;
      return { kind: "record", of: this.shape(type, scope, depth + 1) };
    }
    return { kind: "object", members: out };
  }

  private member(node: Node, scope: Scope, depth: number): Member[] {
    const name = /^TS(?:Property|Method)Signature$/.test(node.type) ? keyOf(node) : null;
    if (name === null) return [];
    this.left -= 1;
    const type = (node.typeAnnotation as Node | null)?.typeAnnotation as Node | undefined;
    const shape: Shape = node.type === "TSMethodSignature" ? { kind: "function" } : this.shape(type, scope, depth + 1);
    const doc = docAt(this.modules.get(scope.path), node.start);
    const foreign = isForeign(scope.path);
    return [{ name, optional: Boolean(node.optional), shape, doc, ...(foreign && { foreign }) }];
  }

  private reference(node: Node, scope: Scope, depth: number): Shape {
    const named = node.typeName as Node;
    const name = nameOf(named);
    const last = name.split(".").at(-1)!;
    const given = ((node.typeArguments as Node | null)?.params as Node[] | undefined) ?? [];
    const argument = (i: number) => this.shape(given[i], scope, depth + 1);
    const parameter = scope.parameters.get(name);
    if (parameter) return parameter;
    const foreign = this.modules.isFromPackage(scope.path, name.split(".")[0]!);
    const declared = foreign || name.includes(".") ? null : this.modules.named(scope.path, name);
    if (declared) return this.declared(declared, given, scope, depth);
    const known = this.byName(name, given, scope, argument);
    if (known) return known;
    const far = foreign ? this.modules.qualified(scope.path, name) : null;
    if (far) return this.declared(far, given, scope, depth);
    return foreign && /Props$/.test(last) ? OF_PACKAGES : UNKNOWN;
  }

  private byName(full: string, given: Node[], scope: Scope, argument: (i: number) => Shape): Shape | null {
    const name = full.split(".").at(-1)!;
    switch (name) {
      case "VariantProps":
        return this.variants(given[0], scope);
      case "ComponentProps":
      case "ComponentPropsWithoutRef":
      case "ComponentPropsWithRef":
        return given[0]?.type === "TSTypeQuery" ? this.propsOfValue(given[0], scope) : elementProps(argument(0));
      // Of the browser, not of JSX.
      case "Element":
        return { kind: name !== full ? "node" : "reference" };
      default:
        return knownType(name, argument);
    }
  }

  /** `typeof Dialog.Root`: what that component takes. */
  private propsOfValue(query: Node, scope: Scope): Shape {
    const name = nameOf(query.exprName as Node);
    const last = name.split(".").at(-1)!;
    // `motion.div`, `Primitive.button`.
    if (name !== last && isHost(last)) return elementProps(literal(last));
    const component = this.modules.qualified(scope.path, name);
    const shape = component && this.propsOf(component);
    return shape && membersOf(shape).length ? shape : OF_PACKAGES;
  }

  private declared(found: Declared, given: Node[], scope: Scope, depth: number): Shape {
    // A constant may have the name of a type.
    const { path, name, node } = this.modules.typeOf(found) ?? found;
    this.seen.add(path);
    const parameters = new Map<string, Shape>();
    const list = ((node.typeParameters as Node | null)?.params as Node[] | undefined) ?? [];
    for (const [i, parameter] of list.entries()) {
      const inner = { path, parameters };
      const standard = (parameter.default ?? parameter.constraint) as Node | null;
      const own = given[i] ? this.shape(given[i], scope, depth + 1) : this.shape(standard, inner, depth + 1);
      parameters.set(nameOf(parameter.name as Node | string), own);
    }
    const inner = { path, parameters };
    if (node.type === "TSTypeAliasDeclaration") return this.shape(node.typeAnnotation as Node, inner, depth + 1);
    if (node.type === "TSEnumDeclaration") return enumeration(node);
    if (node.type !== "TSInterfaceDeclaration") return UNKNOWN;
    const parts = this.modules.interfaces(path, name).flatMap((one) => {
      const above = ((one.extends as Node[] | null) ?? []).map((e) => {
        const reference = { ...e, type: "TSTypeReference", typeName: e.expression, typeArguments: e.typeArguments };
        return this.shape(reference as unknown as Node, inner, depth + 1);
      });
      return [...above, this.object((one.body as Node).body as Node[], inner, depth)];
    });
    if (parts.length === 1 || parts.some((part) => part.kind === "function")) return parts.at(-1)!;
    return merged(parts);
  }

  /** `typeof SIZES`: what a constant holds. */
  private valueOf(name: Node, scope: Scope): Shape {
    const declared = this.modules.named(scope.path, nameOf(name));
    if (!declared) {
      const holder = name.type === "TSQualifiedName" ? membersOf(this.valueOf(name.left as Node, scope)) : [];
      return holder.find((one) => one.name === (name.right as Node).name)?.shape ?? UNKNOWN;
    }
    this.seen.add(declared.path);
    const init = declared.node.init as Node | null | undefined;
    if (declared.node.type === "TSEnumDeclaration") return enumeration(declared.node);
    if (!init) {
      const annotation = ((declared.node.id as Node | null)?.typeAnnotation as Node | undefined)?.typeAnnotation;
      return this.of(annotation as Node | undefined, declared.path);
    }
    const { text } = this.modules.get(declared.path);
    return constant(readValue(init, text, new Lines(text, [])));
  }

  private indexed(node: Node, scope: Scope, depth: number): Shape {
    const object = node.objectType as Node;
    const index = node.indexType as Node;
    if (object.type === "TSTypeReference" && nameOf(object.typeName as Node).endsWith("IntrinsicElements")) {
      const tag = this.shape(index, scope, depth + 1);
      return { kind: "object", members: attributesOf(tag.kind === "literal" ? String(tag.value) : "div") };
    }
    const shape = this.shape(object, scope, depth + 1);
    if (index.type === "TSNumberKeyword") {
      if (shape.kind === "array") return shape.of;
      if (shape.kind === "tuple") return union(shape.of);
    }
    if (shape.kind === "record") return shape.of;
    const names = alternatives(this.shape(index, scope, depth + 1));
    const members = membersOf(shape);
    const found = names.flatMap((s) => (s.kind === "literal" ? members.filter((m) => m.name === String(s.value)) : []));
    return found.length ? union(found.map((m) => m.shape)) : UNKNOWN;
  }

  private mapped(node: Node, scope: Scope, depth: number): Shape {
    const constraint = (node.constraint ?? (node.typeParameter as Node | undefined)?.constraint) as Node | undefined;
    const names = alternatives(this.shape(constraint, scope, depth + 1));
    const key = nameOf((node.key ?? (node.typeParameter as Node | undefined)?.name ?? "") as Node | string);
    const of = (name: Shape) => {
      const parameters = new Map(scope.parameters).set(key, name);
      return this.shape(node.typeAnnotation as Node, { ...scope, parameters }, depth + 1);
    };
    if (!names.every((s) => s.kind === "literal")) return { kind: "record", of: of({ kind: "string" }) };
    const optional = Boolean(node.optional);
    this.left -= names.length;
    return {
      kind: "object",
      members: names.map((s) => member(String((s as { value: string }).value), of(s), optional)),
    };
  }

  /** `VariantProps<typeof button>`: the variants that `cva` or `tv` was given. */
  private variants(query: Node | undefined, scope: Scope): Shape {
    const name = query?.type === "TSTypeQuery" ? nameOf(query.exprName as Node) : "";
    const declared = name ? this.modules.named(scope.path, name) : null;
    const call = declared?.node.init ? unwrap(declared.node.init as Node) : null;
    if (!declared || call?.type !== "CallExpression") return { kind: "object", members: [] };
    this.seen.add(declared.path);
    const { text } = this.modules.get(declared.path);
    for (const argument of call.arguments as Node[]) {
      const value = readValue(argument, text, new Lines(text, []));
      if (!isRecord(value) || !isRecord(value.variants)) continue;
      const standard = isRecord(value.defaultVariants) ? value.defaultVariants : {};
      const members = Object.entries(value.variants).map(([variant, options]): Member => {
        const names = isRecord(options) && !isCode(options) ? Object.keys(options) : [];
        const flag = names.length > 0 && names.every((n) => n === "true" || n === "false");
        const shape: Shape = flag ? { kind: "boolean" } : names.length ? union(names.map(literal)) : { kind: "string" };
        const tags = new Map(Object.hasOwn(standard, variant) ? [["default", JSON.stringify(standard[variant])]] : []);
        return { name: variant, optional: true, shape, doc: { text: "", tags } };
      });
      return { kind: "object", members };
    }
    return { kind: "object", members: [] };
  }
}

export function nameOf(node: Node | string): string {
  if (typeof node === "string") return node;
  if (node.type === "TSQualifiedName") return `${nameOf(node.left as Node)}.${(node.right as Node).name}`;
  if (node.type === "MemberExpression") return `${nameOf(node.object as Node)}.${(node.property as Node).name}`;
  return (node.name as string) ?? "";
}

function intersection(shapes: Shape[]): Shape {
  if (shapes.some((s) => s.kind === "function")) return { kind: "function" };
  const plain = shapes.find((s) => /^(?:string|number|boolean|node|literal)$/.test(s.kind));
  if (plain) return plain;
  const objects = shapes.filter((s) => s.kind === "object" || s.kind === "union");
  return objects.length ? merged(objects) : (shapes[0] ?? UNKNOWN);
}

function keys(shape: Shape): Shape {
  if (shape.kind === "record") return { kind: "string" };
  const names = membersOf(shape).map((m) => literal(m.name));
  return names.length ? union(names) : { kind: "string" };
}

function enumeration(node: Node): Shape {
  const members = ((node.body as Node | undefined)?.members ?? node.members) as Node[];
  return union(
    members.map((one, i) => {
      const value = one.initializer ? readValue(one.initializer as Node, "", new Lines("", [])) : i;
      return typeof value === "string" || typeof value === "number" ? literal(value) : { kind: "string" };
    }),
  );
}

/** The type of a value that does not change. */
function constant(value: unknown): Shape {
  if (Array.isArray(value)) return { kind: "tuple", of: value.map(constant) };
  if (isRecord(value) && !isCode(value)) {
    return { kind: "object", members: Object.entries(value).map(([name, v]) => member(name, constant(v), false)) };
  }
  return typeof value === "string" || typeof value === "number" ? literal(value) : shapeOfValue(value);
}
