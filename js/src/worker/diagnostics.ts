/** Problems as data: building, ordering and drawing them. */
import type { Diagnostic, Location } from "../protocol";

export type { Diagnostic, Location };

/** Thrown where one file cannot be compiled; carries what the user is told. */
export class Problem extends Error {
  readonly diagnostics: Diagnostic[];

  constructor(...diagnostics: Diagnostic[]) {
    super(diagnostics[0]?.message ?? "unknown problem");
    this.diagnostics = diagnostics;
  }
}

/** A diagnostic with every field present. */
export function diagnostic(
  kind: Diagnostic["kind"],
  message: string,
  more: Partial<Omit<Diagnostic, "kind" | "message">> = {},
): Diagnostic {
  return { severity: "error", kind, message, location: null, frame: "", hint: "", stack: "", ...more };
}

/** A diagnostic at a span of a text, counted in UTF-16 units. */
export function diagnosticAt(
  kind: Diagnostic["kind"],
  message: string,
  file: string,
  text: string,
  start: number,
  length: number,
  more: Partial<Pick<Diagnostic, "severity" | "hint">> = {},
): Diagnostic {
  const location = locate(file, text, start, length);
  return diagnostic(kind, message, { ...more, location, frame: codeFrame(text, location) });
}

/** The place of an offset; the length is cut at the end of its line. */
export function locate(file: string, text: string, offset: number, length = 0): Location {
  const at = Math.max(0, Math.min(offset, text.length));
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  let line = 1;
  for (let i = text.indexOf("\n"); i >= 0 && i < lineStart; i = text.indexOf("\n", i + 1)) line++;
  let lineEnd = text.indexOf("\n", at);
  if (lineEnd < 0) lineEnd = text.length;
  if (text[lineEnd - 1] === "\r") lineEnd--;
  return { file, line, column: at - lineStart + 1, length: Math.max(0, Math.min(length, lineEnd - at)) };
}

/** The offset at which a line starts. */
export function lineOffset(text: string, line: number): number {
  let offset = 0;
  for (let n = 1; n < line; n++) {
    const next = text.indexOf("\n", offset);
    if (next < 0) return text.length;
    offset = next + 1;
  }
  return offset;
}

/** The offset of a location in its text. */
export function offsetOf(text: string, location: Pick<Location, "line" | "column">): number {
  return lineOffset(text, location.line) + location.column - 1;
}

/** The lines around a location, with numbers and a caret. */
export function codeFrame(text: string, location: Location): string {
  const lines = text.split(/\r?\n/);
  const first = Math.max(1, location.line - 2);
  const last = Math.min(lines.length, location.line + 2);
  const width = String(last).length;
  const out: string[] = [];
  for (let n = first; n <= last; n++) {
    const line = lines[n - 1]!;
    const marked = n === location.line;
    out.push(`${marked ? ">" : " "} ${String(n).padStart(width)} | ${clip(line)}`.trimEnd());
    if (!marked || location.column > CLIP) continue;
    const indent = line.slice(0, location.column - 1).replace(/[^\t]/g, " ");
    const carets = "^".repeat(Math.max(1, Math.min(location.length, line.length - location.column + 1, CLIP)));
    out.push(`  ${" ".repeat(width)} | ${indent}${carets}`);
  }
  return out.join("\n");
}

/** Minified lines are cut, so that a frame stays readable. */
const CLIP = 240;

function clip(line: string): string {
  return line.length > CLIP ? `${line.slice(0, CLIP)}…` : line;
}

/** Offsets that count UTF-8 bytes, as native tools give them, to UTF-16 units. */
export function fromBytes(text: string, bytes: number): number {
  let seen = 0;
  for (let i = 0; i < text.length; i++) {
    if (seen >= bytes) return i;
    const code = text.charCodeAt(i);
    if (code < 0x80) seen += 1;
    else if (code < 0x800) seen += 2;
    else if (code >= 0xd800 && code < 0xdc00) {
      seen += 4;
      i++;
    } else seen += 3;
  }
  return text.length;
}

/** Sorted by file and place, errors before warnings, each problem once. */
export function tidy(all: Iterable<Diagnostic>): Diagnostic[] {
  const seen = new Map<string, Diagnostic>();
  for (const d of all) {
    const l = d.location;
    const key = `${d.kind}\0${d.message}\0${l?.file}\0${l?.line}\0${l?.column}`;
    if (!seen.has(key)) seen.set(key, d);
  }
  return [...seen.values()].sort(compare);
}

function compare(a: Diagnostic, b: Diagnostic): number {
  if (a.severity !== b.severity) return a.severity === "error" ? -1 : 1;
  const [x, y] = [a.location, b.location];
  if (!x || !y) return x ? 1 : y ? -1 : order(a.message, b.message);
  return order(x.file, y.file) || x.line - y.line || x.column - y.column || order(a.message, b.message);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The closest of some names, where one is close enough to be a slip. */
export function closest(name: string, names: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const d = candidate.toLowerCase() === name.toLowerCase() ? 0 : distance(name, candidate, least);
    if (d < least) [best, least] = [candidate, d];
  }
  return best;
}

/** How many letters to change, add, leave out or swap; given up at `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) next[j] = Math.min(next[j]!, before[j - 2]! + 1);
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
