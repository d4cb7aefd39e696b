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

const SVG = `<svg xmlns="http://www.w3.org/2000/svg"/>`;
const open = (files: Record<string, string>, modules = react) => TestApp.open(worker, files, modules);

describe("plain style sheets", () => {
  test("have their imports in place and their addresses as data", async () => {
    const app = await open({
      "src/main.ts": `import "./a.css"`,
      "src/a.css": `@charset "utf-8";\n@import url("https://fonts.example/f.css");\n@import "./parts/b.css" layer(base) screen;\na { background: url(./x.svg#id), url('/y.svg') }`,
      "src/parts/b.css": `/* url(no.svg) */ b { background: url("../x.svg"), url(data:,x), url(#f) }`,
      "src/x.svg": SVG,
      "public/y.svg": SVG,
    });
    const built = await app.build({ roots: [""] });
    expect(brief(built.diagnostics)).toEqual([]);
    const { css, code } = moduleOf(built, "src/a.css");
    expect(code).toBe("");
    expect(css!.indexOf('@import url("https://fonts.example/f.css");')).toBe(0);
    expect(css).toMatch(
      /@media screen \{\n@layer base \{\n[\s\S]*url\("data:image\/svg\+xml;base64,[^)]+"\), url\("?data:,x"?\), url\(#f\)/,
    );
    expect(css).toMatch(/a \{ background: url\("data:image[^)]+#id"\), url\("data:image/);
    const part = await app.edit({ "src/parts/b.css": `b { color: blue }` });
    expect(ids(part)).toEqual(["src/a.css"]);
    expect(moduleOf(part, "src/a.css").css).toContain("blue");
  });

  test("with an open bracket have the place told; a missing picture is a warning", async () => {
    const app = await open({ "src/main.ts": `import "./a.css"`, "src/a.css": `a { color: red;\n` });
    expect(brief((await app.build({ roots: [""] })).diagnostics)).toEqual([
      "error css Unclosed block (src/a.css:1:3+1)",
    ]);
    expect(brief((await app.edit({ "src/a.css": `a {}\n}` })).diagnostics)).toEqual([
      "error css Unexpected } (src/a.css:2:1+1)",
    ]);
    const warned = await app.edit({ "src/a.css": `a { background: url(no.png) }` });
    expect(brief(warned.diagnostics)).toEqual(["warning css Cannot find no.png (src/a.css:1:17+11)"]);
    expect(ids(warned)).toEqual(["src/a.css", "src/main.ts"]);
  });

  test("?inline and ?raw are text", async () => {
    const app = await open({
      "src/main.ts": `import a from "./a.css?inline"\nimport b from "./a.css?raw"\nexport { a, b }`,
      "src/a.css": `a { b: url(x.svg) }`,
      "src/x.svg": SVG,
    });
    const built = await app.build({ roots: [""] });
    expect(moduleOf(built, "src/a.css?inline").css).toBeNull();
    const registry = new Registry();
    registry.add(built);
    expect(registry.load("src/main.ts").a).toContain("data:image");
    expect(registry.load("src/main.ts").b).toBe(`a { b: url(x.svg) }`);
  });
});

describe("CSS modules", () => {
  const FILES = {
    "src/main.ts": `import s, { btn } from "./a.module.css"\nexport { s, btn }`,
    "src/a.module.css": `.btn { color: red; composes: base from "./b.module.css" } .my-x { color: red } :global(.g) { color: red }`,
    "src/b.module.css": `.base { margin: 0 }`,
  };

  test("give names that stay when only declarations change", async () => {
    const app = await open(FILES);
    const built = await app.build({ roots: [""] });
    expect(brief(built.diagnostics)).toEqual([]);
    const registry = new Registry();
    registry.add(built);
    const { s, btn } = registry.load("src/main.ts");
    expect(Object.keys(s)).toEqual(["btn", "my-x"]);
    expect(btn).toMatch(/^a-module_btn_\S+ b-module_base_\S+$/);
    const before = moduleOf(built, "src/a.module.css");
    expect(before.css).toContain(`.${btn.split(" ")[0]}`);
    expect(before.css).toContain(".g {");
    const after = moduleOf(
      await app.edit({ "src/a.module.css": FILES["src/a.module.css"].replaceAll("red", "blue") }),
      "src/a.module.css",
    );
    expect(after.css).toContain("#00f");
    expect(after.code).toBe(before.code);
    const more = await app.edit({ "src/a.module.css": `${FILES["src/a.module.css"]} .new { top: 0 }` });
    expect(moduleOf(more, "src/a.module.css").code).not.toBe(before.code);
  });

  test("of the same name in two folders do not clash", async () => {
    const app = await open({
      "src/main.ts": `import a from "./a/x.module.css"\nimport b from "./b/x.module.css"\nexport { a, b }`,
      "src/a/x.module.css": ".k { top: 0 }",
      "src/b/x.module.css": ".k { top: 0 }",
    });
    const registry = new Registry();
    registry.add(await app.build({ roots: [""] }));
    const { a, b } = registry.load("src/main.ts");
    expect(a.k).not.toBe(b.k);
  });
});

describe("Tailwind v4", () => {
  const FILES = {
    "index.html": `<body class="bg-[#010203]"><div id="root"></div><script type="module" src="/src/main.tsx"></script></body>`,
    "src/main.tsx": `import "./index.css"\nimport App from "./App"\nexport { App }`,
    "src/App.tsx": `export default () => <p className="mt-[7px] animate-in rounded-sm dark:underline" />`,
    "src/unused.tsx": `export const x = "mb-[9px]"`,
    "src/index.css": `@import "tailwindcss";\n@import "tw-animate-css";\n@import "./more.css";\n@custom-variant dark (&:is(.dark *));\n:root { --radius: 10px }\n@theme inline { --radius-sm: calc(var(--radius) - 4px); }\n`,
    "src/more.css": `.more { @apply font-bold; background: url(./x.svg) }`,
    "src/x.svg": SVG,
  };
  let modules: string;
  beforeAll(() => {
    modules = packagesFolder({ react: "19", "react-dom": "19", tailwindcss: "4.1.17", "tw-animate-css": "1" });
  }, 120_000);

  test("makes the sheet of the classes in use, and sends it again only when that changes", async () => {
    const app = await open(FILES, modules);
    expect(app.info.tailwind).toBe(4);
    const built = await app.build({ roots: [""] });
    expect(brief(built.diagnostics)).toEqual([]);
    const { css } = moduleOf(built, "src/index.css");
    expect(css).toContain("tailwindcss v4.1.17");
    for (const part of [
      "margin-top: 7px",
      "#010203",
      ".animate-in",
      "calc(var(--radius) - 4px)",
      ".dark *",
      "data:image",
    ]) {
      expect(css).toContain(part);
    }
    expect(css).toContain("margin-bottom: 9px");
    const same = await app.edit({ "src/App.tsx": FILES["src/App.tsx"].replace("/>", ">x</p>") });
    expect(ids(same)).toEqual(["src/App.tsx"]);
    const fresh = await app.edit({ "src/App.tsx": FILES["src/App.tsx"].replace("7px", "77px") });
    expect(ids(fresh)).toEqual(["src/App.tsx", "src/index.css"]);
    expect(moduleOf(fresh, "src/index.css").css).toContain("margin-top: 77px");
    const part = await app.edit({ "src/more.css": `.more { @apply italic }` });
    expect(ids(part)).toEqual(["src/index.css"]);
    expect(moduleOf(part, "src/index.css").css).toContain("font-style: italic");
  });

  test("comes with the tools where the app has no copy of its own", async () => {
    const app = await open({
      "src/main.ts": `import "./a.css"\nexport const c = "p-4"`,
      "src/a.css": `@import "tailwindcss";`,
    });
    expect(app.info.tailwind).toBeNull();
    const built = await app.build({ roots: [""] });
    expect(brief(built.diagnostics)).toEqual([]);
    expect(moduleOf(built, "src/a.css").css).toContain(".p-4");
  });

  test("a class that does not exist has its place told, and the next edit mends it", async () => {
    const app = await open(FILES, modules);
    await app.build({ roots: [""] });
    const bad = await app.edit({ "src/more.css": `.more {\n  @apply font-blod;\n}` });
    expect(brief(bad.diagnostics)).toEqual([
      expect.stringMatching(/^error css Cannot apply unknown utility class .font-blod.* \(src\/more.css:2:10\+9\)$/),
    ]);
    expect(bad.modules).toEqual([]);
    expect((await app.edit({ "src/more.css": `.more { @apply font-bold }` })).diagnostics).toEqual([]);
  });

  test("in a CSS module, with a plugin that is not installed, and with sources outside of the app", async () => {
    const app = await open(
      {
        ...FILES,
        "src/App.tsx": `import s from "./App.module.css"\nexport default () => <p className={s.btn} />`,
        "src/App.module.css": `@reference "./index.css";\n.btn { @apply font-bold }`,
        "src/index.css": `@import "tailwindcss" source(none);\n@source "/etc";\n@source "./App.tsx";\n`,
      },
      modules,
    );
    const built = await app.build({ roots: [""] });
    expect(brief(built.diagnostics)).toEqual([]);
    expect(moduleOf(built, "src/App.module.css").css).toMatch(/\.App-module_btn_\S+ \{[^}]*font-weight/);
    const missing = await app.edit({ "src/index.css": `@import "tailwindcss";\n@plugin "@tailwindcss/typography";` });
    expect(missing.missing).toMatchObject([
      { package: "@tailwindcss/typography", location: { file: "src/index.css", line: 2 } },
    ]);
  });

  test("in a folder that git ignores takes no class names out of packages, unless it is told to", async () => {
    const app = await open(
      { ...FILES, ".gitignore": "*", "node_modules/x/index.js": `export const x = "mt-[77px]"` },
      modules,
    );
    const css = (built: Awaited<ReturnType<typeof app.build>>) => moduleOf(built, "src/index.css").css;
    expect(css(await app.build({ roots: [""] }))).not.toContain("77px");
    const told = await app.edit({ "src/index.css": `@import "tailwindcss";\n@source "../node_modules/x";` });
    expect(css(told)).toContain("77px");
  });
});

describe("Tailwind v3", () => {
  const FILES = {
    "index.html": `<body class="p-[3px]"><div id="root"></div><script type="module" src="/src/main.tsx"></script></body>`,
    "src/main.tsx": `import "./index.css"\nimport App from "./App"\nexport { App }`,
    "src/App.tsx": `export default () => <p className="mt-[7px] animate-in text-brand" />`,
    "src/unused.tsx": `export const x = "mb-[9px]"`,
    "src/theme.ts": `export const brand: string = "#123456"`,
    "src/index.css": `@tailwind base;\n@tailwind components;\n@tailwind utilities;\n@layer components { .more { @apply font-bold } }\n.plain { color: theme("colors.brand") }`,
    "tailwind.config.ts": `import type { Config } from "tailwindcss"\nimport animate from "tailwindcss-animate"\nimport { brand } from "./src/theme"\nexport default { content: ["./index.html", "./src/**/*.{ts,tsx}"], theme: { extend: { colors: { brand } } }, plugins: [animate] } satisfies Config`,
    "postcss.config.js": `export default { plugins: { tailwindcss: {}, autoprefixer: {} } }`,
  };
  let modules: string;
  beforeAll(() => {
    modules = packagesFolder({ react: "18", "react-dom": "18", tailwindcss: "3", "tailwindcss-animate": "1" });
  }, 120_000);

  test("runs the app's own copy with its configuration", async () => {
    const app = await open(FILES, modules);
    expect(app.info).toMatchObject({ tailwind: 3, react: expect.stringMatching(/^18\./) });
    const built = await app.build({ roots: [""] });
    expect(brief(built.diagnostics)).toEqual([]);
    const { css } = moduleOf(built, "src/index.css");
    for (const part of ["margin-top: 7px", "padding: 3px", "margin-bottom: 9px", "enter", "rgb(18 52 86", "#123456"]) {
      expect(css).toContain(part);
    }
    expect(css).not.toContain("@tailwind");
    expect(css).not.toContain(".more");
    const same = await app.edit({ "src/App.tsx": FILES["src/App.tsx"].replace("/>", ">x</p>") });
    expect(ids(same)).toEqual(["src/App.tsx"]);
    const fresh = await app.edit({ "src/App.tsx": FILES["src/App.tsx"].replace("mt-[7px]", "mt-[77px] more") });
    expect(moduleOf(fresh, "src/index.css").css).toContain("margin-top: 77px");
    expect(moduleOf(fresh, "src/index.css").css).toContain(".more");
    const theme = await app.edit({ "src/theme.ts": `export const brand = "#abcdef"` });
    expect(moduleOf(theme, "src/index.css").css).toContain("#abcdef");
  });

  test("problems of the sheet and of the configuration have a place", async () => {
    const app = await open(FILES, modules);
    await app.build({ roots: [""] });
    const css = await app.edit({ "src/index.css": `@tailwind utilities;\n.a { @apply nothing-like-it; }` });
    expect(brief(css.diagnostics)).toEqual([
      expect.stringMatching(/^error css The `nothing-like-it` class does not exist.* \(src\/index.css:2:6\+1\)$/),
    ]);
    const config = await app.edit({
      "src/index.css": FILES["src/index.css"],
      "tailwind.config.ts": "export default {\n  content: [ }",
    });
    expect(brief(config.diagnostics)).toEqual([
      expect.stringMatching(/^error config Unexpected "}" \(tailwind.config.ts:2:14\+1\)$/),
    ]);
    const missing = await app.edit({
      "tailwind.config.ts": FILES["tailwind.config.ts"].replace("tailwindcss-animate", "tailwind-scrollbar"),
    });
    expect(missing.missing.map((m) => m.package)).toEqual(["tailwind-scrollbar"]);
    expect((await app.edit({ "tailwind.config.ts": FILES["tailwind.config.ts"] })).diagnostics).toEqual([]);
  });
});
