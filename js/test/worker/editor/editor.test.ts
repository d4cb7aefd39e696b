/** The editor of an app, as the engine asks it. */
import "./tools";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { EditResult } from "../../../src/worker/editor/editor";
import { Worker } from "../worker";
import { folderOf } from "./app";

const { App } = await import("../../../src/worker/app");
const { Editor } = await import("../../../src/worker/editor/editor");

const FILES = {
  "src/main.tsx": `import App from "./App";`,
  "src/App.tsx": `import { Hero } from "@/components/Hero";\n\nexport default function App() {\n  return (\n    <main>\n      <Hero title="a" />\n    </main>\n  );\n}\n`,
  "src/components/Hero.tsx": `export function Hero({ title, icon }: { title: string; icon?: React.ReactNode }) { return <h1>{title}{icon}</h1>; }`,
  "src/components/index.ts": `export * from "./Hero";`,
  "tsconfig.json": `{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }`,
};

function open(more: Record<string, string> = {}) {
  const root = folderOf({ ...FILES, ...more });
  const app = new App(root, "/nowhere");
  const editor = new Editor(app);
  /** As the engine hands in what changed. */
  const change = (path: string, content?: string | null) => {
    app.take({ files: [{ path, content }] });
  };
  return { root, app, editor, change };
}

const PAGE = "src/App.tsx";
// biome-ignore lint/suspicious/noExplicitAny: data are what a canvas makes of them.
const copyOf = (view: { data?: unknown }): any => structuredClone(view.data);

describe("a page", () => {
  test("opens with its data, places and palette", () => {
    const { editor } = open();
    const view = editor.open(PAGE);
    expect(view).toMatchObject({
      root: "main",
      problems: [],
      data: { content: [{ type: "Hero", props: { title: "a" } }] },
    });
    const id = view.data!.content[0]!.props.id;
    expect(FILES[PAGE].slice(...view.places![id]!)).toBe(`<Hero title="a" />`);
    const { components } = editor.palette();
    expect(components.map((c) => [c.folder, c.type])).toEqual([
      [".", "App"],
      ["components", "Hero"],
    ]);
    expect(components[1]!.fields).toMatchObject({ title: { type: "text" }, icon: { type: "slot" } });
  });

  test("is edited, and knows its own change when it comes back", () => {
    const { editor, change } = open();
    const view = editor.open(PAGE);
    const data = copyOf(view);
    data.content[0].props.title = "b";
    data.content[0].props.icon = [{ type: "#text", props: { id: "t", text: "!" } }];
    const edited = editor.edit(PAGE, data, view.hash);
    expect(edited.text).toBe(FILES[PAGE].replace(`title="a"`, `title="b" icon="!"`));
    change(PAGE, edited.text);
    expect(editor.open(PAGE)).toMatchObject({ hash: edited.hash, data: edited.data });
    // And undone.
    const back = editor.edit(PAGE, view.data, edited.hash);
    expect(back.text).toBe(FILES[PAGE]);
  });

  test("is not overwritten where the file is another by now", () => {
    const { editor, change } = open();
    const view = editor.open(PAGE);
    const mine = copyOf(view);
    mine.content[0].props.title = "mine";
    change(PAGE, FILES[PAGE].replace(`"a"`, `"theirs"`));
    const result = editor.edit(PAGE, mine, view.hash);
    expect(result).toMatchObject({ text: null, conflict: true, data: { content: [{ props: { title: "theirs" } }] } });
    expect(result.data!.content[0]!.props.id).toBe(view.data!.content[0]!.props.id);
    expect(editor.edit(PAGE, mine, result.hash).text).toContain(`"mine"`);
  });

  test("that cannot be parsed says where, and goes on when it can", () => {
    const { editor, change } = open();
    const view = editor.open(PAGE);
    change(PAGE, `// 日本 😀\n${FILES[PAGE].replace("</main>", "</mai>")}`);
    const broken = editor.open(PAGE);
    expect(broken.data).toBeUndefined();
    expect(broken.problems[0]).toMatchObject({ kind: "syntax", location: { file: PAGE, line: 8, column: 7 } });
    expect(editor.edit(PAGE, view.data, view.hash)).toMatchObject({ text: null, problems: [{ kind: "syntax" }] });
    change(PAGE, FILES[PAGE].replace(`"a"`, `"b"`));
    expect(editor.open(PAGE).data!.content[0]!.props).toMatchObject({
      id: view.data!.content[0]!.props.id,
      title: "b",
    });
  });

  test("that is gone, lies outside, or is no page", () => {
    const { editor, change, root } = open({ "src/util.ts": "export const a = 1;", "src/x.tsx": "export default 5;" });
    editor.open(PAGE);
    rmSync(join(root, PAGE));
    change(PAGE);
    expect(editor.open(PAGE).problems[0]!.message).toContain("does not exist");
    expect(editor.edit(PAGE, {}, "")).toMatchObject({ text: null, problems: [{}] });
    expect(editor.open("../secret.tsx").problems[0]!.message).toContain("leads out");
    expect(editor.open("src/util.ts").problems[0]!.message).toContain("no page to edit");
    expect(editor.open("src/x.tsx").problems[0]!.message).toContain("no page to edit");
  });

  test("is not changed by data that make none", () => {
    const { editor } = open();
    const { hash, data } = editor.open(PAGE);
    for (const bad of [null, 5, { content: {} }, { content: [{ type: "Nope", props: {} }] }]) {
      const result: EditResult = editor.edit(PAGE, bad, hash);
      expect(result).toMatchObject({ text: null, conflict: false, data });
      expect(result.problems).toHaveLength(1);
    }
  });

  test("that is nested too deeply says so, and can be edited when it is not", () => {
    const { editor, change } = open();
    const { hash, data } = editor.open(PAGE);
    change(PAGE, FILES[PAGE].replace("</main>", `${"<b>".repeat(450)}${"</b>".repeat(450)}</main>`));
    const view = editor.open(PAGE);
    expect(view.data).toBeUndefined();
    expect(view.problems).toMatchObject([{ message: `${PAGE} is nested too deeply to be edited` }]);
    expect(editor.edit(PAGE, data, view.hash)).toMatchObject({ text: null, problems: [{}] });
    change(PAGE, FILES[PAGE]);
    expect(editor.open(PAGE)).toMatchObject({ hash, data, problems: [] });
  });

  test("is not changed by data that are nested too deeply", () => {
    const { editor } = open();
    const view = editor.open(PAGE);
    const brackets = `{${"[".repeat(100_000)}}`;
    const list = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    for (const props of [{ source: brackets }, { source: "x", list }]) {
      const content = [...view.data!.content, { type: "#locked", props: { id: "x", ...props } }];
      const result = editor.edit(PAGE, { ...view.data, content }, view.hash);
      expect(result).toMatchObject({ text: null, data: view.data });
      expect(result.problems[0]!.message).toMatch(/nested too deeply$/);
    }
    expect(editor.open(PAGE)).toEqual(view);
  });

  test("keeps the mark that its file begins with", () => {
    const { editor, root, change } = open();
    writeFileSync(join(root, PAGE), `\ufeff${FILES[PAGE]}`);
    change(PAGE);
    const view = editor.open(PAGE);
    const data = copyOf(view);
    data.content[0].props.title = "b";
    expect(editor.edit(PAGE, data, view.hash).text).toBe(`\ufeff${FILES[PAGE].replace(`"a"`, `"b"`)}`);
  });
});

describe("components that come and change", () => {
  test("are there at once, and are imported by the file's alias", () => {
    const { editor, change } = open();
    const view = editor.open(PAGE);
    change("src/components/New.tsx", "export default function New(p: { n: number }) { return <b>{p.n}</b>; }");
    expect(editor.palette().components.map((c) => c.type)).toContain("New");
    const data = copyOf(view);
    data.content.push({ type: "New", props: { id: "n", n: 1 } });
    const { text } = editor.edit(PAGE, data, view.hash);
    expect(text).toContain(`import { Hero } from "@/components/Hero";\nimport New from "@/components/New";\n`);
    expect(text).toContain(`<Hero title="a" />\n      <New n={1} />`);
  });

  test("whose props are others now keep what the page says, and ids", () => {
    const { editor, change } = open();
    const view = editor.open(PAGE);
    change(
      "src/components/Hero.tsx",
      "export function Hero({ title }: { title: React.ReactNode; icon?: React.ReactNode }) { return <h1>{title}</h1>; }",
    );
    const now = editor.open(PAGE);
    expect(now.data!.content[0]).toMatchObject({
      props: { id: view.data!.content[0]!.props.id, title: [{ type: "#text", props: { text: "a" } }] },
    });
    expect(editor.edit(PAGE, now.data, now.hash).text).toBe(FILES[PAGE]);
    // Data of before are taken, too: a string is a text.
    expect(editor.edit(PAGE, view.data, now.hash).text).toBe(FILES[PAGE]);
  });

  test("that are gone are shown as names of the page, and stay in it", () => {
    const { editor, change } = open();
    editor.open(PAGE);
    change("src/components/Hero.tsx", null);
    const view = editor.open(PAGE);
    expect(view.data!.content[0]).toMatchObject({ type: "Hero", props: { title: "a" } });
    const data = copyOf(view);
    data.content[0].props.title = "b";
    expect(editor.edit(PAGE, data, view.hash).text).toBe(FILES[PAGE].replace(`"a"`, `"b"`));
  });

  test("imported by way of an index are the same", () => {
    const { editor } = open({ [PAGE]: FILES[PAGE].replace("@/components/Hero", "./components") });
    const view = editor.open(PAGE);
    expect(view.data!.content[0]!.type).toBe("Hero");
    expect(view.types).not.toHaveProperty("Hero");
  });
});

test("the worker answers for it", async () => {
  const worker = new Worker();
  try {
    await worker.call("open", { app: "a", root: folderOf(FILES), modules: "/nowhere" });
    const { components } = await worker.call<{ components: { type: string }[] }>("palette", { app: "a" });
    expect(components.map((c) => c.type)).toEqual(["App", "Hero"]);
    const view = await worker.call<EditResult>("page", { app: "a", path: PAGE });
    view.data!.content[0]!.props.title = "b";
    const edited = await worker.call<EditResult>("edit_page", {
      app: "a",
      path: PAGE,
      data: view.data,
      base: view.hash,
    });
    expect(edited.text).toBe(FILES[PAGE].replace(`"a"`, `"b"`));
    await worker.call("build", { app: "a", roots: [], files: [{ path: PAGE, content: edited.text }] });
    expect(await worker.call<EditResult>("page", { app: "a", path: PAGE })).toMatchObject({ hash: edited.hash });
  } finally {
    worker.process.kill();
  }
});

test("many components and much text", () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `      <Hero title="${i}" />`).join("\n");
  const text = FILES[PAGE].replace(`      <Hero title="a" />`, lines);
  const { editor } = open({ [PAGE]: text });
  const view = editor.open(PAGE);
  const data = copyOf(view);
  data.content[1500].props.title = "x".repeat(2_000_000);
  expect(editor.edit(PAGE, data, view.hash).text).toBe(text.replace(`"1500"`, `"${"x".repeat(2_000_000)}"`));
  data.content.reverse();
  expect(editor.edit(PAGE, data, view.hash).text).toMatch(/title="2999" \/>\n {6}<Hero title="2998"/);
});
