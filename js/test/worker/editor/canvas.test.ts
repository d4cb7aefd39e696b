/** The canvas variant of pages: what it gives the canvas, and how it is compiled with the app. */
import "./tools";
import { transformSync } from "esbuild";
import { createElement, Fragment, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Diagnostic } from "../../../src/protocol";
import { splice } from "../../../src/worker/css";
import { type Data, type Item, isCode, LOCKED, type Props } from "../../../src/worker/editor/data";
import { brief, ids, moduleOf, packagesFolder, TestApp, Worker } from "../worker";
import { COMPONENTS, library } from "./library";
import { PAGES } from "./pages";

const { canvasOf } = await import("../../../src/worker/editor/canvas");
const { read } = await import("../../../src/worker/editor/reading");
const { oxc } = await import("../../../src/worker/tools");

const PATH = "src/App.tsx";

interface Handed {
  values: Record<string, () => unknown>;
  types: Record<string, () => unknown>;
}

function canvasText(text: string): string {
  const plain = text.replace(/^\ufeff/, "");
  return splice(plain, canvasOf(PATH, plain, library));
}

/** The keys under which the canvas looks for the expressions of data. */
function wanted(data: Data): Set<string> {
  const out = new Set<string>();
  const value = (given: unknown, prefix = "e"): void => {
    if (isCode(given)) out.add(`${prefix}:${given.$source}`);
    else if (Array.isArray(given)) for (const one of given) isItem(one) ? item(one) : value(one);
    else if (given && typeof given === "object") for (const one of Object.values(given)) value(one);
  };
  const props = (given: Props) => {
    for (const [name, one] of Object.entries(given)) {
      if (name.startsWith("{...")) out.add(`e:${name.trimEnd()}`);
      else if (name !== "<>") value(one, name === "children" ? "j" : "e");
    }
  };
  const item = (one: Item) => {
    if (one.type === LOCKED) out.add(`j:${one.props.source}`);
    else props(one.props);
  };
  props(data.root.props);
  data.content.forEach(item);
  return out;
}

const isItem = (value: unknown): value is Item =>
  typeof value === "object" && value !== null && "type" in value && "props" in value;

describe.each(Object.entries(PAGES))("the page %s", (_, page) => {
  const text = page.replace(/^\ufeff/, "");
  const code = canvasText(page);

  test("has a function for all that its data keep as code", () => {
    const { data } = read(PATH, text, library)!;
    const keys = new Set<string>();
    for (const [, key] of code.matchAll(/("(?:[^"\\]|\\.)*"): \(\) =>\s*\(/g)) keys.add(JSON.parse(key!));
    for (const key of wanted(data)) expect(keys).toContain(key);
  });

  test("compiles, and keeps its lines", () => {
    expect(oxc().transformSync("page.tsx", code, {}).errors).toEqual([]);
    expect(code.split("\n")).toHaveLength(text.split("\n").length);
    const { root } = read(PATH, text, library)!;
    const start = root.element?.node.start ?? root.slot.expression!.start;
    expect(code.slice(0, start)).toBe(text.slice(0, start));
  });
});

/** Runs a page: the component that it exports. */
function run(text: string, scope: Record<string, unknown> = {}): () => ReactNode {
  const plain = oxc().transformSync("page.tsx", text, { jsx: { runtime: "classic" } });
  const { code } = transformSync(plain.code, { loader: "js", format: "cjs" });
  const module = { exports: {} as { default: () => ReactNode } };
  const all = { React: { createElement, Fragment }, module, exports: module.exports, require: component, ...scope };
  new Function(...Object.keys(all), code)(...Object.values(all));
  return module.exports.default;
}

const made = new Map<string, unknown>();

/** A component that shows what it is given. */
function shownAs(name: string): unknown {
  const known = made.get(name);
  if (known) return known;
  const show = ({ children, ...props }: Record<string, unknown>) => {
    const shown = Object.entries(props).map(([key, value]) =>
      createElement(
        "dd",
        { key, title: key },
        typeof value === "object" && !isElement(value) ? JSON.stringify(value) : (value as ReactNode),
      ),
    );
    const inner = typeof children === "function" ? children("called") : children;
    return createElement("section", { title: name }, shown, inner as ReactNode);
  };
  made.set(name, show);
  return show;
}

const isElement = (value: unknown) =>
  typeof value === "object" &&
  value !== null &&
  ("$$typeof" in value || (Array.isArray(value) && value.some(isElement)));

/** Stands for any module. */
function component(specifier: string): unknown {
  const own = specifier.replace(/^.*\/|\.\w+$/g, "");
  const names = [...Object.keys(COMPONENTS), "Modal"].map((name) => [name, shownAs(name)]);
  return { __esModule: true, default: shownAs(own), ...Object.fromEntries(names) };
}

/** What the canvas makes of a page's data, with what the page hands it. */
function show(data: Data, root: string, { values, types }: Handed): ReactNode {
  const children = data.content.map(itemOf);
  return root
    ? createElement(root, attributes(data.root.props), ...children)
    : createElement(Fragment, null, ...children);

  function itemOf({ type, props }: Item): ReactNode {
    if (type === "#text") return props.text as string;
    if (type === LOCKED) return values[`j:${props.source}`]!() as ReactNode;
    const { children, ...rest } = props;
    const inner = isCode(children)
      ? [values[`j:${children.$source}`]!()]
      : Array.isArray(children)
        ? children.map(itemOf)
        : [children];
    const kind = type === "<>" ? Fragment : /^[a-z]/.test(type) ? type : (types[type]?.() ?? shownAs(type));
    return createElement(kind as string, attributes(rest), ...(inner as ReactNode[]));
  }

  function attributes(props: Props): Props {
    const out: Props = {};
    for (const [name, value] of Object.entries(props)) {
      if (name === "id" || name === "<>") continue;
      if (name.startsWith("{...")) Object.assign(out, values[`e:${name.trimEnd()}`]!());
      else if (Array.isArray(value) && (value.length ? value.every(isItem) : name === "footer")) {
        if (value.length) out[name] = createElement(Fragment, null, ...value.map(itemOf));
      } else out[name.replace(/^#/, "")] = resolved(value);
    }
    return out;
  }

  function resolved(value: unknown): unknown {
    if (isCode(value)) return values[`e:${value.$source}`]!();
    if (Array.isArray(value)) return value.map(resolved);
    if (!value || typeof value !== "object") return value;
    if ("$date" in value) return new Date(String(value.$date));
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolved(one)]));
  }
}

const LIVE: Record<string, string> = {
  "values and what is locked": `
import { Hero, Card } from "./components/Card";
import { Label } from "./components/Label";
import { Modal } from "some-package";
const rows = ["a", "b"];
function Own({ children }) { return <u>{children}</u>; }
export default function App() {
  const name = "World"; const rest = { title: "t", lang: "en" };
  return (
    <main className={"x " + name} {...rest}>
      Hello {name} and
      {rows.map((row) => (
        <Card key={row} title={row} footer={<b>{row}</b>} />
      ))}
      {rows.length > 1 ? <i>many</i> : <i>few</i>}
      <Card title={name} footer={rows.length && <b>{name}</b>} data={[{ label: name, n: 1, f: [name.length] }, { n: 2 }]}>
        <Own>{name}</Own>
        <Modal {...rest} size={rows.length} icon=<b>i</b> />
      </Card>
      <Label>Dear {name}, <b>you</b></Label>
      <Label>{name}</Label>
      <Modal>{(given: string) => <em>{given}</em>}</Modal>
      {null}{5}{false}
      <svg><path d={name} /></svg>
    </main>
  );
}
`,
  "an expression": `
import { Hero } from "./components/Hero";
export default function App() {
  const ready = true;
  return ready ? <Hero title="x" count={1 + 1} /> : null;
}
`,
  "a component": `
import { Card } from "./components/Card";
const title = "x";
export default () => <Card title={title} footer={{ a: title }.a}>{title}<br/></Card>;
`,
};

test.each(Object.entries(LIVE))("functions give what the page shows: %s", (_, text) => {
  const { data, root } = read(PATH, text, library)!;
  const called = run(canvasText(text), {
    globalThis: { __overskill_canvas__: (handed: Handed) => show(data, root.element?.tag ?? "", handed) },
  });
  const plain = renderToStaticMarkup(createElement(run(text)));
  expect(renderToStaticMarkup(createElement(called))).toBe(plain);
  expect(plain.length).toBeGreaterThan(60);
});

test("an element after a word, comments, and what waits", () => {
  expect(
    run(canvasText("export default () => {\n  if (1) { return<b>{\n// c\n5}</b>}\n}"), {
      globalThis: { __overskill_canvas__: (h: Handed) => h.values["j:{\n// c\n5}"]!() },
    })(),
  ).toBe(5);
  const code = canvasText(
    "export default async function App() {\n  return <div title={await t()}>{[1].map(async (x) => await x)}</div>;\n}",
  );
  expect(oxc().transformSync("page.tsx", code, {}).errors).toEqual([]);
  expect(code).not.toContain("e:await");
  expect(code).toContain("j:{[1].map");
});

const FILES = {
  "src/main.tsx": `import App from "./App";`,
  "src/App.tsx": `import { useState } from "react";
import { Hero } from "@/components/Hero";
import "./app.css";

export default function App() {
  const [n] = useState(1);
  return (
    <main className="p-4">
      <Hero title="a" icon={<b>{n}</b>} />
      {n > 0 && <i>{n}</i>}
    </main>
  );
}
`,
  "src/app.css": "main { color: red }",
  "src/Other.tsx": `export default function Other() { return <p>other</p>; }`,
  "src/components/Hero.tsx": `export function Hero({ title, icon }: { title: string; icon?: string }) { return <h1>{title}{icon}</h1>; }`,
  "tsconfig.json": `{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }`,
};

describe("compiled with the app", () => {
  const canvas = "src/App.tsx?canvas";
  const page = FILES["src/App.tsx"];
  let worker: Worker;
  beforeAll(() => {
    worker = new Worker();
  });
  afterAll(() => worker.process.kill());

  async function open(roots = [canvas, "src/Other.tsx"]) {
    const app = await TestApp.open(worker, FILES, packagesFolder({ react: "^19.0.0" }));
    return { app, first: await app.build({ roots }) };
  }

  test("is a module beside the page's own, with what the page uses and Fast Refresh", async () => {
    const { app, first } = await open([canvas]);
    expect(first.diagnostics).toEqual([]);
    const module = moduleOf(first, canvas);
    expect(Object.values(module.deps)).toEqual(
      expect.arrayContaining(["npm:react", "src/components/Hero.tsx", "src/app.css"]),
    );
    expect(ids(first)).toEqual(expect.arrayContaining(["src/components/Hero.tsx", "src/app.css"]));
    const own = moduleOf(await app.build({ roots: ["src/App.tsx"] }), "src/App.tsx");
    const refresh = (code: string) => code.match(/_s\(App.*|\$RefreshReg\$.*|_s\(\);/g);
    expect(refresh(module.code)).toEqual(refresh(own.code));
    expect(refresh(own.code)).toHaveLength(3);
    expect(module.code).toContain("__overskill_canvas__");
    expect(own.code).not.toContain("__overskill_canvas__");
  });

  test("follows the page, and what the app's components take", async () => {
    const { app } = await open();
    const edited = await app.edit({ "src/App.tsx": page.replace("n > 0", "n > 1") });
    expect(moduleOf(edited, canvas).code).toContain("n > 1");
    const hero = FILES["src/components/Hero.tsx"];
    // As a value, `<b>` is an expression; as a slot, it is an item.
    expect(moduleOf(edited, canvas).code).toContain('"e:<b>{n}</b>"');
    const roles = await app.edit({
      "src/components/Hero.tsx": hero.replace("icon?: string", "icon?: React.ReactNode"),
    });
    expect(moduleOf(roles, canvas).code).not.toContain('"e:<b>{n}</b>"');
    expect(moduleOf(roles, canvas).code).toContain('"j:{n}"');
    // What says nothing new of it, sends nothing.
    const same = await app.edit({
      "src/components/Hero.tsx": hero.replace("icon?: string", "icon?: React.ReactNode; x?: number"),
    });
    expect(ids(same)).not.toContain(canvas);
    const other = await app.edit({ "src/Other.tsx": FILES["src/Other.tsx"].replace("other", "another") });
    expect(ids(other)).toEqual(["src/Other.tsx"]);
  });

  test("a page that is none has one diagnostic, and holds nothing back", async () => {
    const { app } = await open(["src/App.tsx", canvas, "src/Other.tsx"]);
    const none = await app.edit({
      "src/App.tsx": "export default function App() {}",
      "src/Other.tsx": "export default function Other() { return <p>new</p>; }",
    });
    expect(brief(none.diagnostics)).toEqual(["error syntax src/App.tsx has no page to edit (src/App.tsx:1:1+1)"]);
    expect(ids(none)).toEqual(["src/App.tsx", "src/Other.tsx"]);
    // It stays in the last state that could be shown, and goes on.
    const { modules } = await app.snapshot();
    expect(modules.find((m) => m.id === canvas)!.code).toContain("n > 0");
    const back = await app.edit({ "src/App.tsx": page.replace("n > 0", "n > 2") });
    expect(back.diagnostics).toEqual([]);
    expect(ids(back)).toEqual(["src/App.tsx", canvas]);
  });

  test.each([
    ["cannot be parsed", page.replace("</main>", "</mai>")],
    ["declares a name twice, behind what it renders", `${page.trimEnd()} const a = 1; const a = 2;`],
    ["imports what is not there", `import "./nowhere";\n${page}`],
  ])("a page that %s says so once, and holds back what it does without a canvas", async (_, text) => {
    const { app } = await open(["src/App.tsx", canvas, "src/Other.tsx"]);
    const both = { "src/App.tsx": text, "src/Other.tsx": FILES["src/Other.tsx"].replace("other", "x") };
    const broken = await app.edit(both);
    const { app: plain } = await open(["src/App.tsx", "src/Other.tsx"]);
    expect(brief(broken.diagnostics)).toEqual(brief((await plain.edit(both)).diagnostics));
    expect(broken.diagnostics).toHaveLength(1);
    expect(ids(broken)).toEqual([]);
    const next = await app.edit({ "src/Other.tsx": FILES["src/Other.tsx"].replace("other", "y") });
    expect(next.diagnostics).toEqual(broken.diagnostics);
    const mended = await app.edit({ "src/App.tsx": page });
    expect(mended.diagnostics).toEqual([]);
    // Alone, the canvas says the same.
    const { app: alone } = await open([canvas]);
    expect(brief((await alone.edit({ "src/App.tsx": text })).diagnostics)).toEqual(brief(broken.diagnostics));
  });

  test("errors in its functions lead to where they are written", async () => {
    const text = page.replace("<i>{n}</i>", "<i>{n.a.b}</i>");
    const { app } = await open();
    const module = moduleOf(await app.edit({ "src/App.tsx": text }), canvas);
    const lines = module.code.split("\n");
    const line = lines.findLastIndex((one) => one.includes("n.a.b"));
    const stack = `Error: x\n    at j (overskill:///${module.hash}/${canvas}:${line + 2}:${lines[line]!.lastIndexOf("n.a.b") + 1})`;
    const found = await worker.call<Diagnostic>("trace", { app: app.name, kind: "runtime", message: "x", stack });
    expect(found.location).toMatchObject({
      file: "src/App.tsx",
      line: 10,
      column: text.split("\n")[9]!.indexOf("n.a.b") + 1,
    });
    expect(found.frame).toContain("{n > 0 && <i>{n.a.b}</i>}");
    const map = JSON.parse(Buffer.from(module.map.split(",")[1]!, "base64").toString());
    expect(map.sourcesContent).toEqual([text]);
    expect(map.sources).toEqual(["overskill:///src/App.tsx"]);
  });

  test("the palette is named after its content", async () => {
    const { app } = await open();
    const palette = () => worker.call<{ name: string }>("palette", { app: app.name });
    const { name } = await palette();
    expect(name).toMatch(/^[\da-f]{16}$/);
    await app.edit({ "src/App.tsx": page.replace("n > 0", "n > 1") });
    expect((await palette()).name).toBe(name);
    await app.edit({ "src/Other.tsx": "export default function Other(p: { a: number }) { return <p>{p.a}</p>; }" });
    expect((await palette()).name).not.toBe(name);
  });
});
