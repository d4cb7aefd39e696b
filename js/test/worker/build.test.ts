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

const INDEX = `<!doctype html>
<html lang="en" class="dark"><head>
  <meta charset="utf-8"><title>A &amp; B</title>
  <link rel="icon" href="/favicon.svg"><link rel="stylesheet" href="https://fonts.example/x.css">
  <script>window.early = 1</script>
</head>
<body data-x="1"><div id="root"></div><script type="module" src="/src/main.tsx"></script></body></html>`;

const APP = {
  "index.html": INDEX,
  "package.json": JSON.stringify({ dependencies: { react: "19", "react-dom": "19" } }),
  "tsconfig.json": `{ "references": [{ "path": "./tsconfig.app.json" }], "files": [] }`,
  "tsconfig.app.json": `{ /* comment */ "compilerOptions": { "jsx": "react-jsx", "paths": { "@/*": ["./src/*"], }, }, }`,
  "src/main.tsx": `import { createRoot } from "react-dom/client"\nimport "./index.css"\nimport App from "@/App"\nexport const root = [createRoot, App]\n`,
  "src/App.tsx": `import "./App.css"\nimport { useState } from "react"\nimport { Card } from "./components/Card"\nexport default function App(): React.ReactNode { const [n] = useState<number>(0); return <Card>{n}</Card> }\n`,
  "src/components/Card.tsx": `export const Card = (p: { children: React.ReactNode }) => <div className="card">{p.children}</div>\n`,
  "src/components/Other.jsx": `export default function Other() { return <b>other</b> }\n`,
  "src/index.css": `body { margin: 0 }\n`,
  "src/App.css": `.app { color: red }\n`,
};

const open = (files: Record<string, string | Buffer> = {}) => TestApp.open(worker, { ...APP, ...files }, react);

describe("opening and building", () => {
  test("reads the page and says what the app is", async () => {
    const app = await open();
    expect(app.info.entries).toEqual(["src/main.tsx"]);
    expect(app.info.react).toMatch(/^19\./);
    expect(app.info.tailwind).toBeNull();
    expect(app.info.page.title).toBe("A & B");
    expect(app.info.page.html_attributes).toEqual({ lang: "en", class: "dark" });
    expect(app.info.page.body_attributes).toEqual({ "data-x": "1" });
    expect(app.info.page.body).toBe('<div id="root"></div>');
    expect(app.info.page.head).toContain("https://fonts.example/x.css");
    expect(app.info.page.head).not.toMatch(/favicon|<script|<title/);
  });

  test("compiles what the entries reach, in a form that runs", async () => {
    const app = await open();
    const built = await app.build({ roots: [""] });
    expect(built.diagnostics).toEqual([]);
    expect(built.missing).toEqual([]);
    expect(ids(built)).toEqual(
      ["src/App.css", "src/App.tsx", "src/components/Card.tsx", "src/index.css", "src/main.tsx"].sort(),
    );
    expect(built.globals).toEqual(["src/index.css", "src/App.css"]);
    expect(moduleOf(built, "src/main.tsx").deps).toMatchObject({
      "@/App": "src/App.tsx",
      "react-dom/client": "npm:react-dom/client",
      "./index.css": "src/index.css",
    });
    expect(moduleOf(built, "src/App.css")).toMatchObject({ code: "", css: ".app { color: red }\n" });
    const registry = new Registry();
    registry.add(await app.snapshot());
    const [createRoot, App] = registry.load("src/main.tsx").root;
    expect(typeof createRoot).toBe("function");
    expect(App.name).toBe("App");
    expect(registry.registered).toContain("src/App.tsx App");
    expect(registry.registered).toContain("src/components/Card.tsx Card");
    expect(registry.load("virtual:env").default).toMatchObject({ DEV: true, MODE: "development" });
  });

  test("an edit sends one module; the same text again sends nothing", async () => {
    const app = await open();
    await app.build({ roots: [""] });
    const card = APP["src/components/Card.tsx"].replace("card", "card new");
    const built = await app.edit({ "src/components/Card.tsx": card });
    expect(ids(built)).toEqual(["src/components/Card.tsx"]);
    expect(built).toMatchObject({ removed: [], vendor: [], globals: null, page: null, reload: "" });
    expect(ids(await app.edit({ "src/components/Card.tsx": card }))).toEqual([]);
    expect(moduleOf(await app.snapshot(), "src/components/Card.tsx").code).toContain("card new");
  });

  test("an absolute path means the same file; one outside of the app is refused", async () => {
    const app = await open();
    await app.build({ roots: [""] });
    const built = await app.edit({ [`${app.root}/src/components/Card.tsx`]: "export const Card = () => <i/>" });
    expect(ids(built)).toEqual(["src/components/Card.tsx"]);
    await expect(app.edit({ "../secret.txt": "x" })).rejects.toThrow("leads out of the app's folder");
  });

  test("a root that is one component compiles what it reaches, and the global sheets", async () => {
    const app = await open();
    const built = await app.build({ roots: ["src/components/Other.jsx"] });
    expect(ids(built)).toEqual(["src/App.css", "src/components/Other.jsx", "src/index.css"]);
    expect(built.globals).toEqual(["src/index.css", "src/App.css"]);
    const more = await app.build({ roots: ["src/components/Card.tsx"] });
    expect(ids(more)).toEqual(["src/components/Card.tsx"]);
    expect(more.globals).toBeNull();
  });

  test("a new file and what it imports come in the same answer; files that are not imported any more go", async () => {
    const app = await open();
    await app.build({ roots: [""] });
    const built = await app.edit({
      "src/New.tsx": `import { one } from "./deep/one"\nexport const New = () => <p>{one}</p>`,
      "src/deep/one.ts": `export const one: number = 1`,
      "src/components/Card.tsx": `import { New } from "@/New"\nexport const Card = () => <New />`,
    });
    expect(built.diagnostics).toEqual([]);
    expect(ids(built)).toEqual(["src/New.tsx", "src/components/Card.tsx", "src/deep/one.ts"]);
    const back = await app.edit({ "src/components/Card.tsx": APP["src/components/Card.tsx"] });
    expect(back.removed.sort()).toEqual(["src/New.tsx", "src/deep/one.ts"]);
  });

  test("a file that shadows another changes what an import means", async () => {
    const app = await open();
    await app.build({ roots: [""] });
    const built = await app.edit({ "src/components/Card.ts": `export const Card = () => null` });
    expect(moduleOf(built, "src/App.tsx").deps["./components/Card"]).toBe("src/components/Card.ts");
    expect(built.removed).toEqual(["src/components/Card.tsx"]);
  });

  test("circular imports run", async () => {
    const app = await open({
      "src/a.ts": `import { b } from "./b"\nexport const a = () => "a" + b()`,
      "src/b.ts": `import { a } from "./a"\nexport const b = () => "b"\nexport const ab = () => a()`,
    });
    const registry = new Registry();
    registry.add(await app.build({ roots: ["src/a.ts"] }));
    expect(registry.load("src/b.ts").ab()).toBe("ab");
  });

  test("top-level await is told from await in functions and in text", async () => {
    const app = await open({
      "src/top.ts": `const x = await (Promise.resolve(1))\nexport { x }`,
      "src/loop.ts": `export const seen: number[] = []\nfor await (const n of [1, 2]) seen.push(n)`,
      "src/inside.ts": `export const f = async () => { await (0); for await (const x of []) x }\nexport const s = "await x"\n// await y`,
      "src/text.ts":
        'import "./inside"\nexport const s = `\nconst __vite_ssr_import_9__ = await __vite_ssr_import__("x");\n`',
    });
    const built = await app.build({ roots: ["src/top.ts", "src/loop.ts", "src/inside.ts", "src/text.ts"] });
    const flags = Object.fromEntries(built.modules.map((m) => [m.id, m.is_async]));
    expect(flags).toMatchObject({
      "src/top.ts": true,
      "src/loop.ts": true,
      "src/inside.ts": false,
      "src/text.ts": false,
    });
    const registry = new Registry();
    registry.add(built);
    expect((await registry.load("src/top.ts")).x).toBe(1);
    expect((await registry.load("src/loop.ts")).seen).toEqual([1, 2]);
    expect(registry.load("src/text.ts").s).toContain("= await __vite_ssr_import__(");
  });

  test("decorators, jsxImportSource and JSX in .js files", async () => {
    const app = await open({
      "tsconfig.app.json": `{ "compilerOptions": { "experimentalDecorators": true, "useDefineForClassFields": false } }`,
      "src/deco.ts": `const seen: string[] = []\nconst mark = (_: object, key: string) => { seen.push(key) }\nclass A { @mark field = 1 }\nexport { A, seen }`,
      "src/old.js": `export const Old = () => <b>old</b>`,
    });
    const built = await app.build({ roots: ["src/deco.ts", "src/old.js"] });
    expect(built.diagnostics).toEqual([]);
    const registry = new Registry();
    registry.add(await app.snapshot());
    expect(registry.load("src/deco.ts").seen).toEqual(["field"]);
    expect(new (registry.load("src/deco.ts").A)().field).toBe(1);
    expect(registry.load("src/old.js").Old().type).toBe("b");
    const preact = await app.edit({ "tsconfig.app.json": `{ "compilerOptions": { "jsxImportSource": "preact" } }` });
    expect(preact.missing.map((m) => m.specifier)).toEqual(["preact/jsx-dev-runtime"]);
  });

  test("an app without index.html starts at src/main or src/index", async () => {
    const app = await TestApp.open(worker, { "src/index.jsx": `export const x = 1` }, react);
    expect(app.info.entries).toEqual(["src/index.jsx"]);
    expect(app.info.page.body).toBe('<div id="root"></div>');
    expect(ids(await app.build({ roots: [""] }))).toEqual(["src/index.jsx"]);
  });

  test("inline module scripts and local stylesheets of the page are entries", async () => {
    const app = await open({
      "index.html": `<head><link rel="stylesheet" href="/src/index.css"></head><div id=root></div><script type="module">import App from "./src/App"; export const it = App</script>`,
    });
    expect(app.info.entries).toEqual(["src/index.css", "index.html?inline=0"]);
    const built = await app.build({ roots: [""] });
    expect(built.diagnostics).toEqual([]);
    expect(built.globals).toEqual(["src/index.css", "src/App.css"]);
    expect(moduleOf(built, "index.html?inline=0").deps["./src/App"]).toBe("src/App.tsx");
    expect(app.info.page.body).toBe("<div id=root></div>");
  });

  test("a changed page comes with the next answer", async () => {
    const app = await open();
    await app.build({ roots: [""] });
    const built = await app.edit({ "index.html": INDEX.replace("A &amp; B", "C") });
    expect(built.page?.title).toBe("C");
    expect(built.modules).toEqual([]);
  });

  test("the environment holds VITE_ keys only, and changes with a reload", async () => {
    const app = await open({
      ".env": `VITE_A="x $B"\nB=b\nSECRET=s\n`,
      ".env.local": `VITE_C='local'`,
      "index.html": INDEX.replace("A &amp; B", "%VITE_C%"),
    });
    expect(app.info.page.title).toBe("local");
    await app.build({ roots: [""] });
    const registry = new Registry();
    registry.add(await app.snapshot());
    const env = registry.load("virtual:env").default;
    expect(env).toMatchObject({ VITE_A: "x b", VITE_C: "local", BASE_URL: "/", SSR: false });
    expect(Object.keys(env)).not.toContain("SECRET");
    const built = await app.edit({ ".env": `VITE_A=2` });
    expect(ids(built)).toEqual(["virtual:env"]);
    expect(built.reload).not.toBe("");
  });
});

describe("requests", () => {
  test("one that is superseded is answered at once, and its changes are not lost", async () => {
    const files: Record<string, string> = {};
    const names = Array.from({ length: 400 }, (_, i) => `Part${i}`);
    for (const name of names) files[`src/${name}.tsx`] = APP["src/App.tsx"].replace("App()", `${name}()`);
    files["src/main.tsx"] = names.map((name) => `import "./${name}"`).join("\n");
    const app = await open(files);
    const first = app.build({ roots: [""] });
    const second = app.worker.call("build", {
      app: app.name,
      files: [{ path: "src/components/Card.tsx", content: "export const Card = () => <u/>" }],
    });
    app.worker.cancel(second.id);
    const third = app.edit({ "src/App.css": "a {}" });
    expect(ids(await first)).toHaveLength(403);
    await expect(second).rejects.toThrow("cancelled");
    expect(ids(await third)).toEqual(["src/App.css", "src/components/Card.tsx"]);
  });

  test("errors are answers", async () => {
    await expect(worker.call("build", { app: "nowhere" })).rejects.toThrow("The app nowhere is not open");
    await expect(worker.call("dance", {})).rejects.toThrow("There is no method dance");
    await expect(worker.call("open", { app: "x", root: "/does/not/exist", modules: "/" })).rejects.toThrow();
    expect(await worker.call<{ pid: number }>("hello")).toMatchObject({ version: 1, pid: worker.process.pid });
  });

  test("a tool that cannot be loaded is named", async () => {
    const broken = new Worker({ tools: "/nonexistent" });
    await expect(TestApp.open(broken, APP, react)).rejects.toThrow(/"oxc-resolver" cannot be loaded/);
    broken.stop();
  });

  test("the worker ends with its input", async () => {
    const short = new Worker();
    await short.call("hello");
    const ended = new Promise((done) => short.process.on("exit", done));
    short.stop();
    expect(await ended).toBe(0);
  });

  test("diagnostics hold what the app says, sorted and once", async () => {
    const app = await open({ "src/App.tsx": `import "./b"\nimport "./a"\nimport "./a"\nexport default 1` });
    const built = await app.build({ roots: [""] });
    expect(brief(built.diagnostics)).toEqual([
      "error resolve Cannot find './b' imported by src/App.tsx (src/App.tsx:1:8+5)",
      "error resolve Cannot find './a' imported by src/App.tsx (src/App.tsx:2:8+5)",
    ]);
  });
});
