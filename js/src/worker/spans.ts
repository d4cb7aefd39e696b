/** Changes to a text, and the way back through them. */
import { splice } from "./css";
import { locate, offsetOf } from "./diagnostics";

export interface Span {
  start: number;
  end: number;
  text: string;
  /** What the new text stands for, where that is not the start of what it replaces. */
  at?: number;
}

/** A text that was changed; the changes are in the order of their places. */
export interface Rewritten {
  before: string;
  spans: readonly Span[];
}

/** The place before the changes of a place after them; lines count from 1, columns from 0. */
export function placeBefore({ before, spans }: Rewritten, line: number, column: number) {
  const offset = offsetOf(splice(before, spans), { line, column: column + 1 });
  let shift = 0;
  let found = -1;
  for (const span of spans) {
    const start = span.start + shift;
    if (offset < start) break;
    if (offset < start + span.text.length) {
      found = span.at ?? span.start;
      break;
    }
    shift += span.text.length - (span.end - span.start);
  }
  const place = locate("", before, found < 0 ? offset - shift : found);
  return { line: place.line, column: place.column - 1 };
}
