import { afterAll, beforeAll, expect, test } from "vitest";
import type { Diagnostic } from "../../src/protocol";
import { moduleOf, packagesFolder, TestApp, Worker } from "./worker";

let worker: Worker;
let react: string;

beforeAll(() => {
  react = packagesFolder({ react: "19", "react-dom": "19" });
  worker = new Worker();
}, 120_000);
afterAll(() => worker.stop());

async function compiled(source: string) {
  const app = await TestApp.open(worker, { "src/main.tsx": source }, react);
  const built = await app.build({ roots: [""] });
  expect(built.diagnostics).toEqual([]);
  return { app, module: moduleOf(built, "src/main.tsx") };
}

test("a module without a loop is left as it is, whatever words it has", async () => {
  const { module } = await compiled(
    `export const a = <p>wait for (it), while (you) can</p>; export const whileAway = 1`,
  );
  expect(module.code).not.toContain("__overskill_loop__");
});

test("each loop has a guard of its own", async () => {
  const { module } = await compiled(`for (const a of [1]) while (a) do; while (a); export {}`);
  expect(module.code.match(/__overskill_loop__\(/g)).toHaveLength(3);
});

/** Where the worker says that a place in the compiled code comes from. */
async function placeOf(source: string, marker: string) {
  const { app, module } = await compiled(source);
  const lines = module.code.split("\n");
  const line = lines.findIndex((text) => text.includes(marker));
  const stack = `Error: x\n    at f (overskill:///${module.hash}/src/main.tsx:${line + 2}:${lines[line]!.indexOf(marker) + 1})`;
  const found = await app.worker.call<Diagnostic>("trace", { app: app.name, kind: "runtime", message: "x", stack });
  return [found.location!.line, found.location!.column];
}

const SOURCE = `type A = { a: 1 }
const all = import.meta.glob("./no/*.ts", {
  eager: true,
}); export const one = thrown(1)
interface B { b: 2 }

export function f(): void {
  ;  outer: while (
    all
  ) { for (const x of [1]) thrown(2), thrown(3); thrown(4) }
  thrown(5)
}
declare function thrown(n: number): number
`;

test.each([
  ["thrown(1)", 4, 24],
  ["__overskill_loop__(__overskill_since_0__", 8, 13],
  ["__overskill_loop__(__overskill_since_1__", 10, 7],
  ["thrown(2)", 10, 28],
  ["thrown(3)", 10, 39],
  ["thrown(4)", 10, 50],
  ["thrown(5)", 11, 3],
])("the place of %s is that in the source", async (marker, line, column) => {
  expect(await placeOf(SOURCE, marker)).toEqual([line, column]);
});
