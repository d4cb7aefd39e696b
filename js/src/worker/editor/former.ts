/** The page as it was: its parts by their items, the comments that go with them, and stretches of it, copied. */
import type { OxcComment } from "../tools";
import type { Edit } from "./attributes";
import { type Data, type Item, LOCKED, TEXT, walkItems } from "./data";
import { Kinds } from "./kinds";
import { commentsOf, gapsOf } from "./layout";
import type { Part, Reading, Slot } from "./reading";
import { indentAt } from "./style";

/** The indentation that lines had, and are to have. */
export interface Shift {
  from: string;
  to: string;
}

export class Former {
  private readonly parts = new Map<string, Part>();
  /** The comments before a part. */
  private readonly comments = new Map<string, string>();
  private readonly present = new Set<string>();
  private copies: Map<number, Part> | null = null;
  private readonly kinds: Kinds;
  private readonly text: string;

  /** `next` is what becomes of it. */
  constructor(
    private readonly reading: Reading,
    next: Data,
  ) {
    this.text = reading.text;
    this.kinds = new Kinds(reading.bindings);
    this.index(reading.root.slot);
    for (const item of walkItems(next.content, reading.bindings)) this.present.add(item.props.id);
  }

  private index({ parts, interior }: Slot): void {
    const gaps = interior ? gapsOf(this.text, parts, interior) : [];
    for (const [i, part] of parts.entries()) {
      this.parts.set(part.item.props.id, part);
      if (gaps[i]?.trim()) this.comments.set(part.item.props.id, commentsOf(gaps[i]).trim());
      for (const slot of part.element?.slots.values() ?? []) this.index(slot);
    }
  }

  part(id: string): Part | undefined {
    return this.parts.get(id);
  }

  /** Whether an item is still somewhere. */
  isPresent(item: Item): boolean {
    return this.present.has(item.props.id);
  }

  commentsWith(item: Item): string {
    return this.comments.get(item.props.id) ?? "";
  }

  /** The comments among a text, with their braces. */
  commentsIn(start: number, end: number): string {
    const found = commentsWithin(this.reading, start, end);
    return found.map((c) => `{${this.text.slice(c.start, c.end)}${c.type === "Line" ? "\n" : ""}}`).join("");
  }

  /** Those among the words of an item that is a text already. */
  commentsAmong(item: Item): string {
    const part = this.parts.get(item.props.id);
    return part?.shown && isSame(part.item, item) ? this.commentsIn(part.start, part.end) : "";
  }

  /** A part that a new item is a copy of. */
  copyOf(item: Item): Part | null {
    if (item.type === LOCKED || item.type === TEXT) return null;
    if (!this.copies) {
      this.copies = new Map();
      for (const part of this.parts.values()) if (part.element) this.copies.set(this.kinds.of(part.item), part);
    }
    const found = this.copies.get(this.kinds.of(item));
    if (!found) return null;
    for (const inner of walkItems([item], this.reading.bindings)) {
      if (inner !== item && this.parts.has(inner.props.id)) return null;
    }
    return found;
  }

  indent(at: number, shift: Shift | null): string {
    const indent = indentAt(this.text, at);
    return shift && indent.startsWith(shift.from) ? shift.to + indent.slice(shift.from.length) : indent;
  }

  /** A stretch of the source with its edits, its lines moved to another indentation. */
  cut(start: number, end: number, edits: readonly Edit[], shift: Shift | null): string {
    let out = "";
    let at = start;
    for (const edit of edits) {
      out += this.shifted(at, edit.start, shift) + edit.text;
      at = edit.end;
    }
    return out + this.shifted(at, end, shift);
  }

  private shifted(start: number, end: number, shift: Shift | null): string {
    return this.reading.lines.replaced(start, end, shift?.from ?? "", shift?.to ?? "");
  }
}

/** The comments between two places; they are in order. */
export function commentsWithin({ source: { comments } }: Reading, start: number, end: number): OxcComment[] {
  let [low, high] = [0, comments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comments[middle]!.start <= start) low = middle + 1;
    else high = middle;
  }
  const out: OxcComment[] = [];
  for (let i = low; i < comments.length && comments[i]!.end < end; i++) out.push(comments[i]!);
  return out;
}

export function isSame(a: Item, b: Item): boolean {
  return a.props.id === b.props.id && a.type === b.type;
}
