/** From what a prop can be to the form field with which a person sets it; as data, for Puck's configuration. */
import { propertyOf } from "./data";
import type { Doc } from "./docs";
import { alternatives, type Member, membersOf, type Shape, union } from "./shapes";

export interface Option {
  label: string;
  value: string | number | boolean | null;
}

export interface Field {
  type:
    | "text"
    | "textarea"
    | "number"
    | "radio"
    | "select"
    | "color"
    | "date"
    | "array"
    | "object"
    | "slot"
    | "json"
    | "hidden";
  label: string;
  help: string;
  required: boolean;
  /** What the component takes where it is given nothing. */
  default?: unknown;
  options?: Option[];
  arrayFields?: Record<string, Field>;
  /** Of an array: what stands for an item that was added. */
  defaultItem?: unknown;
  /** The items of an array are values, not objects: they are the `value` of what `arrayFields` describes. */
  plain?: boolean;
  objectFields?: Record<string, Field>;
  /** Values that a text is often given. */
  suggestions?: string[];
  min?: number;
  max?: number;
  step?: number;
  /** Of a date: whether the prop takes a `Date` (`{ $date }`), not a string. */
  isDate?: boolean;
}

export type Fields = Record<string, Field>;

/** What the last word of a name says of a text. */
const LONG = new Set(
  `description content body message bio biography summary detail details paragraph excerpt markdown quote testimonial answer
  note notes comment blurb prose html abstract lead intro about`.split(/\s+/),
);
const COLOR = new Set(["color", "colour", "fill", "stroke"]);
const DATE = new Set(["date", "deadline", "birthday", "dob"]);
const MAX_RADIO = 4;
/** Of what packages declare, so many at most: more than these nobody looks through. */
const FOREIGN = 24;

export function fieldsOf(members: readonly Member[], defaults: Record<string, unknown>): Fields {
  const out: Fields = {};
  let foreign = 0;
  // What the component asks for itself comes first.
  for (const member of [...members].sort((a, b) => Number(a.foreign ?? false) - Number(b.foreign ?? false))) {
    if (/^(?:key|ref)$/.test(member.name)) continue;
    const field = fieldOf(member, defaults[member.name]);
    if (member.foreign && !field.required) {
      if (/^(?:hidden|json)$/.test(field.type) || /^(?:aria-|data-|_)/.test(member.name) || foreign >= FOREIGN)
        continue;
      foreign += 1;
    }
    // A prop named `children` has its place between the tags, not among the reserved names.
    out[member.name === "children" ? "children" : propertyOf(member.name)] = field;
  }
  return out;
}

function fieldOf({ name, optional, shape, doc }: Member, given: unknown): Field {
  const all = alternatives(shape);
  const some = all.filter((s) => s.kind !== "null" && s.kind !== "undefined");
  const input = inputFor(name, some.length ? union(some) : shape, doc);
  const standard = given === undefined ? documented(doc, input) : given;
  const field: Field = {
    ...input,
    label: doc.tags.get("label") ?? labelOf(name),
    help: helpOf(doc),
    required: !optional && some.length === all.length && standard === undefined,
  };
  if (standard !== undefined) field.default = standard;
  return field;
}

type Input = Omit<Field, "label" | "help" | "required">;

function inputFor(name: string, shape: Shape, doc: Doc): Input {
  const { tags } = doc;
  if (["hidden", "internal", "private", "ignore"].some((tag) => tags.has(tag))) return { type: "hidden" };
  const all = alternatives(shape);
  const kinds = new Set(all.map((s) => s.kind));
  if (kinds.has("node")) return { type: "slot" };
  const useful = all.filter((s) => !/^(?:function|component|reference|unknown)$/.test(s.kind));
  if (!useful.length) return { type: kinds.has("unknown") ? unknownInput(name) : "hidden" };
  if (/^on[A-Z]/.test(name) && all.length > useful.length) return { type: "hidden" };
  if (useful.some((s) => s.kind === "date")) return { type: "date", isDate: !kinds.has("string") };
  const literals = useful.flatMap((s) =>
    s.kind === "literal" ? [s.value] : s.kind === "boolean" ? [true, false] : [],
  );
  // Beside a type that is not known, literals are not all that it can be.
  const named = kinds.has("unknown") && literals.some((v) => typeof v === "string");
  const open = named || useful.some((s) => s.kind === "string" || s.kind === "number");
  if (!named && literals.length && literals.length === useful.length + (kinds.has("boolean") ? 1 : 0))
    return choice(literals);
  if (open) {
    const text = kinds.has("string") || literals.length > 0;
    if (!text) return numeric(tags);
    if (useful.every((s) => s.kind === "number" || (s.kind === "literal" && typeof s.value === "number")))
      return numeric(tags);
    return textual(name, tags, literals.filter((v) => typeof v === "string") as string[]);
  }
  const rest = useful.filter((s) => s.kind !== "literal" && s.kind !== "boolean");
  const array = rest.find((s) => s.kind === "array");
  if (array?.kind === "array") return list(name, array.of);
  const tuple = rest.find((s) => s.kind === "tuple");
  if (tuple?.kind === "tuple") return list(name, union(tuple.of));
  if (rest.some((s) => s.kind === "object")) {
    const members = membersOf(union(rest.filter((s) => s.kind === "object")));
    return members.length ? { type: "object", objectFields: inner(members) } : { type: "json" };
  }
  return literals.length ? choice(literals) : { type: "json" };
}

function isLong(name: string): boolean {
  return LONG.has(labelOf(name).toLowerCase().split(" ").at(-1)!);
}

/** Of a type that is not known, the name may say what it is. */
function unknownInput(name: string): "hidden" | "json" | "slot" {
  if (name === "children") return "slot";
  return /^(?:on|render|get|set|handle)[A-Z]|(?:Component|Icon|Ref|icon)$|^as$/.test(name) ? "hidden" : "json";
}

function choice(values: readonly (string | number | boolean)[]): Input {
  // `true` alone is left out otherwise.
  if (values.every((v) => typeof v === "boolean")) {
    return {
      type: "radio",
      options: [
        { label: "Yes", value: true },
        { label: "No", value: false },
      ],
    };
  }
  const label = (v: string | number | boolean) => (v === true ? "Yes" : v === false ? "No" : String(v));
  const options = [...new Set(values)].map((value) => ({ label: label(value), value }));
  return { type: options.length <= MAX_RADIO ? "radio" : "select", options };
}

function numeric(tags: Doc["tags"]): Input {
  const input: Input = { type: "number" };
  for (const [key, names] of [
    ["min", ["min", "minimum"]],
    ["max", ["max", "maximum"]],
    ["step", ["step", "multipleof"]],
  ] as const) {
    const value = Number.parseFloat(names.map((n) => tags.get(n)).find((v) => v !== undefined) ?? "");
    if (Number.isFinite(value)) input[key] = value;
  }
  return input;
}

function textual(name: string, tags: Doc["tags"], suggestions: string[]): Input {
  const format = tags.get("format") ?? "";
  const more = suggestions.length ? { suggestions } : {};
  if (["textarea", "multiline", "long", "markdown"].some((tag) => tags.has(tag))) return { type: "textarea", ...more };
  if (tags.has("color") || tags.has("colour") || /^colou?r$/.test(format)) return { type: "color", ...more };
  if (tags.has("date") || format === "date") return { type: "date", ...more };
  if (suggestions.length) return { type: "text", ...more };
  const words = labelOf(name).toLowerCase().split(" ");
  const last = words.at(-1)!;
  if (COLOR.has(last)) return { type: "color" };
  if (DATE.has(last) || (words.length > 1 && /^(?:at|on)$/.test(last))) return { type: "date" };
  return { type: isLong(name) ? "textarea" : "text" };
}

function list(name: string, of: Shape): Input {
  const items = alternatives(of).filter((s) => s.kind !== "undefined" && s.kind !== "null");
  if (items.length && items.every((s) => s.kind === "object")) {
    const arrayFields = inner(membersOf(union(items)));
    if (Object.keys(arrayFields).length) return { type: "array", arrayFields, defaultItem: defaultsOf(arrayFields) };
  }
  const value = fieldOf(
    { name: singular(name), optional: false, shape: of, doc: { text: "", tags: new Map() } },
    undefined,
  );
  if (/^(?:json|hidden|slot)$/.test(value.type)) return { type: value.type === "hidden" ? "hidden" : "json" };
  return { type: "array", plain: true, arrayFields: { value }, defaultItem: valueFor(value) };
}

/** Within arrays and objects there are no slots: what can be a text is one. */
function inner(members: readonly Member[]): Fields {
  const fields: Fields = {};
  for (const member of members) {
    const field = fieldOf(member, undefined);
    const text = field.type === "slot" && alternatives(member.shape).some((s) => /^(?:node|string)$/.test(s.kind));
    fields[member.name] = text ? { ...field, type: isLong(member.name) ? "textarea" : "text" } : field;
  }
  return fields;
}

/** What a new component is given: the props that it cannot do without. */
export function defaultsOf(fields: Fields): Record<string, unknown> {
  const needed = Object.entries(fields).filter(([, field]) => field.required && !/^(?:hidden|slot)$/.test(field.type));
  return Object.fromEntries(needed.map(([name, field]) => [name, valueFor(field)]));
}

function valueFor(field: Field): unknown {
  switch (field.type) {
    case "number":
      return field.min ?? 0;
    case "radio":
    case "select":
      return field.options?.find((o) => o.value === false)?.value ?? field.options?.[0]?.value ?? "";
    case "color":
      return "#336699";
    case "date":
      return field.isDate ? { $date: "2026-01-15" } : "2026-01-15";
    case "array":
      return [];
    case "object":
      return defaultsOf(field.objectFields ?? {});
    case "json":
      return {};
    default:
      return field.label;
  }
}

/** What a comment says to be the default; none that the field cannot hold. */
function documented(doc: Doc, { type, options }: Input): unknown {
  const written = doc.tags.get("default") ?? doc.tags.get("defaultvalue");
  if (!written) return undefined;
  const value = documentedValue(written);
  if (options) return options.some((option) => option.value === value) ? value : undefined;
  if (type === "number") return typeof value === "number" ? value : undefined;
  if (/^(?:text|textarea|color)$/.test(type)) return typeof value === "string" ? value : undefined;
  return typeof value === "object" ? value : undefined;
}

function documentedValue(written: string): unknown {
  const plain = written.replace(/^`|`$/g, "").trim();
  try {
    return JSON.parse(plain.replace(/^'(.*)'$/, '"$1"'));
  } catch {
    return plain;
  }
}

function helpOf({ text, tags }: Doc): string {
  const deprecated = tags.get("deprecated");
  return deprecated === undefined ? text : `${text} Deprecated: ${deprecated}`.trim();
}

/** `ctaLabel` to `Cta label`. */
export function labelOf(name: string): string {
  const words = name
    .replace(/^#/, "")
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .replace(/[-_.:]+/g, " ")
    .trim();
  const [first = "", ...rest] = words.split(" ");
  const others = rest.map((word) => (/^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase()));
  return [first && first[0]!.toUpperCase() + first.slice(1), ...others].join(" ");
}

function singular(name: string): string {
  if (/ies$/.test(name)) return name.replace(/ies$/, "y");
  return name.length > 3 && /[^s]s$/.test(name) ? name.slice(0, -1) : name;
}
