/**
 * Values in code: read where they are literals, kept as `{ $source }` where they are not, and rewritten so that what
 * stays the same keeps its characters.
 */
import { keyOf, type Node } from "../literal";
import { isCode, isRecord, same, VALUE_DEPTH } from "./data";
import { indented, type Lines } from "./lines";
import { indentAt, type Style } from "./style";

const WIDTH = 80;

/** The value of an expression. What is no literal, at any depth, is its source; so is what is nested too deeply. */
export function readValue(given: Node, text: string, lines: Lines, depth = 0): unknown {
  const node = unwrap(given);
  const code = () => ({ $source: lines.dedented(given.start, given.end) });
  const inner = (one: unknown) => readValue(one as Node, text, lines, depth + 1);
  switch (node.type) {
    case "Literal":
      if (node.regex || node.bigint || (typeof node.value === "number" && !Number.isFinite(node.value))) return code();
      return node.value;
    case "TemplateLiteral": {
      const [only, ...others] = node.quasis as { value: { cooked: string | null } }[];
      return others.length || typeof only!.value.cooked !== "string" ? code() : only!.value.cooked;
    }
    case "UnaryExpression": {
      const { value } = node.argument as Node;
      return node.operator === "-" && typeof value === "number" && value !== 0 ? -value : code();
    }
    case "ArrayExpression": {
      const elements = node.elements as (Node | null)[];
      if (depth >= VALUE_DEPTH || elements.some((one) => !one || one.type === "SpreadElement")) return code();
      return elements.map(inner);
    }
    case "ObjectExpression": {
      const properties = node.properties as Node[];
      const keys = properties.map(plainKey);
      // Looked at before the values are: these may be large, and are nothing then.
      if (depth >= VALUE_DEPTH || keys.includes(null) || new Set(keys).size < keys.length) return code();
      return Object.fromEntries(keys.map((key, i) => [key, inner(properties[i]!.value)]));
    }
    case "NewExpression": {
      const [only, ...others] = node.arguments as Node[];
      const isDate = (node.callee as Node).name === "Date" && only && !others.length;
      const date = isDate && !/^(?:Array|Object)/.test(unwrap(only).type) ? inner(only) : null;
      return typeof date === "string" ? { $date: date } : code();
    }
    default:
      return code();
  }
}

/** What parentheses and type assertions stand around. */
export function unwrap(node: Node): Node {
  let at = node;
  while (/^(?:Parenthesized|TSAs|TSSatisfies|TSNonNull)Expression$/.test(at.type)) at = at.expression as Node;
  return at;
}

function plainKey(property: Node): string | null {
  if (property.type !== "Property" || property.kind !== "init" || property.method) return null;
  const key = keyOf(property);
  return key === "__proto__" || key === "$source" || key === "$date" ? null : key;
}

/** The source of an expression for a value that is not the one it had. */
export function rewriteValue(given: Node, text: string, before: unknown, after: unknown, style: Style): string {
  const source = text.slice(given.start, given.end);
  if (same(before, after)) return source;
  const node = unwrap(given);
  const within = (inner: string) => text.slice(given.start, node.start) + inner + text.slice(node.end, given.end);
  if (typeof before === "string" && typeof after === "string") {
    const first = text[node.start]!;
    return within(quoted(after, first === "`" ? "`" : first === "'" ? "'" : '"'));
  }
  if (node.type === "ObjectExpression" && isRecord(before) && isRecord(after) && !marked(before) && !marked(after)) {
    return within(rewriteObject(node, text, before, after, style));
  }
  if (node.type === "ArrayExpression" && Array.isArray(before) && Array.isArray(after)) {
    return within(rewriteArray(node, text, before, after, style));
  }
  if (isCode(before) || isCode(after)) return printValue(after, style, indentAt(text, given.start));
  return within(printValue(after, style, indentAt(text, node.start)));
}

const marked = (value: Record<string, unknown>) => "$source" in value || "$date" in value;

function rewriteObject(
  node: Node,
  text: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  style: Style,
): string {
  const properties = node.properties as Node[];
  const entries = properties.map((property, from) => ({ property, from, key: keyOf(property)! }));
  const kept = entries
    .filter(({ key }) => Object.hasOwn(after, key))
    .map(({ property, from, key }): Piece => {
      const value = property.value as Node;
      if (same(before[key], after[key])) return { from, source: text.slice(property.start, property.end) };
      if (property.shorthand) {
        return {
          from,
          source: `${printKey(key, style)}: ${printValue(after[key], style, itemIndent(properties, text))}`,
        };
      }
      const source = rewriteValue(value, text, before[key], after[key], style);
      return { from, source: text.slice(property.start, value.start) + source };
    });
  const added = Object.keys(after)
    .filter((key) => !Object.hasOwn(before, key))
    .map((key): Piece => ({ source: printProperty(key, after[key], style, itemIndent(properties, text)) }));
  return joinList(node, text, properties, [...kept, ...added], "{", style);
}

function rewriteArray(node: Node, text: string, before: unknown[], after: unknown[], style: Style): string {
  const elements = node.elements as Node[];
  let start = 0;
  while (start < before.length && start < after.length && same(before[start], after[start])) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && same(before[before.length - 1 - end], after[after.length - 1 - end])) end++;
  const paired = Math.min(before.length, after.length) - end;
  const indent = itemIndent(elements, text);
  const pieces = after.map((value, i): Piece => {
    const from = i < paired ? i : i >= after.length - end ? i - after.length + before.length : -1;
    if (from < 0) return { source: printValue(value, style, indent) };
    return { from, source: rewriteValue(elements[from]!, text, before[from], value, style) };
  });
  return joinList(node, text, elements, pieces, "[", style);
}

interface Piece {
  /** The index among the former elements. */
  from?: number;
  source: string;
}

function itemIndent(elements: Node[], text: string): string {
  return elements.length ? indentAt(text, elements[0]!.start) : "";
}

/** A list's source with other elements; white space and comments stand before the element that they stood before. */
function joinList(node: Node, text: string, elements: Node[], pieces: Piece[], open: "{" | "[", style: Style): string {
  const close = open === "{" ? "}" : "]";
  if (!elements.length || !pieces.length) {
    const pad = open === "{" && pieces.length ? " " : "";
    return open + pad + pieces.map((piece) => piece.source).join(", ") + pad + close;
  }
  const leads: string[] = [];
  let at = node.start + 1;
  for (const element of elements) {
    leads.push(text.slice(at, element.start));
    at = afterComma(text, element.end);
  }
  const trailing = text[at - 1] === "," && at > elements.at(-1)!.end;
  const tail = text.slice(at, node.end - 1);
  const lines = leads.at(-1)!.includes("\n");
  const between = lines ? style.newline + indentAt(text, elements.at(-1)!.start) : elements.length > 1 ? " " : "";
  let out = open;
  let done = 0;
  for (const [i, { from, source }] of pieces.entries()) {
    let lead = i === 0 ? /^\s*/.exec(leads[0]!)![0] : between || " ";
    if (from !== undefined) {
      const left = leads.slice(done, from).map(commentsOf).join("");
      lead = joined(left, i > 0 && from === 0 ? between || " " : leads[from]!, style);
      if (i === 0 && from > 0 && !left && !lead.includes("\n")) lead = /^\s*/.exec(leads[0]!)![0];
      done = from + 1;
    }
    out += (i > 0 ? "," : "") + lead + source;
  }
  const left = leads.slice(done).map(commentsOf).join("");
  return out + (trailing ? "," : "") + joined(left, tail, style) + close;
}

function commentsOf(lead: string): string {
  return /\S/.test(lead) ? lead.trimEnd() : "";
}

/** A comment to the end of the line needs that end. */
function joined(left: string, lead: string, style: Style): string {
  return left && /\/\/[^\n]*$/.test(left) && !/^\s*\n/.test(lead) ? left + style.newline + lead : left + lead;
}

/** The place after the comma that follows, or the same where none does. */
function afterComma(text: string, at: number): number {
  const match = /(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*,/y;
  match.lastIndex = at;
  return match.test(text) ? match.lastIndex : at;
}

export function printValue(value: unknown, style: Style, indent: string): string {
  const out: string[] = [];
  print(value, style, indent, out);
  return out.join("");
}

/** Adds to pieces that are joined once: what is nested would be copied at every level. */
function print(value: unknown, style: Style, indent: string, out: string[]): void {
  const line = compact(value, style, indent, WIDTH);
  if (line !== null) {
    out.push(line);
    return;
  }
  const inner = indent + style.unit;
  const isList = Array.isArray(value);
  const start = style.newline + inner;
  out.push(isList ? "[" : "{");
  for (const key in value as object) {
    out.push(start, isList ? "" : `${printKey(key, style)}: `);
    print((value as Record<string, unknown>)[key], style, inner, out);
    out.push(",");
  }
  out.push(style.newline, indent, isList ? "]" : "}");
}

/** On one line; null where a list or an object would be longer than `room`, which is found out without writing all of it. */
function compact(value: unknown, style: Style, indent: string, room: number): string | null {
  if (typeof value === "string") return quoted(value, style.quote);
  if (isCode(value)) return indented(value.$source, indent, "value");
  if (typeof value !== "object" || value === null) return String(value);
  const props = value as Record<string, unknown>;
  if (typeof props.$date === "string") return `new Date(${quoted(props.$date, style.quote)})`;
  const isList = Array.isArray(value);
  const most = !isList && marked(props) ? Number.POSITIVE_INFINITY : room;
  let out = "";
  for (const key in props) {
    const item = props[key];
    // As long as that they are at least.
    const least = typeof item === "string" ? item.length : isCode(item) ? item.$source.length : 0;
    if (out.length + least > most) return null;
    const name = isList ? "" : `${printKey(key, style)}: `;
    const inner = compact(item, style, indent, most - out.length - name.length);
    if (inner === null) return null;
    out += (out && ", ") + name + inner;
  }
  const line = isList ? `[${out}]` : out ? `{ ${out} }` : "{}";
  return line.length > most ? null : line;
}

function printProperty(key: string, value: unknown, style: Style, indent: string): string {
  return `${printKey(key, style)}: ${printValue(value, style, indent)}`;
}

function printKey(key: string, style: Style): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) && key !== "__proto__" ? key : quoted(key, style.quote);
}

/** A string as code. */
export function quoted(text: string, quote: '"' | "'" | "`"): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replace(/\\"/g, '"')
    .replace(/[\u007f-\u00a0\u2028\u2029\ufeff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  // JSON has every backslash in a pair, so that a quote without one before it is bare.
  const bare = inner.replaceAll(quote, `\\${quote}`);
  return quote + (quote === "`" ? bare.replace(/\$(?=\{)/g, "\\$").replace(/\\n/g, unescaped) : bare) + quote;
}

/** Templates have their line breaks as such; `\\n` of a backslash and an n is told apart by what stands before. */
function unescaped(found: string, at: number, whole: string): string {
  let backslashes = 0;
  for (let i = at - 1; whole[i] === "\\"; i--) backslashes++;
  return backslashes % 2 ? found : "\n";
}
