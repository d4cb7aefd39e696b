/** Changes to a text, and the way back through them. */
import { splice } from "./css";

export interface Span {
  start: number;
  end: number;
  text: string;
  /** What the new text stands for, where that is not the start of what it replaces. */
  at?: number;
}

/** A line and a column, from 0. */
export interface Place {
  line: number;
  column: number;
}

/** A text that was changed; the changes are in the order of their places. Worked out when it is first asked. */
export class Rewritten {
  private readonly before: string;
  private readonly spans: readonly Span[];
  private lines: { before: number[]; after: number[] } | null = null;
  /** Where each change starts in the text after them. */
  private readonly starts: number[] = [];

  constructor(before: string, spans: readonly Span[]) {
    this.before = before;
    this.spans = spans;
    let shift = 0;
    for (const { start, end, text } of spans) {
      this.starts.push(start + shift);
      shift += text.length - (end - start);
    }
  }

  /** The place before the changes of a place after them. */
  original({ line, column }: Place): Place {
    this.lines ??= { before: lineStarts(this.before), after: lineStarts(splice(this.before, this.spans)) };
    const { before, after } = this.lines;
    const offset = this.offsetBefore((after[line] ?? 0) + column);
    const found = lastAtMost(before, offset);
    return { line: found, column: offset - before[found]! };
  }

  private offsetBefore(offset: number): number {
    const { starts, spans } = this;
    if (!spans.length || offset < starts[0]!) return offset;
    const index = lastAtMost(starts, offset);
    const { start, end, text, at = start } = spans[index]!;
    const into = offset - starts[index]!;
    if (into < text.length) return at;
    return end + into - text.length;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The index of the last number that is not greater; the numbers ascend, the first is not greater. */
function lastAtMost(numbers: readonly number[], most: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (numbers[middle]! <= most) low = middle;
    else high = middle - 1;
  }
  return low;
}
