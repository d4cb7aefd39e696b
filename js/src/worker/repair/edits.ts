/** Changes that a repair wants to make to a file. */
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
