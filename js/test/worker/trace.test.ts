import { afterAll, beforeAll, expect, test } from "vitest";
import type { Diagnostic } from "../../src/protocol";
import { Registry } from "./registry";
import { moduleOf, packagesFolder, TestApp, Worker } from "./worker";

let worker: Worker;
let react: string;

beforeAll(() => {
  react = packagesFolder({ react: "19", "react-dom": "19", clsx: "2" });
  worker = new Worker();
}, 120_000);
afterAll(() => worker.stop());

const MAIN = `import { explode } from "./explode"
type Unused = { a: string }
interface Also { b: number }

export function start(this: void): void {
  explode({ depth: 1 } as never)
}
`;
const EXPLODE = `import clsx from "clsx"

export enum Kind { A, B }
export function explode(options: { depth: number }): never {
  const é = "😀"; throw new TypeError(é + clsx("boom") + options.depth)
}
`;

function stackOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    return (error as Error).stack!;
  }
  throw new Error("nothing was thrown");
}

const trace = (app: TestApp, message: string, stack: string) =>
  app.worker.call<Diagnostic>("trace", { app: app.name, kind: "runtime", message, stack });

test("a stack leads to the sources, of the version that threw", async () => {
  const app = await TestApp.open(worker, { "src/main.ts": MAIN, "src/explode.ts": EXPLODE }, react);
  await app.build({ roots: [""] });
  const registry = new Registry();
  registry.add(await app.snapshot());
  const stack = stackOf(() => registry.load("src/main.ts").start());
  const found = await trace(app, "TypeError: 😀boom1", stack);
  expect(found).toMatchObject({
    severity: "error",
    kind: "runtime",
    message: "TypeError: 😀boom1",
    location: { file: "src/explode.ts", line: 5, column: 25 },
  });
  expect(found.frame).toContain('> 5 |   const é = "😀"; throw new TypeError');
  expect(found.stack.split("\n").slice(0, 2)).toEqual([
    "    at explode (src/explode.ts:5:25)",
    "    at Object.start (src/main.ts:6:3)",
  ]);
  expect(found.stack).not.toContain("registry");

  for (let i = 0; i < 19; i++) await app.edit({ "src/explode.ts": `// ${i}\nconst v${i} = ${i}\n${EXPLODE}` });
  expect(await trace(app, "again", stack)).toMatchObject({ location: { file: "src/explode.ts", line: 5, column: 25 } });
  registry.add({ vendor: [], modules: [moduleOf(await app.snapshot(), "src/explode.ts")] });
  registry.add({ vendor: [], modules: [moduleOf(await app.snapshot(), "src/main.ts")] });
  const later = stackOf(() => registry.load("src/main.ts").start());
  expect((await trace(app, "later", later)).location).toMatchObject({ line: 7, column: 25 });
});

test("the forms of other browsers, frames of packages, and frames that are nobody's", async () => {
  const app = await TestApp.open(worker, { "src/main.ts": MAIN, "src/explode.ts": EXPLODE }, react);
  const built = await app.build({ roots: [""] });
  const { hash, code } = moduleOf(built, "src/explode.ts");
  const lines = code.split("\n");
  const line = lines.findIndex((l) => l.includes("throw")) + 2;
  const column = lines[line - 2]!.indexOf("throw") + 1;
  const chunk = built.vendor.find((v) => v.code.includes("function clsx"))!;
  const inside = chunk.code.split("\n").findIndex((l) => l.includes("function clsx")) + 1;
  const stack = [
    `explode@overskill:///${hash}/src/explode.ts:${line}:${column}`,
    `clsx@overskill:///vendor/${chunk.id}:${inside}:5`,
    "run@about:srcdoc:10:20",
    "@https://host/lab:1:1",
  ].join("\n");
  const found = await trace(app, "x", stack);
  expect(found.location).toMatchObject({ file: "src/explode.ts", line: 5 });
  expect(found.stack).toBe(
    `    at explode (src/explode.ts:5:${found.location!.column})\n    at clsx (node_modules/clsx/dist/clsx.mjs)`,
  );
  expect(await trace(app, "y", "Error: y\n    at nowhere")).toMatchObject({ location: null, frame: "", stack: "" });
});
