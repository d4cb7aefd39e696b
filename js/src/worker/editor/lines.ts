/**
 * Code of several lines, whose indentation is no part of what it says: data have it without, so that the same code is
 * the same at any depth. Lines that begin within a string are left alone.
 */
import { type Node, walk } from "../literal";
import { parseSource } from "../repair/sources";

const LINE = /\n([ \t]*)(?=[^\r\n]|$)/g;

export class Lines {
  /** Strings with line breaks, in order; none of those within others. */
  private fixed: Node[] | null = null;

  constructor(
    private readonly text: string,
    private readonly body: Node[],
  ) {}

  /** Whether a line break is part of a string. */
  isFixed(at: number): boolean {
    this.fixed ??= this.findFixed();
    let [low, high] = [0, this.fixed.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.fixed[middle]!.start < at) low = middle + 1;
      else high = middle;
    }
    const before = this.fixed[low - 1];
    return before !== undefined && at < before.end;
  }

  private findFixed(): Node[] {
    const found: Node[] = [];
    walk(this.body, (node) => {
      const string = node.type === "TemplateLiteral" || (node.type === "Literal" && typeof node.value === "string");
      if (string && this.text.slice(node.start, node.end).includes("\n")) found.push(node);
    });
    found.sort((a, b) => a.start - b.start || b.end - a.end);
    let end = 0;
    return found.filter((node) => {
      if (node.end <= end) return false;
      end = node.end;
      return true;
    });
  }

  /** A stretch of the text without the indentation that its lines, but for the first, have in common. */
  dedented(start: number, end: number): string {
    const common = this.common(start, end);
    return common ? this.replaced(start, end, common, "") : this.text.slice(start, end);
  }

  /** With another indentation; as it is where not all of its lines have the one that is to be replaced. */
  replaced(start: number, end: number, from: string, to: string): string {
    const text = this.text.slice(start, end);
    if (from === to || !text.includes("\n")) return text;
    return text.replace(LINE, (line, indent: string, at: number) =>
      indent.startsWith(from) && !this.isFixed(start + at) ? `\n${to}${indent.slice(from.length)}` : line,
    );
  }

  /** Whether all lines but the first start with an indentation. */
  all(start: number, end: number, indent: string): boolean {
    const common = this.common(start, end);
    return common === null || common.startsWith(indent);
  }

  private common(start: number, end: number): string | null {
    let common: string | null = null;
    for (const match of this.text.slice(start, end).matchAll(LINE)) {
      if (this.isFixed(start + match.index)) continue;
      const indent = match[1]!;
      if (common === null) common = indent;
      let same = 0;
      while (same < common.length && common[same] === indent[same]) same++;
      common = common.slice(0, same);
    }
    return common;
  }
}

/** Code of the data at a depth; `around` are what makes it a whole that can be parsed. */
export function indented(code: string, indent: string, around: "child" | "value"): string {
  if (!indent || !code.includes("\n")) return code;
  const [before, after] = around === "child" ? ["<>", "</>"] : ["<a b={", "}/>"];
  const text = before + code + after;
  const source = parseSource("code.tsx", text);
  if (!source.parsed) return code;
  return new Lines(text, source.body).replaced(0, text.length, "", indent).slice(before.length, -after.length);
}
