/** How a file is written, for what is added to it to look alike. */
import { type Node, walk } from "../literal";

export interface Style {
  newline: string;
  /** One step of indentation. */
  unit: string;
  /** Quotes of strings in code, and of attributes. */
  quote: '"' | "'";
  attributeQuote: '"' | "'";
  semicolon: string;
  /** What ends an element without children. */
  selfClosing: string;
}

export function styleOf(text: string, body: Node[]): Style {
  const counts = { double: 0, single: 0, attributeDouble: 0, attributeSingle: 0, tight: 0, spaced: 0 };
  walk(body, (node) => {
    if (node.type === "Literal" && typeof node.value === "string") {
      counts[text[node.start] === "'" ? "single" : "double"] += 1;
    } else if (node.type === "JSXAttribute") {
      const value = node.value as Node | null;
      if (value?.type !== "Literal") return;
      // Counted as any literal, too, which says nothing of code.
      counts[text[value.start] === "'" ? "single" : "double"] -= 1;
      counts[text[value.start] === "'" ? "attributeSingle" : "attributeDouble"] += 1;
    } else if (node.type === "JSXOpeningElement" && node.selfClosing) {
      counts[/\s/.test(text[node.end - 3] ?? "") ? "spaced" : "tight"] += 1;
    }
  });
  const ended = body.filter((node) => /^(?:Import|Variable|Expression)|ExportAll/.test(node.type));
  const semicolons = ended.filter((node) => text[node.end - 1] === ";").length;
  return {
    newline: /^[^\n]*\r\n/.test(text) ? "\r\n" : "\n",
    unit: unitOf(text),
    quote: counts.single > counts.double ? "'" : '"',
    attributeQuote: counts.attributeSingle > counts.attributeDouble ? "'" : '"',
    semicolon: semicolons * 2 < ended.length ? "" : ";",
    selfClosing: counts.tight > counts.spaced ? "/>" : " />",
  };
}

/** By how much most lines stand deeper than the ones before them. */
function unitOf(text: string): string {
  if (/^\t/m.test(text) && !/^ {2,}\S/m.test(text)) return "\t";
  const steps = new Map<number, number>();
  let before = 0;
  for (const line of text.split("\n")) {
    if (!line.trim()) continue;
    const depth = /^ */.exec(line)![0].length;
    if (depth > before) steps.set(depth - before, (steps.get(depth - before) ?? 0) + 1);
    before = depth;
  }
  const [most] = [...steps].filter(([step]) => step > 1).sort((a, b) => b[1] - a[1] || a[0] - b[0])[0] ?? [2];
  return " ".repeat(Math.min(most, 8));
}

/** The white space that a line starts with. */
export function indentAt(text: string, at: number): string {
  const line = text.lastIndexOf("\n", at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(line, at))![0];
}

/** Whether only white space stands before a place on its line. */
export function startsLine(text: string, at: number): boolean {
  return /^\s*$/.test(text.slice(text.lastIndexOf("\n", at - 1) + 1, at));
}
