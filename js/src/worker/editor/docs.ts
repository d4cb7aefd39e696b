/** What a comment above a declaration says of it. */
import type { Source } from "../repair/sources";

export interface Doc {
  text: string;
  tags: Map<string, string>;
}

const NONE: Doc = { text: "", tags: new Map() };

/** The JSDoc comment that ends right before a place. */
export function docAt(source: Source, start: number): Doc {
  const comment = source.comments.findLast((c) => c.end <= start);
  if (comment?.type !== "Block" || !comment.value.startsWith("*")) return NONE;
  const between = source.text.slice(comment.end, start);
  if (!/^\s*(?:(?:export|default|declare|const|readonly)\s+)*$/.test(between)) return NONE;
  const lines = comment.value.split("\n").map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
  const text: string[] = [];
  const tags = new Map<string, string>();
  let tag = "";
  for (const line of lines.flatMap((whole) => whole.split(/\s+(?=@[a-z])/i))) {
    const match = /^\s*@(\w+)\s*(.*)$/.exec(line);
    if (match) {
      tag = match[1]!.toLowerCase();
      tags.set(tag, match[2]!.trim());
    } else if (tag) tags.set(tag, `${tags.get(tag)} ${line.trim()}`.trim());
    else text.push(line.trim());
  }
  return { text: text.join(" ").replace(/\s+/g, " ").trim(), tags };
}
