import { originalPositionFor, sourceContentFor, TraceMap } from "@jridgewell/trace-mapping";
import { afterAll, beforeAll, expect, test } from "vitest";
import { moduleOf, packagesFolder, TestApp, Worker } from "./worker";

let worker: Worker;
let react: string;

beforeAll(() => {
  react = packagesFolder({ react: "19", "react-dom": "19" });
  worker = new Worker();
}, 120_000);
afterAll(() => worker.stop());

const SOURCE = `import { useState } from "react"
type Props = {
  label: string
}

export function Counter({ label }: Props) {
  const [n, setN] = useState<number>(0)
  for (const é of ["😀"]) console.log(é, first())
  return (
    <button onClick={() => setN(second(n))}>
      {label} {n}
    </button>
  )
}
declare function first(): void
declare function second(n: number): number
`;

function read(map: string) {
  const [head, data] = map.split(",");
  expect(head).toBe("data:application/json;base64");
  return new TraceMap(JSON.parse(Buffer.from(data!, "base64").toString()));
}

function place(module: { code: string; map: string }, marker: string) {
  const lines = module.code.split("\n");
  const line = lines.findIndex((text) => text.includes(marker));
  // The factory's head stands above the code.
  const found = originalPositionFor(read(module.map), { line: line + 2, column: lines[line]!.indexOf(marker) });
  return [found.source, found.line, found.column];
}

test("a module's map leads from its code to its source, and holds it", async () => {
  const app = await TestApp.open(worker, { "src/main.tsx": SOURCE }, react);
  const module = moduleOf(await app.build({ roots: [""] }), "src/main.tsx");
  expect(sourceContentFor(read(module.map), "overskill:///src/main.tsx")).toBe(SOURCE);
  const column = (line: number, text: string) => SOURCE.split("\n")[line - 1]!.indexOf(text);
  for (const [marker, line, text] of [
    ["function Counter", 6, "function Counter"],
    ["__overskill_loop__(", 8, "for"],
    ["first()", 8, "first()"],
    ["setN(second", 10, "setN(second"],
    ["second(n)", 10, "second(n)"],
  ] as const) {
    expect([marker, ...place(module, marker)]).toEqual([marker, "overskill:///src/main.tsx", line, column(line, text)]);
  }
});

test("after an edit it is that of the new source; a type alone sends nothing, and is there for who starts then", async () => {
  const app = await TestApp.open(worker, { "src/main.tsx": SOURCE }, react);
  await app.build({ roots: [""] });
  const edited = moduleOf(
    await app.edit({ "src/main.tsx": `\n\n${SOURCE.replace("second(n)", "second(n + 1)")}` }),
    "src/main.tsx",
  );
  expect(place(edited, "second(n + 1)")[1]).toBe(12);
  const typed = `\n\n${SOURCE.replace("second(n)", "second(n + 1)")}declare function third(): void\n`;
  expect((await app.edit({ "src/main.tsx": typed })).modules).toEqual([]);
  const module = moduleOf(await app.snapshot(), "src/main.tsx");
  expect(place(module, "second(n + 1)")[1]).toBe(12);
  expect(sourceContentFor(read(module.map), "overskill:///src/main.tsx")).toBe(typed);
});

test("what does not compile leaves the map, and the places, of what runs", async () => {
  const app = await TestApp.open(worker, { "src/main.tsx": SOURCE }, react);
  const { map } = moduleOf(await app.build({ roots: [""] }), "src/main.tsx");
  await app.edit({ "src/main.tsx": `import x from "./nowhere"\n\n\n\nvoid x\n${SOURCE}` });
  expect(moduleOf(await app.snapshot(), "src/main.tsx").map).toBe(map);
});
