/** What a page can hold at most, and how long much of it takes: data come from a frame that nobody vouches for. */
import "./tools";
import { describe, expect, test } from "vitest";
import type { Data, Item } from "../../../src/worker/editor/data";
import { library } from "./library";

const { canvasOf, NoCanvas } = await import("../../../src/worker/editor/canvas");
const { DataError } = await import("../../../src/worker/editor/data");
const { Page } = await import("../../../src/worker/editor/page");

const PATH = "src/App.tsx";
const HOME = `import Chart from "./components/Chart";
import { Card } from "./components/Card";

export default function App() {
  return (
    <main>
      <Chart data={[]} />
    </main>
  );
}
`;

const item = (type: string, props: Record<string, unknown> = {}): Item => ({ type, props: { id: "", ...props } });

/** Something around something, so many times. */
function nested<T>(times: number, inner: T, around: (inner: T) => T): T {
  let out = inner;
  for (let i = 0; i < times; i++) out = around(out);
  return out;
}

function open(text = HOME) {
  const page = new Page(PATH, library);
  const view = page.take(text)!;
  return { page, data: structuredClone(view.data) as Data };
}

/** The page's text with these items. */
function added(items: Item[], page = open()): string {
  page.data.content.push(...items);
  return page.page.edit(page.data).text;
}

/** Why items are not taken. */
function refused(items: Item[]): string {
  const given = open();
  try {
    added(items, given);
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    expect(given.page.text).toBe(HOME);
    return (error as Error).message;
  }
  throw new Error("They are taken");
}

/**
 * Seconds of the processor: far more than is needed, and far less than what takes a time that grows with the square of
 * the size.
 */
function within<T>(seconds: number, action: () => T): T {
  const start = process.cpuUsage();
  const result = action();
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1e6).toBeLessThan(seconds);
  return result;
}

describe("nested", { timeout: 60_000 }, () => {
  const value = (times: number) => nested<unknown>(times, { $source: "x" }, (inner) => ({ a: inner }));
  const chart = (data: unknown) => item("Chart", { data });

  test("values are compiled for the canvas at once", () => {
    const text = within(2, () => added([chart(value(100)), chart(nested<unknown>(100, 1, (inner) => [inner]))]));
    const spans = within(1, () => canvasOf(PATH, text, library));
    expect(spans.map((span) => span.text).join("")).toContain('"e:x": () =>');
  });

  test("values are taken to a depth only, and read to it", () => {
    expect(refused([chart(value(101))])).toBe("A value is nested too deeply");
    expect(() => open().page.edit({ root: { props: { a: value(101) } }, content: [] })).toThrow(DataError);
    const deep = HOME.replace("{[]}", `{${"[".repeat(102)}1${"]".repeat(102)}}`);
    const { page, data } = open(deep);
    let at = data.content[0]!.props.data;
    while (Array.isArray(at)) [at] = at;
    expect(at).toEqual({ $source: "[[1]]" });
    data.content.push(item("hr"));
    expect(page.edit(data).text).toBe(deep.replace(" />", " />\n      <hr />"));
  });

  test("items are taken to a depth only", () => {
    const items = (times: number) => nested(times, item("div"), (inner) => item("div", { children: [inner] }));
    const text = within(5, () => added([items(249)]));
    const levels = Array.from(text.matchAll(/<div>/g)).length;
    expect(levels).toBe(250);
    expect(refused([items(260)])).toBe("The items are nested too deeply");
    expect(() => open(text.replaceAll("<div>", "<b><div>").replaceAll("</div>", "</div></b>"))).toThrow(
      "src/App.tsx is nested too deeply to be edited",
    );
  });

  test("a page that is nested too deeply for the editor has no canvas", () => {
    for (const times of [300, 5000]) {
      const text = HOME.replace(
        "<Chart data={[]} />",
        nested(times, "", (inner) => `<b>${inner}</b>`),
      );
      expect(() => canvasOf(PATH, text, library)).toThrow(NoCanvas);
      expect(() => open(text)).toThrow("is nested too deeply to be edited");
    }
  });

  test.each([11, 24, 249])("slots of attributes are printed once at each level, %i deep", (times) => {
    const card = (footer: Item[]) => item("Card", { footer, children: [] });
    const text = within(5, () => added([nested(times, card([]), (inner) => card([inner]))]));
    expect(Array.from(text.matchAll(/<Card/g)).length).toBe(times + 1);
  });

  test.each([
    ["brackets", "[", "1", "]"],
    ["brackets without an end", "[", "", ""],
    ["elements", "<b>", "", "</b>"],
    ["operators", "!", "1", ""],
    ["functions", "a=>", "1", ""],
    ["words", "typeof ", "1", ""],
    ["sums", "1+", "1", ""],
    ["templates", "`${", "1", "}`"],
    ["brackets after a quote that is none", "<b>'</b>+[", "1", "]"],
  ])(
    "code does not reach the parser that it would end: %s",
    (_, before, middle, after) => {
      const code = before.repeat(20_000) + middle + after.repeat(20_000);
      for (const one of [
        item("#locked", { source: `{${code}}` }),
        item("#locked", { source: code }),
        chart({ $source: code }),
        chart([{ $source: `[\n${code}\n]` }]),
        item("div", { "{...x}": { $source: `{...${code}}` } }),
        item("Card", { "<>": { $source: `<${code}>` } }),
      ]) {
        expect(refused([one])).toMatch(
          /code in the data (?:is nested too deeply|cannot be parsed)$|cannot be written into/,
        );
      }
    },
    30_000,
  );

  test("code that is only long is taken", () => {
    const rows = Array.from({ length: 3000 }, (_, i) => `  { id: ${i}, of: [x, y(z), \`a\${i}\`] },`).join("\n");
    const text = added([
      chart({ $source: `use([\n${rows}\n])` }),
      item("#locked", { source: `{show([\n${rows}\n])}` }),
    ]);
    expect(text).toContain("{ id: 2999,");
    // What is in the page already is not looked at again.
    const { page, data } = open(text);
    data.content.push(item("hr"));
    within(2, () => page.edit(data));
  });
});

describe("much", { timeout: 60_000 }, () => {
  test.each<[string, () => Item[]]>([
    ["a string", () => [item("Chart", { data: "x".repeat(5e6) })]],
    ["a string with quotes", () => [item("Chart", { data: `"'\\\n`.repeat(5e5) })]],
    ["a text", () => [item("#text", { text: "words and ".repeat(5e5) })]],
    ["a text with odd characters", () => [item("#text", { text: "a & b {c} \n ".repeat(3e5) })]],
    ["white space", () => [item("p", { children: [item("#text", { text: `a${" ".repeat(1e6)}b` })] })]],
    ["an array", () => [item("Chart", { data: Array.from({ length: 2e5 }, (_, i) => i) })]],
    ["expressions", () => [item("Chart", { data: Array.from({ length: 2e4 }, (_, i) => ({ $source: `x${i}` })) })]],
    ["items", () => Array.from({ length: 2e4 }, (_, i) => item("Card", { title: `${i}`, footer: [], children: [] }))],
  ])("of %s is written, changed and shown soon", (_, make) => {
    const given = open();
    within(10, () => added(make(), given));
    const data = structuredClone(given.page.take(given.page.text!)!.data);
    data.root.props.className = "x";
    const { text } = within(10, () => given.page.edit(data));
    within(5, () => canvasOf(PATH, text, library));
  });

  test("in what is nested is compared once", () => {
    const leaves = Array.from({ length: 5000 }, (_, i) => item("p", { title: `${i}`, children: [] }));
    const given = open();
    const around = (inner: Item) => item("p", { children: [inner] });
    added([nested(150, item("p", { children: leaves }), around)], given);
    const data = structuredClone(given.page.take(given.page.text!)!.data);
    let at = data.content.at(-1)!;
    for (let inner = [at]; inner.length; inner = at.props.children as Item[]) at = inner.at(-1)!;
    at.props.title = "changed";
    const { text } = within(5, () => given.page.edit(data));
    expect(text).toContain('title="changed"');
  });

  test("that makes more than a file can have is refused", () => {
    const numbers = Array.from({ length: 120_000 }, (_, i) => i);
    const value = nested<unknown>(90, numbers, (inner) => ({ a: inner }));
    expect(refused([item("Chart", { data: value })])).toBe("The page would be larger than a file can be");
  });

  test("strings of several lines", () => {
    const rows = "  `a\nb`,\n".repeat(20_000);
    const text = within(5, () => added([item("#locked", { source: `{[\n${rows}]}` })]));
    within(5, () => canvasOf(PATH, text, library));
  });

  test("like items that are replaced by one", () => {
    const given = open();
    added(
      Array.from({ length: 20_000 }, () => item("p")),
      given,
    );
    const ids = new Set(given.page.take(given.page.text!)!.data.content.map((one) => one.props.id));
    const view = within(5, () => given.page.take(HOME.replace("<Chart data={[]} />", "<p></p>"))!);
    expect(ids).toContain(view.data.content[0]!.props.id);
  });

  test("like spreads are kept as they are", () => {
    const { data } = open(HOME.replace("<Chart data={[]} />", `<p ${"{...x} ".repeat(20_000)}/>`));
    expect(data.content[0]!.type).toBe("#locked");
  });
});
