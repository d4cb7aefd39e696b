/** Changes that a repair wants to make to a file. */
import type { Import, Node } from "./sources";

export interface Edit {
  start: number;
  end: number;
  text: string;
  /** What was done, for the user. */
  note: string;
}

/** A text after its edits; those that overlap an earlier one are left out. */
export function apply(text: string, edits: Edit[]): { text: string; notes: string[] } {
  const notes: string[] = [];
  let out = "";
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start < at) continue;
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
    if (!notes.includes(edit.note)) notes.push(edit.note);
  }
  return { text: out + text.slice(at), notes };
}

/** A statement with the line break after it. */
export function wholeLine(text: string, start: number, end: number): [start: number, end: number] {
  const rest = /^[ \t]*;?[ \t]*\r?\n?/.exec(text.slice(end))![0].length;
  return [start, end + rest];
}

/** An import without some of its names; none where nothing is left of it. */
export function without(found: Import, isGone: (local: string) => boolean, text: string, note: string): Edit[] {
  const { node, names } = found;
  const left = names.filter(({ local }) => !isGone(local));
  if (left.length === names.length) return [];
  const [start, end] = wholeLine(text, node.start, node.end);
  if (!left.length) return [{ start, end, text: "", note }];
  const standard = left
    .filter(({ kind }) => kind !== "named")
    .map((name) => text.slice(name.node.start, name.node.end));
  const named = left.filter(({ kind }) => kind === "named").map((name) => text.slice(name.node.start, name.node.end));
  const list = [...standard, ...(named.length ? [`{ ${named.join(", ")} }`] : [])].join(", ");
  const from = node.source as Node;
  const type = node.importKind === "type" ? "type " : "";
  return [{ start, end, text: `import ${type}${list} from ${text.slice(from.start, from.end)};\n`, note }];
}
