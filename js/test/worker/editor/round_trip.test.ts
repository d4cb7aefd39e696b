/**
 * Pages that nobody here wrote, and those of ours: opened and closed they are the same bytes, and every element is shown
 * or kept as code. With OVERSKILL_ROUND_TRIP, what was found is written to that file.
 */
import "./tools";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "acorn";
import { transformSync } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { splice } from "../../../src/worker/css";
import { type Data, type Item, isCode, LOCKED, type Props } from "../../../src/worker/editor/data";
import { folderOf } from "./app";
import { library } from "./library";
import { PAGES } from "./pages";

const { canvasOf } = await import("../../../src/worker/editor/canvas");
const { Catalogue } = await import("../../../src/worker/editor/catalogue");
const { Page } = await import("../../../src/worker/editor/page");
const { read } = await import("../../../src/worker/editor/reading");
const { Project } = await import("../../../src/worker/project");
const { oxc } = await import("../../../src/worker/tools");

const folder = resolve(import.meta.dirname, "fixtures/pages");

/** Published pages by their paths; a module of components shows its last one. */
const published = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith(".txt"))
    .map((name) => {
      const text = readFileSync(resolve(folder, name), "utf8");
      const last = [...text.matchAll(/function ([A-Z]\w*)/g)].at(-1)?.[1];
      const more = /export default/.test(text) ? "" : `\nexport { ${last} as default };\n`;
      return [`src/pages/${name.replace(".txt", "")}`, text + more] as const;
    }),
);

/** Stand for the modules that pages import from their app. */
function imported(): Record<string, string> {
  const names = new Map<string, Set<string>>();
  for (const text of published.values()) {
    for (const [, list, specifier] of text.matchAll(/import \{([^}]*)\} from "@\/([^"]*)"/g)) {
      const known = names.get(specifier!) ?? new Set();
      for (const name of list!.match(/(?<!type )\b[A-Z]\w*/g) ?? []) known.add(name);
      names.set(specifier!, known);
    }
  }
  const component = (name: string) =>
    `export function ${name}({ icon, ...props }: React.ComponentProps<"div"> & { icon?: React.ReactNode; asChild?: boolean }) { return <div {...props}>{icon}</div>; }\n`;
  return Object.fromEntries([...names].map(([path, all]) => [`src/${path}.tsx`, [...all].map(component).join("")]));
}

const root = folderOf({
  ...imported(),
  ...Object.fromEntries(published),
  "tsconfig.json": `{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }`,
});
const catalogue = new Catalogue(new Project(root, root));

/** JSX elements in a text, counted by others' parsers. */
function elementsIn(text: string): number {
  const js = transformSync(text, { loader: "tsx", jsx: "transform", jsxFactory: "JSX", jsxFragment: "FRAGMENT" });
  let count = 0;
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const node = value as { type?: string; callee?: { name?: string } };
    if (node.type === "CallExpression" && node.callee?.name === "JSX") count += 1;
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(parse(js.code, { ecmaVersion: "latest", sourceType: "module", allowAwaitOutsideFunction: true }));
  return count;
}

/** Elements that data show, and those in what they keep as code. */
function elementsOf(data: Data, root: string): { shown: number; kept: number } {
  const found = { shown: root ? 1 : 0, kept: 0 };
  const code = (source: string, child: boolean) => {
    if (/<[\w>]/.test(source))
      found.kept += child
        ? elementsIn(`x = <>${source}</>`) - 1
        : elementsIn(`x = <a ${source.startsWith("{...") ? source : `b={${source}}`} />`) - 1;
  };
  const value = (given: unknown, child = false): void => {
    if (isCode(given)) code(given.$source, child);
    else if (Array.isArray(given)) for (const one of given) isItem(one) ? item(one) : value(one);
    else if (typeof given === "object" && given !== null) for (const one of Object.values(given)) value(one);
  };
  const props = (given: Props) => {
    for (const [name, one] of Object.entries(given)) if (name !== "<>") value(one, name === "children");
  };
  const item = ({ type, props: given }: Item) => {
    if (type === LOCKED) return code(String(given.source), true);
    if (type !== "#text") found.shown += 1;
    props(given);
  };
  props(data.root.props);
  data.content.forEach(item);
  return found;
}

const isItem = (value: unknown): value is Item =>
  typeof value === "object" && value !== null && "type" in value && "props" in value;

const ours = Object.entries(PAGES).map(([name, text]) => [name, text, "src/App.tsx", library] as const);
const theirs = [...published].map(([path, text]) => [path.replace("src/pages/", ""), text, path, catalogue] as const);
const results: { page: string; bytes: number; same: boolean; elements: number; shown: number; kept: number }[] = [];

describe.each([...theirs, ...ours])("%s", (name, text, path, known) => {
  const page = new Page(path, known);
  const view = page.take(text)!;
  let same = false;

  test("is the same bytes when it was opened and closed", () => {
    const after = page.edit(JSON.parse(JSON.stringify(view.data))).text;
    same = after === text;
    expect(after).toBe(text);
    expect(new Page(path, known).take(after)!.data).toEqual(view.data);
  });

  test("has every element shown or kept", () => {
    const plain = text.replace(/^\ufeff/, "");
    const reading = read(path, plain, known)!;
    const { start, end } = reading.root.element?.node ?? reading.root.slot.expression!;
    const rendered = elementsIn(plain) - elementsIn(`${plain.slice(0, start)}null${plain.slice(end)}`);
    const { shown, kept } = elementsOf(view.data, view.root);
    // A fragment that is all that an expression holds has its elements shown, not itself.
    const fragments = rendered - shown - kept;
    expect(fragments).toBeLessThanOrEqual(wrappers(plain.slice(start, end)));
    expect(fragments).toBeGreaterThanOrEqual(0);
    results.push({ page: name, bytes: text.length, same, elements: rendered, shown, kept });
  });

  test("has a canvas that compiles", () => {
    const plain = text.replace(/^\ufeff/, "");
    expect(oxc().transformSync("page.tsx", splice(plain, canvasOf(path, plain, known)), {}).errors).toEqual([]);
  });
});

const wrappers = (text: string) => text.match(/(?:^|[={(]\s*)<>/g)?.length ?? 0;

afterAll(() => {
  const sum = (key: "elements" | "shown" | "kept") => results.reduce((all, one) => all + one[key], 0);
  console.log(
    `${results.length} pages, ${sum("elements")} elements: ${sum("shown")} shown, ${sum("kept")} kept as code`,
  );
  const out = process.env.OVERSKILL_ROUND_TRIP;
  if (out) writeFileSync(out, JSON.stringify(results));
});
