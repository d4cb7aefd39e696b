/** Words that change within a text: those that stay keep their characters, comments among them stay. */
import type { Node } from "../literal";
import { parseSource } from "../repair/sources";
import type { Style } from "./style";
import { type Edges, isTrimmed, patchText, printText, type Shown, shownRun } from "./text";

export interface Run {
  source: string;
  start: number;
  end: number;
  shown: Shown;
  /** Those among the words, with their braces. */
  comments: string;
}

/** `raw` is the text as it stands, with the indentation of its place. */
export function rewriteText(
  { source, start, end, shown, comments }: Run,
  text: string,
  edges: Edges,
  raw: string,
  style: Style,
): string {
  if (shown.text === text && !isTrimmed(raw, edges)) return raw;
  const patched = text && patchText(source, start, end, shown, text);
  const isKept = !comments || (patched && countComments(patched) === countComments(comments));
  if (patched && isKept && shows(patched, edges) === text) return patched;
  return printText(text, comments ? { ...edges, after: false } : edges, style) + comments;
}

const countComments = (text: string): number => text.split("/*").length + text.split("//").length;

/** What is shown of a text between tags. */
function shows(raw: string, { before, after }: Edges): string | null {
  const text = `<>${before ? "\n" : ""}${raw}${after ? "\n" : ""}</>`;
  const { body } = parseSource("text.tsx", text);
  const children = (body[0]?.expression as Node | undefined)?.children as Node[] | undefined;
  const plain = children?.every((child) => child.type === "JSXText" || child.type === "JSXExpressionContainer");
  return children && plain && body.length === 1 ? shownRun(children, text).text : null;
}
