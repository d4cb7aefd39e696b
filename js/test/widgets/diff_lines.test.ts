import { describe, expect, it } from "vitest";
import { countsOf, linesOf, type Pair, sideBySide } from "../../src/widgets/diff_lines";

const UNIFIED = `--- a/src/App.tsx
+++ b/src/App.tsx
@@ -1,3 +1,3 @@
 one
--- two
+++ two
 three
@@ -20,2 +20,3 @@
 twenty
+more
 last
\\ No newline at end of file
`;

describe("a unified diff", () => {
  it("is told line by line, with each line's number in both files", () => {
    expect(linesOf(UNIFIED).map(({ kind, text, before, after }) => [kind, text, before, after])).toEqual([
      ["same", "one", 1, 1],
      ["removed", "-- two", 2, null],
      ["added", "++ two", null, 2],
      ["same", "three", 3, 3],
      ["gap", "", 20, 20],
      ["same", "twenty", 20, 20],
      ["added", "more", null, 21],
      ["same", "last", 21, 22],
      ["remark", "No newline at end of file", 22, 23],
    ]);
    expect(countsOf(linesOf(UNIFIED))).toEqual({ added: 2, removed: 1 });
  });

  it("of a file that is new counts from its first line", () => {
    const lines = linesOf("--- /dev/null\n+++ b/a.ts\n@@ -0,0 +1,2 @@\n+one\n+\n");
    expect(lines.map(({ text, after }) => [text, after])).toEqual([
      ["one", 1],
      ["", 2],
    ]);
    expect(linesOf("")).toEqual([]);
  });

  it("of a file that was emptied counts from its first line", () => {
    const lines = linesOf("--- a/a.ts\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-one\n-two\n");
    expect(lines.map(({ kind, before }) => [kind, before])).toEqual([
      ["removed", 1],
      ["removed", 2],
    ]);
  });
});

/** As text: what is equal, what differs, and how much is left out. */
const shown = (pairs: Pair[]) =>
  pairs.map((pair) => {
    if ("skipped" in pair) return `… ${pair.skipped}`;
    const [left, right] = [pair.ours, pair.theirs].map((side) => (side ? `${side.number}:${side.text}` : "-"));
    return `${left} ${pair.differs ? "≠" : "="} ${right}`;
  });

describe("two versions beside each other", () => {
  it("mark the lines that differ", () => {
    expect(shown(sideBySide("a\nb\nc\n", "a\nB\nc\n"))).toEqual(["1:a = 1:a", "2:b ≠ 2:B", "3:c = 3:c"]);
  });

  it("leave room for lines that one of them lacks", () => {
    expect(shown(sideBySide("a\nc\n", "a\nb\nc\n"))).toEqual(["1:a = 1:a", "- ≠ 2:b", "2:c = 3:c"]);
    expect(shown(sideBySide("a\nb\nc\nb\n", "b\nc\n"))).toEqual(["1:a ≠ -", "2:b = 1:b", "3:c = 2:c", "4:b ≠ -"]);
  });

  it("leave equal lines out that are far from those that differ", () => {
    const lines = Array.from({ length: 20 }, (_, at) => `l${at}`);
    const other = lines.with(10, "other");
    expect(shown(sideBySide(lines.join("\n"), other.join("\n")))).toEqual([
      "… 7",
      ...["8:l7 = 8:l7", "9:l8 = 9:l8", "10:l9 = 10:l9", "11:l10 ≠ 11:other", "12:l11 = 12:l11", "13:l12 = 13:l12"],
      "14:l13 = 14:l13",
      "… 6",
    ]);
  });

  it("show what there is where the other side was removed or is empty", () => {
    expect(shown(sideBySide("a\nb", null))).toEqual(["1:a ≠ -", "2:b ≠ -"]);
    expect(shown(sideBySide("", "x\n"))).toEqual(["- ≠ 1:x"]);
    expect(sideBySide(null, null)).toEqual([]);
  });

  it("are compared in little time, however long they are", () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at}`);
    const began = performance.now();
    const pairs = sideBySide(lines.join("\n"), lines.map((line) => `${line}!`).join("\n"));
    expect(performance.now() - began).toBeLessThan(1000);
    expect(pairs).toHaveLength(20_000);
  });
});
