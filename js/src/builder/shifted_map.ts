/** A source map after its script was changed within lines. */
import { encoded, VALUES } from "../worker/source_map";
import type { Span } from "../worker/spans";

/** `spans` are in order, and neither what they replace nor what they put there has line ends. */
export function shiftedMap(map: string, code: string, spans: readonly Span[]): string {
  if (!spans.length) return map;
  const json = JSON.parse(map) as { mappings: string };
  let lineStart = 0;
  let next = 0;
  const lines = json.mappings.split(";").map((line) => {
    const end = code.indexOf("\n", lineStart);
    const until = end < 0 ? code.length : end;
    const inLine: { column: number; shift: number }[] = [];
    for (; next < spans.length && spans[next]!.start <= until; next++) {
      const { start, end: to, text } = spans[next]!;
      inLine.push({ column: to - lineStart, shift: text.length - (to - start) });
    }
    lineStart = until + 1;
    return inLine.length ? shiftedLine(line, inLine) : line;
  });
  return JSON.stringify({ ...json, mappings: lines.join(";") });
}

function shiftedLine(line: string, spans: { column: number; shift: number }[]): string {
  let column = 0;
  let written = 0;
  let shift = 0;
  let next = 0;
  return line
    .split(",")
    .map((segment) => {
      let value = 0;
      let bits = 0;
      let at = 0;
      for (;;) {
        const digit = VALUES[segment.charCodeAt(at++)]!;
        value |= (digit & 31) << bits;
        bits += 5;
        if (!(digit & 32)) break;
      }
      column += value & 1 ? -(value >> 1) : value >> 1;
      while (next < spans.length && spans[next]!.column <= column) shift += spans[next++]!.shift;
      const delta = column + shift - written;
      written = column + shift;
      return encoded(delta) + segment.slice(at);
    })
    .join(",");
}
