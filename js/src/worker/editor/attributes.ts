/** Attributes as they are written, changed and taken away. */
import type { Node } from "../literal";
import { attributeOf, DataError, isCode, isSpread } from "./data";
import { indented } from "./lines";
import type { Attribute, Place, Reading } from "./reading";
import type { Style } from "./style";
import { endOf, printQuoted } from "./text";
import { printValue, rewriteValue } from "./values";

export interface Edit extends Place {
  text: string;
}

/** The attribute of a property. */
export function attributeName(property: string): string {
  const name = attributeOf(property);
  if (/^[A-Za-z_$][\w$.-]*(?::[\w$.-]+)?$/.test(name)) return name;
  throw new DataError(`${JSON.stringify(property)} cannot be the name of a property`);
}

export function printAttribute(name: string, value: unknown, style: Style, indent: string): string {
  if (value === true) return name;
  if (typeof value === "string") return `${name}=${printQuoted(value, style.attributeQuote, style)}`;
  if (isCode(value)) return `${name}={${indented(value.$source, indent, "value")}}`;
  return `${name}={${printValue(value, style, indent)}}`;
}

/** Of an attribute that stays, the value only. */
export function changedAttribute(
  { start, end, value }: Attribute,
  property: string,
  before: unknown,
  after: unknown,
  { text, style }: Reading,
  indent: string,
): Edit {
  if (value?.type === "Literal" && typeof after === "string") {
    const quote = text[value.start] === "'" ? "'" : '"';
    return { start: value.start, end: value.end, text: printQuoted(after, quote, style) };
  }
  if (value?.type === "JSXExpressionContainer" && !isCode(after) && !isCode(before)) {
    const expression = value.expression as Node;
    const changed = rewriteValue(expression, text, before, after, style);
    return { start: expression.start, end: expression.end, text: changed };
  }
  if (isSpread(property)) return { start, end, text: isCode(after) ? indented(after.$source, indent, "value") : "" };
  return { start, end, text: printAttribute(attributeName(property), after, style, indent) };
}

/** An attribute with the white space before it; not the end of a comment's line. */
export function removedAttribute({ start, end }: Place, { text, source }: Reading): Edit {
  const at = endOf(text, /\s/, start);
  if (source.comments.some((c) => c.type === "Line" && c.start < at && c.end >= at)) {
    return { start, end: end + /^[ \t]*/.exec(text.slice(end))![0].length, text: "" };
  }
  return { start: at, end, text: /[\s/>]/.test(text[end]!) ? "" : " " };
}
