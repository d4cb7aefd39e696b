import { expect, it } from "vitest";
import { checkedLines, MAX_ROWS, withLines } from "../../src/widgets/console_rows";

const line = (text: string, count = 1) => ({ level: "log" as const, text, time: 1, count });

it("counts a line that comes again instead of repeating it", () => {
  const rows = withLines(withLines([], [line("a"), line("b")]), [line("b", 3), line("a")]);
  expect(rows.map((row) => [row.text, row.count])).toEqual([
    ["a", 1],
    ["b", 4],
    ["a", 1],
  ]);
});

it("keeps the newest rows", () => {
  const rows = withLines(
    [],
    Array.from({ length: MAX_ROWS + 20 }, (_, i) => line(String(i))),
  );
  expect(rows).toHaveLength(MAX_ROWS);
  expect(rows.at(-1)?.text).toBe(String(MAX_ROWS + 19));
  expect(new Set(rows.map((row) => row.key)).size).toBe(MAX_ROWS);
});

it("makes lines of whatever a frame sends", () => {
  expect(checkedLines("no list")).toEqual([]);
  const [first, second] = checkedLines([{ level: "shout", text: { a: 1 }, count: -2 }, null]);
  expect(first).toMatchObject({ level: "log", text: "[object Object]", count: 1 });
  expect(second).toMatchObject({ level: "log", text: "", count: 1 });
});
