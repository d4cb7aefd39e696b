/**
 * Text between tags. What React is given is not what is written: lines are trimmed and joined with a space, entities
 * decoded, `{" "}` taken in. Each character that is shown knows where it comes from, so that changed words change
 * themselves only.
 */
import type { Node } from "../literal";
import { decode, encode, entityAt } from "./entities";
import { Origins } from "./origins";
import type { Style } from "./style";
import { quoted } from "./values";

/** Text as it is shown, and where every UTF-16 unit of it comes from. */
export interface Shown {
  text: string;
  origins: Origins;
}

const BLANK = "[\\t\\v\\f \\u0085\\u00a0\\u1680\\u2000-\\u200b\\u202f\\u205f\\u3000\\ufeff]";
const LEADING = new RegExp(`^${BLANK}+`);
const IS_BLANK = new RegExp(BLANK);
const BREAK = /\r\n|[\r\n\u2028\u2029]/g;
const ODD = /[\t\v\f\r\n\u0085\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff{}<>]|\p{Surrogate}/u;

/**
 * Where the characters of a kind begin that a text ends with. An expression with `+$` would look at each row of them from
 * each of its places.
 */
export function endOf(text: string, kind: RegExp, end = text.length): number {
  let at = end;
  while (at > 0 && kind.test(text[at - 1]!)) at--;
  return at;
}

const withoutTrailing = (text: string): string => text.slice(0, endOf(text, IS_BLANK));

/** What is shown of a text that stands at `start` of the file, added to `origins`. */
export function shownText(raw: string, start: number, origins: Origins): string {
  const text: string[] = [];
  const lines = raw.split(BREAK);
  const breaks = raw.match(BREAK) ?? [];
  let next = start;
  let before = start;
  for (const [i, whole] of lines.entries()) {
    let [line, at] = [whole, next];
    next += whole.length + (breaks[i]?.length ?? 0);
    if (i > 0) {
      line = whole.replace(LEADING, "");
      at += whole.length - line.length;
    }
    if (i < lines.length - 1) line = withoutTrailing(line);
    if (!line) continue;
    if (text.length) {
      text.push(" ");
      origins.whole(before, at, 1);
    }
    before = at + line.length;
    for (let k = 0; k < line.length; ) {
      const entity = line[k] === "&" ? entityAt(line, k) : null;
      if (entity) {
        text.push(entity.text);
        origins.whole(at + k, at + k + entity.length, entity.text.length);
        k += entity.length;
        continue;
      }
      const found = line.indexOf("&", k + 1);
      const end = found < 0 ? line.length : found;
      text.push(line.slice(k, end));
      origins.plain(at + k, end - k);
      k = end;
    }
  }
  return text.join("");
}

/** The text of `{"text"}`; null where it is something else. */
export function stringIn(container: Node): string | null {
  const expression = container.type === "JSXExpressionContainer" ? (container.expression as Node) : null;
  if (expression?.type === "Literal" && typeof expression.value === "string") return expression.value;
  if (expression?.type !== "TemplateLiteral") return null;
  const [only, ...others] = expression.quasis as { value: { cooked: string | null } }[];
  return others.length ? null : (only!.value.cooked ?? null);
}

/** What is shown of neighbouring texts and strings. */
export function shownRun(pieces: readonly Node[], source: string): Shown {
  const origins = new Origins();
  const text = pieces.map((piece) => {
    if (piece.type === "JSXText") return shownText(source.slice(piece.start, piece.end), piece.start, origins);
    const string = stringIn(piece) ?? "";
    origins.whole(piece.start, piece.end, string.length);
    return string;
  });
  return { text: text.join(""), origins };
}

/** Where a text stands among its neighbours: whether a line ends before it, or after it. */
export interface Edges {
  before: boolean;
  after: boolean;
}

const ENDING = new RegExp(`^${BLANK}*[\\n\\r\\u2028\\u2029]`);

/** Of what stands between what is before it and what follows. */
export function edgesOf(lead: string, following: string): Edges {
  return { before: /[\n\r\u2028\u2029]$/.test(withoutTrailing(lead)), after: ENDING.test(following) };
}

/** Whether a text as it is written would lose white space where lines end. */
export function isTrimmed(raw: string, { before, after }: Edges): boolean {
  return (before && LEADING.test(raw)) || (after && IS_BLANK.test(raw.at(-1) ?? ""));
}

/** A text as it can be written between tags. */
export function printText(text: string, edges: Edges, style: Style): string {
  if (text === "" || ODD.test(text)) return `{${quoted(text, style.quote)}}`;
  const space = `{${style.quote} ${style.quote}}`;
  const leading = edges.before ? /^ */.exec(text)![0] : "";
  const trailing = edges.after ? text.slice(Math.max(leading.length, endOf(text, / /))) : "";
  const pad = (blank: string) => (blank.length < 2 ? (blank ? space : "") : `{${quoted(blank, style.quote)}}`);
  return pad(leading) + encode(text.slice(leading.length, text.length - trailing.length)) + pad(trailing);
}

/** The source of a run of text with other words; null where that is not a matter of replacing some of it. */
export function patchText(source: string, start: number, end: number, shown: Shown, text: string): string | null {
  const before = shown.text;
  if (!before) return null;
  let head = 0;
  while (head < before.length && head < text.length && before[head] === text[head]) head++;
  let tail = 0;
  const most = Math.min(before.length, text.length) - head;
  while (tail < most && before[before.length - 1 - tail] === text[text.length - 1 - tail]) tail++;
  // Both halves of a character outside the plane go together.
  if (head > 0 && /[\ud800-\udbff]/.test(before[head - 1]!)) head--;
  if (tail > 0 && /[\udc00-\udfff]/.test(before[before.length - tail]!)) tail--;
  const words = text.slice(head, text.length - tail);
  if (ODD.test(words)) return null;
  const { origins } = shown;
  const from = head < before.length ? origins.at(head)[0] : origins.at(head - 1)[1];
  const to = head + tail < before.length ? origins.at(before.length - tail - 1)[1] : from;
  if (to < from) return null;
  return source.slice(start, from) + encode(words) + source.slice(to, end);
}

/** The text of an attribute in quotes. */
export function readQuoted(raw: string): string {
  return decode(raw.slice(1, -1));
}

const UNQUOTABLE = /[{}\p{Cc}\p{Surrogate}\u2028\u2029\ufeff]|&(?=#?\w+;)/u;

/** A string as an attribute's value. */
export function printQuoted(text: string, quote: '"' | "'", style: Style): string {
  if (text.includes(quote) || UNQUOTABLE.test(text)) return `{${quoted(text, style.quote)}}`;
  return quote + text.replace(/\u00a0/g, "&nbsp;") + quote;
}
