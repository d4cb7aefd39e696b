/** What a prop can be, whatever the way in which its type is written. */
import type { Doc } from "./docs";

export type Shape =
  | {
      kind:
        | "string"
        | "number"
        | "boolean"
        | "null"
        | "undefined"
        | "function"
        | "node"
        | "date"
        | "component"
        | "reference"
        | "style"
        | "unknown";
    }
  | { kind: "literal"; value: string | number | boolean }
  | { kind: "union"; of: Shape[] }
  | { kind: "array"; of: Shape }
  | { kind: "tuple"; of: Shape[] }
  | { kind: "record"; of: Shape }
  | { kind: "object"; members: Member[] };

export interface Member {
  name: string;
  optional: boolean;
  shape: Shape;
  doc: Doc;
  /** Of an element or a package, not of the app. */
  foreign?: boolean;
}

export const UNKNOWN: Shape = { kind: "unknown" };

export const literal = (value: string | number | boolean): Shape => ({ kind: "literal", value });

export function member(name: string, shape: Shape, optional = true): Member {
  return { name, optional, shape, doc: { text: "", tags: new Map() } };
}

/** The alternatives of a shape, flat and each once. */
export function alternatives(shape: Shape): Shape[] {
  if (shape.kind !== "union") return [shape];
  const out = new Map<string, Shape>();
  for (const one of shape.of.flatMap(alternatives)) {
    const key = one.kind === "literal" ? `${typeof one.value} ${one.value}` : one.kind;
    out.set(one.kind === "object" || one.kind === "array" || one.kind === "tuple" ? `${key} ${out.size}` : key, one);
  }
  return [...out.values()];
}

export function union(of: Shape[]): Shape {
  const flat = alternatives({ kind: "union", of });
  return flat.length === 1 ? flat[0]! : { kind: "union", of: flat };
}

/** The members of an object; of one of several, those of any of them. */
export function membersOf(shape: Shape): Member[] {
  if (shape.kind === "object") return shape.members;
  if (shape.kind !== "union") return [];
  const all = alternatives(shape).filter((one) => one.kind === "object");
  const out = new Map<string, Member>();
  for (const { members } of all) {
    for (const one of members) {
      const before = out.get(one.name);
      const optional = one.optional || all.some((other) => !other.members.some((m) => m.name === one.name));
      out.set(
        one.name,
        before ? { ...before, optional, shape: union([before.shape, one.shape]) } : { ...one, optional },
      );
    }
  }
  return [...out.values()].filter((one) => alternatives(one.shape).some((s) => s.kind !== "undefined"));
}

/** Both of two objects. */
export function merged(shapes: Shape[]): Shape {
  const out = new Map<string, Member>();
  for (const one of shapes.flatMap(membersOf)) {
    const before = out.get(one.name);
    out.set(one.name, before ? { ...one, optional: before.optional && one.optional } : one);
  }
  return { kind: "object", members: [...out.values()] };
}

/** What a value says of others of its kind. */
export function shapeOfValue(value: unknown): Shape {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return { kind: typeof value as "string" | "number" | "boolean" };
  }
  if (Array.isArray(value)) return { kind: "array", of: value.length ? union(value.map(shapeOfValue)) : UNKNOWN };
  if (typeof value !== "object" || value === null || "$source" in value) return UNKNOWN;
  if ("$date" in value) return { kind: "date" };
  return { kind: "object", members: Object.entries(value).map(([name, v]) => member(name, shapeOfValue(v), false)) };
}
