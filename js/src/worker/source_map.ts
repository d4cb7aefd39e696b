/**
 * The map that the browser's developer tools read: from a module's code straight to its source. It is made with every
 * update, so it does in one pass what it must: follows each place of the second map through the first.
 */
import type { Maps } from "./transform";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
export const VALUES = new Uint8Array(128);
for (let i = 0; i < 64; i++) VALUES[DIGITS.charCodeAt(i)] = i;

const [COMMA, SEMICOLON] = [44, 59];

/** Three numbers a segment: column, and line and column of the source. A line's are from `starts[line]` on. */
interface Segments {
  starts: number[];
  numbers: number[];
}

/** As a data address. The frame's sandbox fetches nothing, and the tools read these without a request. */
export function sourceMapUrl(
  id: string,
  { source, first, rewritten, second, edited }: Maps,
  name = `overskill:///${id}`,
  above = 1,
): string {
  const below = decode(first.mappings);
  const { starts, numbers } = decode(second.mappings);
  // The factory's head stands on a line of its own above the code.
  let mappings = ";".repeat(above);
  let [line, column] = [0, 0];
  for (let i = 0; i < starts.length - 1; i++) {
    if (i > 0) mappings += ";";
    let written = 0;
    let [lastLine, lastColumn] = [-1, -1];
    for (let at = starts[i]!; at < starts[i + 1]!; at += 3) {
      let [inLine, inColumn] = [numbers[at + 1]!, numbers[at + 2]!];
      if (rewritten) ({ line: inLine, column: inColumn } = rewritten.original({ line: inLine, column: inColumn }));
      const found = find(below, inLine, inColumn);
      if (found < 0) continue;
      let [toLine, toColumn] = [below.numbers[found + 1]!, below.numbers[found + 2]!];
      if (edited) ({ line: toLine, column: toColumn } = edited.original({ line: toLine, column: toColumn }));
      if (toLine === lastLine && toColumn === lastColumn) continue;
      if (lastLine >= 0) mappings += ",";
      const from = numbers[at]!;
      mappings += `${encoded(from - written)}A${encoded(toLine - line)}${encoded(toColumn - column)}`;
      written = from;
      [line, column] = [toLine, toColumn];
      [lastLine, lastColumn] = [toLine, toColumn];
    }
  }
  const map = { version: 3, sources: [name], sourcesContent: [source], names: [], mappings };
  return `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;
}

/** The last segment of a line that is not after a column; -1 for none. */
function find({ starts, numbers }: Segments, line: number, column: number): number {
  if (line >= starts.length - 1) return -1;
  let low = starts[line]! / 3;
  let high = starts[line + 1]! / 3 - 1;
  if (high < low || numbers[low * 3]! > column) return -1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (numbers[middle * 3]! <= column) low = middle;
    else high = middle - 1;
  }
  return low * 3;
}

function decode(mappings: string): Segments {
  const starts = [0];
  const numbers: number[] = [];
  let [column, line, from] = [0, 0, 0];
  /** Which number of a segment comes next: column, source, line, column, name. */
  let field = 0;
  let value = 0;
  let shift = 0;
  for (let i = 0; i < mappings.length; i++) {
    const code = mappings.charCodeAt(i);
    if (code === COMMA) field = 0;
    else if (code === SEMICOLON) {
      field = 0;
      column = 0;
      starts.push(numbers.length);
    } else {
      const digit = VALUES[code]!;
      value |= (digit & 31) << shift;
      if (digit & 32) {
        shift += 5;
        continue;
      }
      const number = value & 1 ? -(value >> 1) : value >> 1;
      value = 0;
      shift = 0;
      if (field === 0) column += number;
      else if (field === 2) line += number;
      else if (field === 3) {
        from += number;
        numbers.push(column, line, from);
      }
      field += 1;
    }
  }
  starts.push(numbers.length);
  return { starts, numbers };
}

export function encoded(number: number): string {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1;
  if (rest < 32) return DIGITS[rest]!;
  let text = "";
  for (;;) {
    const digit = rest & 31;
    rest >>>= 5;
    if (rest === 0) return text + DIGITS[digit];
    text += DIGITS[digit | 32];
  }
}
