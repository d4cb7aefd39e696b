import type { ConsoleLine } from "../runtime/messages";
import type { ConsoleRow } from "./state";

export const MAX_ROWS = 500;
const MAX_TEXT = 20_000;
const LEVELS = ["log", "info", "warn", "error", "debug"] as const;

let last = 0;

/** Lines as a frame sent them: other people's code may send anything. */
export function checkedLines(lines: unknown): ConsoleLine[] {
  if (!Array.isArray(lines)) return [];
  return lines.slice(-MAX_ROWS).map((line) => ({
    level: LEVELS.find((level) => level === line?.level) ?? "log",
    text: String(line?.text ?? "").slice(0, MAX_TEXT),
    time: Number(line?.time) || Date.now(),
    count: Math.max(1, Math.trunc(Number(line?.count)) || 1),
  }));
}

/** Adds lines; one that repeats the last row only raises its count. The oldest go first. */
export function withLines(rows: ConsoleRow[], lines: ConsoleLine[]): ConsoleRow[] {
  const all = [...rows];
  for (const line of lines) {
    const previous = all.at(-1);
    if (previous && previous.level === line.level && previous.text === line.text) {
      all[all.length - 1] = { ...previous, count: previous.count + line.count, time: line.time };
    } else {
      last += 1;
      all.push({ ...line, key: last });
    }
  }
  return all.slice(-MAX_ROWS);
}
