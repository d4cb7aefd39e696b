/**
 * Text between tags. What React is given is not what is written: lines are trimmed and joined with a space, entities
 * decoded, `{" "}` taken in. Each character that is shown knows where it comes from, so that changed words change
 * themselves only.
 */
import type { Node } from "../literal";
import { decode, encode, entityAt } from "./entities";
import type { Style } from "./style";
import { quoted } from "./values";

/** Text as it is shown, and for every UTF-16 unit of it the span that stands for it. */
export interface Shown {
  text: string;
  spans: [start: number, end: number][];
}

const EMPTY: Shown = { text: "", spans: [] };
const BLANK = "[\\t\\v\\f \\u0085\\u00a0\\u1680\\u2000-\\u200b\\u202f\\u205f\\u3000\\ufeff]";
const LEADING = new RegExp(`^${BLANK}+`);
const TRAILING = new RegExp(`${BLANK}+$`);
const BREAK = /\r\n|[\r\n\u2028\u2029]/g;
const ODD = /[\t\v\f\r\n\u0085\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff{}<>]|\p{Surrogate}/u;

/** What is shown of a text that stands at `start` of the file. */
export function shownText(raw: string, start: number): Shown {
  const text: string[] = [];
  const spans: Shown["spans"] = [];
  const lines = raw.split(BREAK);
  const breaks = raw.match(BREAK) ?? [];
  let next = start;
  for (const [i, whole] of lines.entries()) {
    let [line, at] = [whole, next];
    next += whole.length + (breaks[i]?.length ?? 0);
    if (i > 0) {
      line = whole.replace(LEADING, "");
      at += whole.length - line.length;
    }
    if (i < lines.length - 1) line = line.replace(TRAILING, "");
    if (!line) continue;
    if (text.length) {
      text.push(" ");
      spans.push([spans.at(-1)![1], at]);
    }
    for (let k = 0; k < line.length; ) {
      const entity = line[k] === "&" ? entityAt(line, k) : null;
      const length = entity?.length ?? 1;
      const shown = entity?.text ?? line[k]!;
      for (let unit = 0; unit < shown.length; unit++) spans.push([at + k, at + k + length]);
      text.push(shown);
      k += length;
    }
  }
  return { text: text.join(""), spans };
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
  let out = EMPTY;
  for (const piece of pieces) {
    const string = stringIn(piece);
    const shown =
      piece.type === "JSXText"
        ? shownText(source.slice(piece.start, piece.end), piece.start)
        : string === null
          ? EMPTY
          : {
              text: string,
              spans: Array.from({ length: string.length }, () => [piece.start, piece.end] as [number, number]),
            };
    out = { text: out.text + shown.text, spans: [...out.spans, ...shown.spans] };
  }
  return out;
}

/** Where a text stands among its neighbours: whether a line ends before it, or after it. */
export interface Edges {
  before: boolean;
  after: boolean;
}

const ENDED = new RegExp(`[\\n\\r\\u2028\\u2029]${BLANK}*$`);
const ENDING = new RegExp(`^${BLANK}*[\\n\\r\\u2028\\u2029]`);

/** Of what stands between what is before it and what follows. */
export function edgesOf(lead: string, following: string): Edges {
  return { before: ENDED.test(lead), after: ENDING.test(following) };
}

/** Whether a text as it is written would lose white space where lines end. */
export function isTrimmed(raw: string, { before, after }: Edges): boolean {
  return (before && LEADING.test(raw)) || (after && TRAILING.test(raw));
}

/** A text as it can be written between tags. */
export function printText(text: string, edges: Edges, style: Style): string {
  if (text === "" || ODD.test(text)) return `{${quoted(text, style.quote)}}`;
  const space = `{${style.quote} ${style.quote}}`;
  const leading = edges.before ? /^ */.exec(text)![0] : "";
  const trailing = edges.after ? / *$/.exec(text.slice(leading.length))![0] : "";
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
  const from = head < before.length ? shown.spans[head]![0] : shown.spans[head - 1]![1];
  const to = head + tail < before.length ? shown.spans[before.length - tail - 1]![1] : from;
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
