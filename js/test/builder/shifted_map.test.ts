import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import { shiftedMap } from "../../src/builder/shifted_map";
import { splice } from "../../src/worker/css";

const SOURCE = `import { value } from "somewhere";
export function first() {
  return value("marker one") + value("two");
}
export const later = () => import("elsewhere").then(() => "marker three");
`;

test("places after a change lead to where they did before", async () => {
  const { code, map } = await transform(SOURCE, { sourcemap: "external", sourcefile: "a.js", minify: true });
  const spans = [/"somewhere"/, /"two"/, /import\("elsewhere"\)/].map((pattern) => {
    const found = pattern.exec(code)!;
    return { start: found.index, end: found.index + found[0].length, text: `PUT_IN_${pattern.source.length}()` };
  });
  const changed = splice(code, spans);
  const before = new TraceMap(map);
  const after = new TraceMap(shiftedMap(map, code, spans));
  for (const marker of ["marker one", "marker three", "later"]) {
    const place = (text: string, trace: TraceMap) =>
      originalPositionFor(trace, { line: 1, column: text.indexOf(marker) - 1 });
    expect(place(changed, after)).toEqual(place(code, before));
    expect(place(changed, after).line).not.toBeNull();
  }
  expect(shiftedMap(map, code, [])).toBe(map);
});
