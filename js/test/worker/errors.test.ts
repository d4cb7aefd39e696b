import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { brief, ids, packagesFolder, TestApp, Worker } from "./worker";

let worker: Worker;
let react: string;

beforeAll(() => {
  react = packagesFolder({ react: "19", "react-dom": "19" });
  worker = new Worker();
}, 120_000);
afterAll(() => worker.stop());

const APP = {
  "src/main.tsx": `import App from "./App"\nimport { Side } from "./Side"\nexport { App, Side }\n`,
  "src/App.tsx": `import { label } from "./label"\nexport default () => <p>{label}</p>\n`,
  "src/Side.tsx": `export const Side = () => <i/>\n`,
  "src/label.ts": `export const label = "a"\n`,
};

async function open(files: Record<string, string | Buffer> = {}): Promise<TestApp> {
  const app = await TestApp.open(worker, { ...APP, ...files }, react);
  await app.build({ roots: [""] });
  return app;
}

describe("syntax errors", () => {
  test("have the exact place, in UTF-16 units, and a code frame", async () => {
    const app = await open();
    const text = `const é = "日本😀"; let x: = 3\nexport default () => <p/>\n`;
    const { diagnostics, modules } = await app.edit({ "src/App.tsx": text });
    expect(modules).toEqual([]);
    expect(brief(diagnostics)).toEqual(["error syntax Unexpected token (src/App.tsx:1:26+1)"]);
    expect(diagnostics[0]!.frame).toBe(
      [
        '> 1 | const é = "日本😀"; let x: = 3',
        `    | ${" ".repeat(25)}^`,
        "  2 | export default () => <p/>",
        "  3 |",
      ].join("\n"),
    );
  });

  test("keep the last good module, and the good part of the batch for later", async () => {
    const app = await open();
    const bad = await app.edit({ "src/App.tsx": "let x: = 3", "src/label.ts": `export const label = "b"` });
    expect(bad.modules).toEqual([]);
    expect((await app.snapshot()).modules.find((m) => m.id === "src/label.ts")!.code).toContain('"a"');
    const good = await app.edit({ "src/App.tsx": `${APP["src/App.tsx"]}export const more = 1\n` });
    expect(good.diagnostics).toEqual([]);
    expect(ids(good)).toEqual(["src/App.tsx", "src/label.ts"]);
  });

  test("do not hold back a later edit elsewhere, unless that builds on what waits", async () => {
    const app = await open();
    await app.edit({ "src/App.tsx": "let x: = 3", "src/label.ts": `export const label = "b", extra = 1` });
    const other = await app.edit({ "src/Side.tsx": `export const Side = () => <b/>` });
    expect(ids(other)).toEqual(["src/Side.tsx"]);
    expect(brief(other.diagnostics)).toHaveLength(1);
    const builds = await app.edit({
      "src/Side.tsx": `import { extra } from "./label"\nexport const Side = () => <b>{extra}</b>`,
    });
    expect(ids(builds)).toEqual([]);
    const mended = await app.edit({ "src/App.tsx": APP["src/App.tsx"] });
    expect(ids(mended)).toEqual(["src/Side.tsx", "src/label.ts"]);
  });

  test("are all told, and go when they are mended", async () => {
    const app = await open();
    const { diagnostics } = await app.edit({
      "src/App.tsx": "export default () => <div><span></div>",
      "src/label.ts": "const a = 1; const a = 2",
    });
    expect(brief(diagnostics)).toContain("error syntax Identifier `a` has already been declared (src/label.ts:1:7+1)");
    expect(brief(diagnostics).join()).toContain("Expected corresponding JSX closing tag for 'span'");
    expect((await app.edit({ ...APP })).diagnostics).toEqual([]);
  });

  test("in JSON", async () => {
    const app = await open({
      "src/d.json": `{\n  "a": 1,\n  b\n}`,
      "src/App.tsx": `import d from "./d.json"\nexport default d`,
    });
    const { diagnostics } = await app.build();
    expect(brief(diagnostics)[0]).toMatch(/^error syntax .* in JSON \(src\/d.json:3:3\+1\)$/);
  });
});

describe("imports", () => {
  test("of a file that is not there, with the place and a hint", async () => {
    const app = await open({ "src/Footer.tsx": "export default 1" });
    const text = `// from './footer'\nimport Footer from './footer'\nimport x from "./lable"\nexport default () => <Footer x={x}/>\n`;
    const { diagnostics, modules } = await app.edit({ "src/App.tsx": text });
    expect(modules).toEqual([]);
    expect(brief(diagnostics)).toEqual([
      "error resolve Cannot find './footer' imported by src/App.tsx (src/App.tsx:2:20+10)",
      "error resolve Cannot find './lable' imported by src/App.tsx (src/App.tsx:3:15+9)",
    ]);
    expect(diagnostics.map((d) => d.hint)).toEqual(["Did you mean './Footer'?", "Did you mean './label'?"]);
    expect(diagnostics[0]!.frame).toContain("> 2 | import Footer from './footer'\n    |                    ^^^^^^^^^^");
    const mended = await app.edit({ "src/footer.tsx": "export default 2", "src/lable.ts": "export default 3" });
    expect(mended.diagnostics).toEqual([]);
    expect(ids(mended)).toEqual(["src/App.tsx", "src/footer.tsx", "src/lable.ts"]);
  });

  test("of a file that was deleted are told at the importer", async () => {
    const app = await open();
    const { diagnostics, removed } = await app.edit({ "src/label.ts": null });
    expect(brief(diagnostics)).toEqual([
      "error resolve Cannot find './label' imported by src/App.tsx (src/App.tsx:1:23+9)",
    ]);
    expect(removed).toEqual([]);
    const gone = await app.edit({ "src/App.tsx": "export default () => <p/>" });
    expect(gone.diagnostics).toEqual([]);
    expect(gone.removed).toEqual(["src/label.ts"]);
  });

  test("of a name that is not exported are a warning", async () => {
    const app = await open();
    const { diagnostics, modules } = await app.edit({ "src/label.ts": `export const lable = "b"` });
    expect(ids({ modules })).toEqual(["src/label.ts"]);
    expect(brief(diagnostics)).toEqual(["warning resolve 'src/label.ts' does not export 'label' (src/App.tsx:1:10+5)"]);
    expect(diagnostics[0]!.hint).toBe("It exports: lable.");
    const star = await app.edit({
      "src/label.ts": `export * from "./words"`,
      "src/words.ts": `export const label = 1`,
    });
    expect(star.diagnostics).toEqual([]);
    expect(brief((await app.edit({ "src/words.ts": `export const other = 1` })).diagnostics)).toHaveLength(1);
  });

  test("of packages that are not installed are missing, then installed or not", async () => {
    const app = await open();
    const text = `import _ from "left-pad/x"\nimport { Q } from "@scope/pkg"\nexport default () => <p>{_}{Q}</p>`;
    const built = await app.edit({ "src/App.tsx": text });
    expect(built.modules).toEqual([]);
    expect(built.diagnostics).toEqual([]);
    expect(built.missing).toMatchObject([
      { package: "left-pad", specifier: "left-pad/x", location: { file: "src/App.tsx", line: 1, column: 15 } },
      { package: "@scope/pkg", specifier: "@scope/pkg" },
    ]);
    const failed = await app.build({ unavailable: { "left-pad": "not in the registry", "@scope/pkg": "refused" } });
    expect(failed.missing).toEqual([]);
    expect(brief(failed.diagnostics)).toEqual([
      "error install not in the registry (src/App.tsx:1:15+12)",
      "error install refused (src/App.tsx:2:19+12)",
    ]);
    const mended = await app.edit({ "src/App.tsx": APP["src/App.tsx"] });
    expect(mended).toMatchObject({ diagnostics: [], missing: [] });
  });

  test("that cannot work say why", async () => {
    const app = await open({ "src/a.scss": "a { b { c: d } }", "src/x.vue": "<template/>" });
    const { diagnostics } = await app.edit({
      "src/App.tsx": `import "node:fs"\nimport "./a.scss"\nimport "https://esm.sh/x"\nimport "virtual:pwa"\nimport "react/nothing"\nimport "@/x"\nexport default 1`,
    });
    expect(brief(diagnostics)).toEqual([
      "error resolve 'node:fs' is a module of Node.js and does not exist in the browser (src/App.tsx:1:8+9)",
      "error resolve 'https://esm.sh/x' is an address: modules can be imported from files and packages only (src/App.tsx:3:8+18)",
      "error resolve 'virtual:pwa' comes from a Vite plugin, which is not run (src/App.tsx:4:8+13)",
      "error resolve The package 'react' has no 'nothing' (src/App.tsx:5:8+15)",
      "error resolve Cannot find '@/x' (src/App.tsx:6:8+5)",
      "error file SCSS is not supported (src/a.scss:1:1+0)",
    ]);
    expect(diagnostics[4]!.hint).toContain('"@/*": ["./src/*"]');
  });
});

test("configuration that cannot be read is a warning", async () => {
  const app = await open({
    "tsconfig.json": `{ "compilerOptions": { "paths": } }`,
    "vite.config.ts": "export default {",
  });
  const { diagnostics } = await app.build();
  expect(brief(diagnostics)[0]).toContain("warning config vite.config.ts:");
  expect(brief(diagnostics)[1]).toMatch(/^warning config tsconfig.json: Unexpected token \(tsconfig.json:1:33\+1\)/);
});

test("a broken component does not keep another one from its preview", async () => {
  const app = await TestApp.open(
    worker,
    {
      "src/X.tsx": `import { both } from "./both"\nexport const X = () => <p>{both}</`,
      "src/Y.tsx": `import { both } from "./both"\nexport const Y = () => <p>{both}</p>`,
      "src/Z.tsx": `import { X } from "./X"\nexport const Z = () => <X />`,
      "src/both.ts": `export const both = 1`,
      "src/main.tsx": `import "./a.css"`,
      "src/a.css": "a { top: 0 }",
    },
    react,
  );
  expect(ids(await app.build({ roots: ["src/X.tsx"] }))).toEqual([]);
  expect(ids(await app.build({ roots: ["src/Z.tsx"] }))).toEqual(["src/a.css"]);
  const built = await app.build({ roots: ["src/Y.tsx"] });
  expect(ids(built)).toEqual(["src/Y.tsx", "src/both.ts"]);
  expect(built.diagnostics).toHaveLength(1);
  const mended = await app.edit({ "src/X.tsx": `import { both } from "./both"\nexport const X = () => <p>{both}</p>` });
  expect(ids(mended)).toEqual(["src/X.tsx", "src/Z.tsx"]);
});
