/**
 * Items one after another between two tags. What stays keeps the white space and the comments before it; what is new
 * gets a line of its own where its neighbours have one; comments above what is taken out stay.
 */
import { type Item, TEXT } from "./data";
import type { Part, Place } from "./reading";
import type { Style } from "./style";

/** One item among the others, with the white space and comments before it. */
export interface Seat {
  item: Item;
  lead: string;
  /** Where it stood, for one that stays. */
  part: Part | null;
}

export interface Layout {
  seats: Seat[];
  tail: string;
  /** The indentation of items that stand on lines of their own. */
  indent: string;
}

/** What stands between the parts of a slot: before each of them, and after the last. */
export function gapsOf(text: string, parts: readonly Part[], { start, end }: Place): string[] {
  const out: string[] = [];
  let at = start;
  for (const part of parts) {
    out.push(text.slice(at, part.start));
    at = part.end;
  }
  return [...out, text.slice(at, end)];
}

interface Question {
  parts: readonly Part[];
  gaps: readonly string[];
  items: readonly Item[];
  /** The indentation of the line that the tags are on. */
  outer: string;
  style: Style;
  /** Whether an item that is not here any more is elsewhere. */
  isElsewhere(item: Item): boolean;
  /** The comments that come along with an item from elsewhere. */
  commentsWith(item: Item): string;
  /** The comments among the words of a text that is not there any more. */
  commentsAmong(part: Part): string;
}

export function arrange({
  parts,
  gaps,
  items,
  outer,
  style,
  isElsewhere,
  commentsWith,
  commentsAmong,
}: Question): Layout {
  const onLines = gaps.some((gap) => gap.includes("\n"));
  const broken = onLines || (!parts.length && items.some((item) => item.type !== TEXT));
  const indent = indentOf(gaps, parts.length) ?? outer + style.unit;
  const places = new Map(parts.map((part, i) => [part.item.props.id, i]));
  const staying = new Set(increasing(items.flatMap((item) => places.get(item.props.id) ?? [])));
  const seats: Seat[] = [];
  let next = 0;
  let waiting: Item[] = [];

  /** Seats those that wait before the gap at a place, and gives the white space and comments that are left of it. */
  function upTo(index: number): string {
    const passed = gaps.slice(next, index);
    let left = passed
      .map((gap, i) => (isElsewhere(parts[next + i]!.item) ? "" : commentsOf(gap) + commentsAmong(parts[next + i]!)))
      .join("");
    const own = gaps[index]!;
    const blank = (gap: string) => gap.slice(gap.trimEnd().length);
    let gap = own;
    if (passed.length && index < parts.length) {
      const other = passed.find((one) => one.includes("\n"));
      if (!own.includes("\n")) gap = other ? blank(other) + own : own;
      // What is first now stands where the first stood.
      else if (next === 0 && !waiting.length && !own.trim()) gap = blank(passed[0]!) || own;
    }
    for (const item of waiting) {
      const comments = commentsWith(item);
      const line = style.newline + indent;
      const ownLine = gap.includes("\n") || (broken && !parts.length);
      seats.push({ item, lead: left + (ownLine ? (comments && line + comments) + line : comments), part: null });
      left = "";
    }
    waiting = [];
    next = index + 1;
    return left + gap;
  }

  for (const item of items) {
    const place = places.get(item.props.id);
    if (place !== undefined && staying.has(place)) seats.push({ lead: upTo(place), item, part: parts[place]! });
    else waiting.push(item);
  }
  const tail = upTo(parts.length);
  return { seats, tail: broken && !onLines && seats.length ? tail + style.newline + outer : tail, indent };
}

/** The comments of a gap, with the white space before them. */
export function commentsOf(gap: string): string {
  return gap.trim() ? gap.trimEnd() : "";
}

/** The indentation of what stands on lines of its own. */
function indentOf(gaps: readonly string[], count: number): string | null {
  for (const gap of gaps.slice(0, count)) {
    const line = /\n([ \t]*)$/.exec(gap);
    if (line) return line[1]!;
  }
  return null;
}

/** A longest increasing subsequence. */
function increasing(numbers: readonly number[]): number[] {
  const ends: number[] = [];
  const before: number[] = [];
  for (const [i, value] of numbers.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[ends[middle]!]! < value) low = middle + 1;
      else high = middle;
    }
    before.push(low > 0 ? ends[low - 1]! : -1);
    ends[low] = i;
  }
  const out: number[] = [];
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i]!) out.push(numbers[i]!);
  return out.reverse();
}
