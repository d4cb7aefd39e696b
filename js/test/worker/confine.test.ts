import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brief, ids, packagesFolder, TestApp, Worker } from "./worker";

let worker: Worker;
let react: string;
let outside: string;

beforeAll(() => {
  react = packagesFolder({ react: "19", "react-dom": "19" });
  worker = new Worker();
  outside = mkdtempSync(join(tmpdir(), "outside-"));
  writeFileSync(join(outside, "secret.ts"), "export const secret = 'TOP' !!");
  writeFileSync(join(outside, "secret.css"), "a { content: 'TOP'");
  writeFileSync(join(outside, "secret.svg"), "<svg>TOP</svg>");
}, 120_000);
afterAll(() => worker.stop());

async function build(main: string, files: Record<string, string | Buffer> = {}, prepare?: (root: string) => void) {
  const app = await TestApp.open(worker, { "src/main.tsx": main, ...files }, react);
  prepare?.(app.root);
  const built = await app.build({ roots: [""] });
  const said = JSON.stringify([built, await app.snapshot()]);
  expect(said).not.toContain("TOP");
  return built;
}

test("imports that lead out of the app are refused", async () => {
  const { diagnostics } = await build(
    `import "../../${outside.split("/").at(-1)}/secret"\nimport "${outside}/secret.ts"\nexport {}`,
    { "src/a.css": `@import "../../${outside.split("/").at(-1)}/secret.css";` },
  );
  expect(brief(diagnostics).join("\n")).toContain("leads out of the app's folder (src/main.tsx:1:");
  expect(brief(diagnostics).join("\n")).toContain("Cannot find");
});

test("links that lead out are refused; links inside of the app are followed", async () => {
  const { diagnostics } = await build(
    `import "./link"\nimport "./folder/secret"\nimport "./ok"\nimport svg from "./link.svg"\nimport css from "./link.css?raw"\nexport { svg, css }`,
    { "src/real.ts": "export {}" },
    (root) => {
      symlinkSync(join(outside, "secret.ts"), join(root, "src/link.ts"));
      symlinkSync(join(outside, "secret.svg"), join(root, "src/link.svg"));
      symlinkSync(join(outside, "secret.css"), join(root, "src/link.css"));
      symlinkSync(outside, join(root, "src/folder"));
      symlinkSync("real.ts", join(root, "src/ok.ts"));
    },
  );
  const said = brief(diagnostics);
  expect(said.filter((d) => d.includes("is a link that leads out of the app's folder"))).toHaveLength(3);
  expect(said.some((d) => d.includes("Cannot find './folder/secret'"))).toBe(true);
  expect(said.some((d) => d.includes("src/ok.ts"))).toBe(false);
});

test("style sheets stay inside of the app", async () => {
  const { diagnostics } = await build(`import "./a.css"\nimport "./b.css"\nexport {}`, {
    "src/a.css": `@import "../../${outside.split("/").at(-1)}/secret.css";`,
    "src/b.css": `a { background: url("../../${outside.split("/").at(-1)}/secret.svg") } b { background: url(${outside}/secret.svg) }`,
  });
  expect(brief(diagnostics).join("\n")).toContain("leads out of the app's folder (src/a.css:1:1");
  expect(brief(diagnostics).filter((d) => d.startsWith("warning css Cannot find"))).toHaveLength(2);
});

test("a package that links out of node_modules is refused", async () => {
  const app = await TestApp.open(worker, {
    "src/main.ts": `import "evil"\nexport {}`,
    "node_modules/x/package.json": "{}",
  });
  const evil = mkdtempSync(join(tmpdir(), "evil-"));
  writeFileSync(join(evil, "package.json"), `{"name":"evil","main":"index.js"}`);
  writeFileSync(join(evil, "index.js"), `module.exports = "TOP"`);
  symlinkSync(evil, join(app.root, "node_modules/evil"));
  const built = await app.build({ roots: [""] });
  expect(brief(built.diagnostics)).toEqual([
    "error resolve evil leads out of the folder node_modules (src/main.ts:1:8+6)",
  ]);
  expect(JSON.stringify(built)).not.toContain("TOP");
});

test("files that are too large, or not UTF-8, are told", async () => {
  const { diagnostics, modules } = await build(
    `import "./big"\nimport "./latin"\nimport "./wide"\nimport "./bom"\nimport png from "./big.png"\nexport { png }`,
    {
      "src/big.ts": `export const x = "${"x".repeat(5 * 1024 * 1024)}"`,
      "src/big.png": Buffer.alloc(6 * 1024 * 1024),
      "src/latin.ts": Buffer.from([0x2f, 0x2f, 0xe9, 0x0a]),
      "src/wide.ts": Buffer.from("\ufeffexport {}", "utf16le"),
      "src/bom.ts": "\ufeffexport const bom = 1",
    },
  );
  expect(ids({ modules })).toEqual([]);
  expect(brief(diagnostics)).toEqual([
    "error file src/big.png is 6.0 MB; files over 5 MB are not loaded (src/big.png:1:1+0)",
    "error file src/big.ts is 5.0 MB; files over 5 MB are not loaded (src/big.ts:1:1+0)",
    "error file src/latin.ts is not valid UTF-8 (src/latin.ts:1:1+0)",
    "error file src/wide.ts is encoded as UTF-16, not UTF-8 (src/wide.ts:1:1+0)",
  ]);
});
