import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Registry } from "./registry";
import { brief, ids, moduleOf, packagesFolder, TestApp, Worker } from "./worker";

let worker: Worker;
let react: string;

beforeAll(() => {
  react = packagesFolder({ react: "19", "react-dom": "19" });
  worker = new Worker();
}, 120_000);
afterAll(() => worker.stop());

const open = (files: Record<string, string | Buffer>) => TestApp.open(worker, files, react);

async function run(files: Record<string, string | Buffer>) {
  const app = await open(files);
  const built = await app.build({ roots: [""] });
  expect(brief(built.diagnostics)).toEqual([]);
  const registry = new Registry();
  registry.add(await app.snapshot());
  return { app, built, main: registry.load(app.info.entries[0]!) };
}

describe("where imports lead", () => {
  const LIB = { "src/lib/index.ts": `export const lib = "lib"`, "src/lib/one.tsx": `export const one = 1` };

  test.each([
    [
      "an object with path.resolve",
      `import path from "path"\nexport default defineConfig({ resolve: { alias: { "@": path.resolve(__dirname, "./src") } } })`,
    ],
    [
      "an array with fileURLToPath",
      `import { fileURLToPath, URL } from "node:url"\nexport default { resolve: { alias: [{ find: "@", replacement: fileURLToPath(new URL("./src", import.meta.url)) }] } }`,
    ],
    [
      "a function with a variable",
      `const root = path.join(process.cwd(), "src")\nexport default defineConfig(({ mode }) => { return { resolve: { alias: { "@": root } } } })`,
    ],
    ["a path from the root", `const config = { resolve: { alias: { "@/": "/src/" } } }\nexport default config`],
    [
      "a template and a pattern",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a file that has one.
      "export default { resolve: { alias: [{ find: /^@\\/(.*)$/, replacement: `${import.meta.dirname}/src/$1` }] } }",
    ],
  ])("alias in vite.config: %s", async (_, config) => {
    const { main } = await run({
      ...LIB,
      "vite.config.ts": config,
      "src/main.ts": `import { lib } from "@/lib"\nimport { one } from "@/lib/one"\nexport default [lib, one]`,
    });
    expect(main.default).toEqual(["lib", 1]);
  });

  test("paths and baseUrl of tsconfig and jsconfig, with extends", async () => {
    const files = {
      ...LIB,
      "src/main.ts": `import { lib } from "~lib"\nimport { one } from "#one"\nimport { one as two } from "lib/one"\nexport default [lib, one, two]`,
    };
    const { main } = await run({
      ...files,
      "tsconfig.base.json": `{ "compilerOptions": { "baseUrl": "src", "paths": { "~*": ["nowhere/*", "./*"], "#one": ["lib/one.tsx"] } } }`,
      "tsconfig.json": `{ "extends": "./tsconfig.base" }`,
    });
    expect(main.default).toEqual(["lib", 1, 1]);
    const { main: js } = await run({
      ...files,
      "jsconfig.json": `{ "compilerOptions": { "baseUrl": "./src", "paths": { "~*": ["*"], "#one": ["lib/one"] } } }`,
    });
    expect(js.default).toEqual(["lib", 1, 1]);
  });

  test("imports of package.json, paths from the root, folders, and extensions", async () => {
    const { main, built } = await run({
      ...LIB,
      "package.json": `{ "type": "module", "imports": { "#lib/*": "./src/lib/*.tsx" } }`,
      "src/main.ts": `import { one } from "#lib/one"\nimport { lib } from "/src/lib"\nimport { lib as b } from "./lib/"\nimport { lib as c } from "./lib/index.js"\nimport { one as d } from "./lib/one.js"\nexport default [one, lib, b, c, d]`,
    });
    expect(main.default).toEqual([1, "lib", "lib", "lib", 1]);
    expect(ids(built)).toEqual(["src/lib/index.ts", "src/lib/one.tsx", "src/main.ts"]);
  });

  test("a changed configuration is read again", async () => {
    const app = await open({ ...LIB, "src/main.ts": `import { lib } from "@/lib"\nexport default lib` });
    expect((await app.build({ roots: [""] })).diagnostics).toHaveLength(1);
    const built = await app.edit({ "tsconfig.json": `{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }` });
    expect(built.diagnostics).toEqual([]);
    expect(ids(built)).toEqual(["src/lib/index.ts", "src/main.ts"]);
  });
});

describe("files that are not scripts", () => {
  test("pictures, text, JSON and addresses", async () => {
    const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]);
    const { main } = await run({
      "src/a.png": png,
      "src/b.svg": "<svg/>",
      "src/c.json": `{ "name": "n", "x-y": 1, "__proto__": 2 }`,
      "src/d.txt": "text \u2028 `",
      "public/p.svg": "<svg id='p'/>",
      "src/main.ts": `import a from "./a.png"\nimport b from "./b.svg?raw"\nimport c, { name } from "./c.json"\nimport d from "./d.txt?raw"\nimport p from "/p.svg"\nimport u from "./c.json?url"\n
        export default { a, b, c, name, d, p, u, n: new URL("./a.png", import.meta.url).href, own: import.meta.url }`,
    });
    expect(main.default).toMatchObject({
      a: `data:image/png;base64,${png.toString("base64")}`,
      b: "<svg/>",
      name: "n",
      d: "text \u2028 `",
      p: expect.stringMatching(/^data:image\/svg\+xml;base64,/),
      u: expect.stringMatching(/^data:application\/json/),
      n: `data:image/png;base64,${png.toString("base64")}`,
    });
    expect(main.default.c["x-y"]).toBe(1);
  });

  test("a picture in new URL(…) that changes makes the module anew", async () => {
    const { app } = await run({
      "src/b.svg": "<svg/>",
      "src/main.ts": `export default new URL("./b.svg", import.meta.url).href`,
    });
    expect(ids(await app.edit({ "src/b.svg": "<svg>2</svg>" }))).toEqual(["src/main.ts"]);
  });

  test("import.meta.glob, eager and lazy, and a file that comes later", async () => {
    const { app, main } = await run({
      "src/pages/a.ts": "export default 1; export const name = 'a'",
      "src/pages/b.ts": "export default 2; export const name = 'b'",
      "src/pages/deep/c.ts": "export default 3; export const name = 'c'",
      "src/main.ts": `
        export const eager = import.meta.glob<number>("./pages/*.ts", { eager: true, import: "default" })
        export const lazy = import.meta.glob(["/src/pages/**/*.ts", "!**/b.ts"])
        export const raw = import.meta.glob("./pages/a.ts", { eager: true, query: "?raw", import: "default" })
        export const line = new Error().stack`,
    });
    expect(main.eager).toEqual({ "./pages/a.ts": 1, "./pages/b.ts": 2 });
    expect(Object.keys(main.lazy)).toEqual(["/src/pages/a.ts", "/src/pages/deep/c.ts"]);
    expect((await main.lazy["/src/pages/deep/c.ts"]()).name).toBe("c");
    expect(Object.values(main.raw)[0]).toContain("export default 1");
    const built = await app.edit({ "src/pages/d.ts": "export default 4" });
    expect(ids(built)).toEqual(["src/main.ts", "src/pages/d.ts"]);
    const gone = await app.edit({ "src/pages/b.ts": null });
    expect(brief(gone.diagnostics)).toEqual([]);
    expect(ids(gone)).toEqual(["src/main.ts"]);
    expect(gone.removed).toEqual(["src/pages/b.ts"]);
  });
});

describe("finding a component", () => {
  const FILES = {
    "src/main.tsx": "export {}",
    "src/components/Card.tsx": "export const Card = () => <p/>\nexport const other = 1",
    "src/components/Two.tsx": "export const One = () => <p/>\nexport const Two2 = () => <p/>",
    "src/features/Cart/index.tsx": "export default function Cart() { return <p/> }",
    "src/features/TipCalculator.jsx": "export function Only() { return <p/> }",
    "src/lib/parts.tsx": "export const Hidden = () => <b/>\nexport default 1",
    "src/Broken.tsx": "export const = 1",
    "src/Card.test.tsx": "export const Card = 1",
  };
  test.each([
    ["Card", "src/components/Card.tsx", "Card"],
    ["Cart", "src/features/Cart/index.tsx", "default"],
    ["TipCalculator", "src/features/TipCalculator.jsx", "Only"],
    ["Hidden", "src/lib/parts.tsx", "Hidden"],
    ["src/components/Card.tsx", "src/components/Card.tsx", "Card"],
    ["src/components/Card", "src/components/Card.tsx", "Card"],
    ["src/components/Two.tsx#One", "src/components/Two.tsx", "One"],
    ["src/features/Cart", "src/features/Cart/index.tsx", "default"],
  ])("%s", async (target, module, name) => {
    const app = await open(FILES);
    expect(await worker.call("resolve", { app: app.name, target })).toEqual({ module, export: name, diagnostics: [] });
  });

  test("that is not there, or not clear, or does not compile", async () => {
    const app = await open(FILES);
    const find = (target: string) =>
      worker.call<{ module: string; diagnostics: { message: string; hint: string }[] }>("resolve", {
        app: app.name,
        target,
      });
    expect((await find("Crad")).diagnostics[0]).toMatchObject({
      message: "There is no component Crad in the app",
      hint: "Did you mean Card?",
    });
    expect((await find("Two")).diagnostics[0]!.hint).toBe("It exports One, Two2: add one after a #.");
    expect((await find("../x.tsx")).diagnostics[0]!.message).toContain("leads out");
    expect(await find("Broken")).toMatchObject({ module: "src/Broken.tsx", diagnostics: [{ kind: "syntax" }] });
  });
});

test("moduleOf names what there is", () => {
  expect(() => moduleOf({ modules: [] }, "x")).toThrow("no module x");
});
