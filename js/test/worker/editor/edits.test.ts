/** Which characters a change touches. */
import "./tools";
import { describe, expect, test } from "vitest";
import type { Data, Item } from "../../../src/worker/editor/data";
import { library } from "./library";
import { apply } from "./operations";
import { PAGES } from "./pages";

const { Page } = await import("../../../src/worker/editor/page");

// biome-ignore lint/suspicious/noExplicitAny: data are what a canvas makes of them.
type Any = any;

function edit(text: string, change: (content: Any[], data: Any) => void): string {
  const page = new Page("src/App.tsx", library);
  const data = structuredClone(page.take(text)!.data);
  change(data.content, data);
  return page.edit(data).text;
}

const IMPORTS = `import Hero from "./components/Hero";\nimport { Card } from "./components/Card";\n\n`;
const page = (inner: string) =>
  `${IMPORTS}export default function App() {\n  return (\n    <main>\n${inner}\n    </main>\n  );\n}\n`;
const within = (text: string) => /<main>\n([\s\S]*)\n {4}<\/main>/.exec(text)![1]!;
const hero = (id: string, title: string): Item => ({ type: "Hero", props: { id, title } });

/** The inside of a page before and after; it still uses what it imports. */
function inner(before: string, change: (content: Any[], data: Any) => void): string {
  const rest = "\n      <Hero /><Card />";
  const text = edit(page(before + rest), change);
  expect(text.startsWith(IMPORTS)).toBe(true);
  expect(text.endsWith("\n    </main>\n  );\n}\n")).toBe(true);
  return within(text).slice(0, -rest.length);
}

const set = (name: string, value: unknown) => (content: Any[]) => {
  if (value === undefined) delete content[0].props[name];
  else content[0].props[name] = value;
};

describe("a prop", () => {
  test.each<[string, string, unknown, string]>([
    [`<Hero title="a" />`, "title", "b", `<Hero title="b" />`],
    [`<Hero title='a' />`, "title", "b", `<Hero title='b' />`],
    [`<Hero title="a" />`, "title", `say "b"`, `<Hero title={"say \\"b\\""} />`],
    [`<Hero title="a" />`, "title", "don't", `<Hero title="don't" />`],
    [`<Hero title="a" />`, "title", "two\nlines", `<Hero title={"two\\nlines"} />`],
    [`<Hero title="a" />`, "title", "{b}", `<Hero title={"{b}"} />`],
    [`<Hero title="a" />`, "title", "a & b &amp; c", `<Hero title={"a & b &amp; c"} />`],
    [`<Hero title="a" />`, "title", "<b>", `<Hero title="<b>" />`],
    [`<Hero title="a" />`, "title", 5, `<Hero title={5} />`],
    [`<Hero title="a" />`, "title", true, `<Hero title />`],
    [`<Hero title />`, "title", false, `<Hero title={false} />`],
    [`<Hero title={true} />`, "title", false, `<Hero title={false} />`],
    [`<Hero title={/* c */ 'a'} />`, "title", "it's", `<Hero title={/* c */ 'it\\'s'} />`],
    ["<Hero title={`a`} />", "title", "b`\x24{c}", "<Hero title={`b\\`\\\x24{c}`} />"],
    [`<Hero title="a" /* c */ count={1} // d\n      />`, "title", undefined, `<Hero /* c */ count={1} // d\n      />`],
    [
      `<Hero\n        // c\n        title="a" count={1}\n      />`,
      "title",
      undefined,
      `<Hero\n        // c\n        count={1}\n      />`,
    ],
    [`<Hero\n        title="a"\n        count={1}\n      />`, "count", undefined, `<Hero\n        title="a"\n      />`],
    [`<Hero title="a" />`, "count", 2, `<Hero title="a" count={2} />`],
    [`<Hero />`, "title", "x", `<Hero title="x" />`],
    [`<Hero\n        title="a"\n      />`, "count", -2.5, `<Hero\n        title="a"\n        count={-2.5}\n      />`],
    [`<Hero count={1_000} />`, "count", 1001, `<Hero count={1001} />`],
    [
      `<Hero style={{ color: "red", /* c */ padding: 4 }} />`,
      "style",
      { color: "blue", padding: 4 },
      `<Hero style={{ color: "blue", /* c */ padding: 4 }} />`,
    ],
    [
      `<Hero style={{ color: "red" }} />`,
      "style",
      { color: "red", "font-size": 1 },
      `<Hero style={{ color: "red", "font-size": 1 }} />`,
    ],
    [`<Hero a={[1, 2, /* c */ 3]} />`, "a", [1, 3], `<Hero a={[1, /* c */ 3]} />`],
    [
      `<Hero a={[\n        { n: 1 }, // one\n        { n: 2 },\n      ]} />`,
      "a",
      [{ n: 1 }, { n: 5 }, { n: 6 }],
      `<Hero a={[\n        { n: 1 }, // one\n        { n: 5 },\n        { n: 6 },\n      ]} />`,
    ],
    [`<Hero a={[]} />`, "a", ["x"], `<Hero a={["x"]} />`],
    [
      `<Hero when={new Date("2026-01-01")} />`,
      "when",
      { $date: "2027-01-01" },
      `<Hero when={new Date("2027-01-01")} />`,
    ],
    [`<Hero x={f(1)} y="1" />`, "y", "2", `<Hero x={f(1)} y="2" />`],
    [
      `<Hero x={[{ a: "1", f: () => 1 }]} />`,
      "x",
      [{ a: "2", f: { $source: "() => 1" } }],
      `<Hero x={[{ a: "2", f: () => 1 }]} />`,
    ],
    [`<div id="a" />`, "#id", "b", `<div id="b" />`],
  ])("of %s: %s becomes %j", (before, name, value, after) => {
    expect(inner(`      ${before}`, set(name, value))).toBe(`      ${after}`);
  });
});

describe("items", () => {
  test("are put in with the indentation of the place", () => {
    expect(
      inner(`      <Card title="a">\n        <b>x</b>\n      </Card>`, (content) =>
        content[0].props.children.push(hero("n", "new")),
      ),
    ).toBe(`      <Card title="a">\n        <b>x</b>\n        <Hero title="new" />\n      </Card>`);
    expect(inner(`      <Card />`, (content) => content[0].props.children.push(hero("n", "new")))).toBe(
      `      <Card>\n        <Hero title="new" />\n      </Card>`,
    );
    expect(inner(`      <h1>Hi <b>you</b></h1>`, (content) => content[0].props.children.push(hero("n", "x")))).toBe(
      `      <h1>Hi <b>you</b><Hero title="x" /></h1>`,
    );
  });

  test("move with their comments and their lines", () => {
    expect(
      inner(
        `      {/* one */}\n      <Card\n        title="a"\n      />\n\n      <div>\n        <p>\n          text\n        </p>\n      </div>`,
        (content) => {
          content[1].props.children.push(content[0]);
          content.splice(0, 1);
        },
      ),
    ).toBe(
      `      <div>\n        <p>\n          text\n        </p>\n        {/* one */}\n        <Card\n          title="a"\n        />\n      </div>`,
    );
  });

  test("are taken out, and the comments above them stay", () => {
    expect(inner(`      {/* one */}\n      <Card />\n      <p>x</p>`, (content) => content.splice(0, 1))).toBe(
      `      {/* one */}\n      <p>x</p>`,
    );
    expect(inner(`      <p>a <b>b</b> c</p>`, (content) => content[0].props.children.splice(1, 1))).toBe(
      `      <p>a  c</p>`,
    );
  });

  test("are wrapped", () => {
    expect(
      inner(`      <p>\n        x\n      </p>`, (content) => {
        content[0] = { type: "Card", props: { id: "n", title: "t", children: [content[0]] } };
      }),
    ).toBe(`      <Card title="t">\n        <p>\n          x\n        </p>\n      </Card>`);
  });

  test("are copied as they are written", () => {
    const card = `      <Card\n        /* c */ title={"a"} onClick={() => {\n          go();\n        }}\n      />`;
    const copy = (item: Item): Item => ({ type: item.type, props: { ...item.props, id: "n", children: [] } });
    expect(inner(card, (content) => content.unshift(copy(content[0])))).toBe(`${card}\n${card}`);
  });

  test("with lines in strings keep those", () => {
    expect(
      inner(
        "      <div>\n        <Hero title={`a\n  b`} x={() => {\n          y();\n        }} />\n      </div>",
        (content) => {
          content[0] = content[0].props.children[0];
        },
      ),
    ).toBe("      <Hero title={`a\n  b`} x={() => {\n        y();\n      }} />");
  });

  test("of slots that are attributes", () => {
    const footer = (items: Item[]) => set("footer", items);
    const text = (words: string): Item => ({ type: "#text", props: { id: "t", text: words } });
    expect(inner(`      <Card />`, footer([text("hi")]))).toBe(`      <Card footer="hi" />`);
    expect(inner(`      <Card />`, footer([hero("n", "x")]))).toBe(`      <Card footer={<Hero title="x" />} />`);
    expect(inner(`      <Card footer="a" />`, footer([]))).toBe(`      <Card />`);
    expect(
      inner(`      <Card footer={/* c */ <Hero title="a" />} />`, (c) => {
        c[0].props.footer[0].props.title = "b";
      }),
    ).toBe(`      <Card footer={/* c */ <Hero title="b" />} />`);
  });

  test("of slots that are attributes, with the comments there", () => {
    const text = { type: "#text", props: { id: "t", text: 'say "hi"' } };
    const into = (content: Any[]) => {
      content[0].props.footer = content[1].props.children;
      content[1].props.children = [];
    };
    const out = (content: Any[]) => {
      content[1].props.children.push(...content[0].props.footer);
      content[0].props.footer = [];
    };
    const footer = (items: Item[]) => set("footer", items);
    const [there, words, above] = ["{/* c */ <b />}", "{<>one {/* c */} two</>}", "{<>{/* c */}<b /></>}"];
    const both = (value: string, p: string) => `      <Card${value && ` footer=${value}`} />\n      <p>${p}</p>`;
    for (const [before, change, after] of [
      [both("", "one {/* c */} two"), into, both("{<>one {/* c */} two</>}", "")],
      [both(words, "<i />"), out, both("", "<i />one {/* c */} two")],
      // Of two texts that become one, the first stays itself.
      [both(words, "a"), out, both("{<>{/* c */}</>}", "aone  two")],
      [both(words, "a"), footer([]), both("{<>{/* c */}</>}", "a")],
      [both(above, "a"), out, both("", "a{/* c */}<b />")],
      [both(above, "a"), footer([]), both("{<>{/* c */}</>}", "a")],
      [both(there, "a"), out, both("{/* c */ null}", "a<b />")],
      [both(there, "a"), footer([]), both("{/* c */ null}", "a")],
      [both(there, "a"), footer([text]), both('{/* c */ "say \\"hi\\""}', "a")],
    ] as const) {
      expect(inner(before, change)).toBe(after);
    }
  });

  test("of the page of odd white space", () => {
    const one = new Page("src/App.tsx", library);
    const { data, root } = one.take(PAGES["odd white space"]!)!;
    // As the laws once found it: words with a comment among them become a footer.
    const move = { kind: "move", a: 527, b: 90, c: 0, value: false, words: "plain words" } as const;
    expect(one.edit(apply(data, move, root)).text).toContain(
      `<Card footer={<>{"in a string"} and text {/* comment */} more</>}/>`,
    );
  });
});

describe("text", () => {
  test.each([
    [`<p>a{""}</p>`, "<p></p>"],
    [`<p>{""}a {""} b</p>`, "<p></p>"],
    [`<p>{""}{""}</p>`, "<p></p>"],
    [`<p>{""}{/* c */}a</p>`, "<p>{/* c */}</p>"],
    [`<p>a{""}<b/></p>`, "<p><b/></p>"],
  ])("that is taken away takes empty strings beside it along: %s", (before, after) => {
    expect(inner(before, (content) => content[0].props.children.shift())).toBe(after);
  });

  test.each([
    [`<p>a{""}</p>`, "b", `<p>b{""}</p>`],
    [`<p>a{""}</p>`, "", `<p>{""}</p>`],
    [`<p>{""}\n  one{""} two</p>`, "one three", `<p>{""}\n  one{""} three</p>`],
  ])("that changes leaves empty strings: %s", (before, to, after) => {
    expect(inner(before, (content) => Object.assign(content[0].props.children[0].props, { text: to }))).toBe(after);
  });

  const words = (to: string) => (content: Any[]) => {
    content[0].props.children[0].props.text = to;
  };
  test.each([
    ["<p>one two</p>", "one three", "<p>one three</p>"],
    [
      "<p>\n        A long\n        text.\n      </p>",
      "A very long text.",
      "<p>\n        A very long\n        text.\n      </p>",
    ],
    ["<p>a&nbsp;b &copy; c</p>", "a\u00a0b © d", "<p>a&nbsp;b &copy; d</p>"],
    // Of zero width, and trimmed where a line ends as well.
    ["<p> &amp;\u200b\n\n  </p>", " ", `<p>{" "}\u200b\n\n  </p>`],
    ["<p>\n  \u200ba b</p>", " b", `<p>\n  \u200b{" "}b</p>`],
    ["<p>a</p>", "a < b", `<p>{"a < b"}</p>`],
    ["<p>a</p>", "{a}", `<p>{"{a}"}</p>`],
    ["<p>a</p>", "", `<p>{""}</p>`],
    [`<p>{""}</p>`, "a", "<p>a</p>"],
    ["<p>\n        a\n      </p>", "a ", `<p>\n        a{" "}\n      </p>`],
    [`<p>\n        a{" "}\n        <b>c</b>\n      </p>`, "ab ", `<p>\n        ab{" "}\n        <b>c</b>\n      </p>`],
  ])("%s becomes %j", (before, to, after) => {
    expect(inner(`      ${before}`, words(to))).toBe(`      ${after}`);
  });
});

describe("the page itself", () => {
  const app = (root: string) => `import Hero from "./components/Hero"\n\nexport default () => ${root}\n`;
  const change = (root: string, what: (content: Any[], data: Any) => void) =>
    edit(app(root), what).split("=> ")[1]!.trimEnd();

  test("gets tags around it where there are several items", () => {
    expect(change(`<Hero title="a" />`, (content) => content.push(hero("n", "b")))).toBe(
      `(\n  <>\n    <Hero title="a" />\n    <Hero title="b" />\n  </>\n)`,
    );
    expect(change(`a ? <Hero /> : null`, (content) => content.push(hero("n", "b")))).toBe(
      `(\n  <>\n    {a ? <Hero /> : null}\n    <Hero title="b" />\n  </>\n)`,
    );
    expect(change(`(\n  <Hero />\n)`, (content) => content.unshift(hero("n", "b")))).toBe(
      `(\n  <>\n    <Hero title="b" />\n    <Hero />\n  </>\n)`,
    );
  });

  test("keeps its own element, and its props are the root's", () => {
    expect(
      change(`<div className="a"><Hero /></div>`, (_, data) => {
        data.root.props.className = "b";
      }),
    ).toBe(`<div className="b"><Hero /></div>`);
    expect(change(`<div><Hero /><b>x</b></div>`, (content) => content.splice(1, 1))).toBe(`<div><Hero /></div>`);
  });

  test("is nothing where nothing is left", () => {
    expect(edit(app("<Hero />"), (content) => content.splice(0, 1))).toBe("export default () => null\n");
    expect(edit("export default () => null\n", (content) => content.push(hero("n", "a")))).toBe(
      app(`<Hero title="a" />`).replaceAll("\n\n", ";\n\n").replace("\n\n", "\n\n"),
    );
  });
});

describe("imports", () => {
  const add = (type: string) => (content: Any[]) => content.push({ type, props: { id: "n" } });
  const head = (text: string) => text.slice(0, text.indexOf("export default"));
  const use = (imports: string, tags: string) => `${imports}export default () => <div>${tags}<i>1</i></div>;\n`;

  test.each<[string, string, string, string, string]>([
    [
      "as the file writes them",
      `import { Card } from './components/Card'\n\n`,
      "<Card />",
      "Hero",
      `import { Card } from './components/Card'\nimport Hero from './components/Hero'\n\n`,
    ],
    [
      "into an import of the module",
      `import { Row } from "./components/layout";\n`,
      "<Row />",
      "Stack",
      `import { Row, Stack } from "./components/layout";\n`,
    ],
    [
      "on a line where names have lines",
      `import {\n  Row,\n} from "./components/layout";\n`,
      "<Row />",
      "Stack",
      `import {\n  Row,\n  Stack,\n} from "./components/layout";\n`,
    ],
    [
      "beside a default",
      `import layout from "./components/layout";\n`,
      "{layout}",
      "Stack",
      `import layout, { Stack } from "./components/layout";\n`,
    ],
    [
      "by the alias of the file",
      `import { Card } from "@/components/Card";\nimport "./x.css";\n`,
      "<Card />",
      "Hero",
      `import { Card } from "@/components/Card";\nimport Hero from "./components/Hero";\nimport "./x.css";\n`,
    ],
    [
      "with the extension of the file",
      `import { Card } from "./components/Card.tsx";\n`,
      "<Card />",
      "Hero",
      `import { Card } from "./components/Card.tsx";\nimport Hero from "./components/Hero.tsx";\n`,
    ],
    [
      "not into types",
      `import type { Row } from "./components/layout";\n`,
      "",
      "Stack",
      `import type { Row } from "./components/layout";\nimport { Stack } from "./components/layout";\n`,
    ],
    [
      "below a directive",
      `"use client";\n\n`,
      "",
      "Hero",
      `"use client";\n\nimport Hero from "./components/Hero";\n\n`,
    ],
    [
      "under another name where it is taken",
      `const Hero = 1;\n`,
      "{Hero}",
      "Hero",
      `import Hero2 from "./components/Hero";\n\nconst Hero = 1;\n`,
    ],
    [
      "not twice",
      `import Big from "./components/Hero";\n`,
      "<Big />",
      "Hero",
      `import Big from "./components/Hero";\n`,
    ],
    [
      "by way of a namespace",
      `import * as all from "./components/layout";\n`,
      "<all.Row />",
      "Row",
      `import * as all from "./components/layout";\n`,
    ],
  ])("are added %s", (_, imports, tags, type, expected) => {
    expect(head(edit(use(imports, tags), add(type)))).toBe(expected);
  });

  test.each<[string, string, string, string]>([
    [
      "a statement",
      `import Hero from "./components/Hero";\nimport { Card } from "./components/Card";\n`,
      "<Hero />",
      `import { Card } from "./components/Card";\n`,
    ],
    [
      "one of several names",
      `import { Row, Stack } from "./components/layout";\n`,
      "<Row />",
      `import { Stack } from "./components/layout";\n`,
    ],
    [
      "the last of several names",
      `import { Stack, Row } from "./components/layout";\n`,
      "<Row />",
      `import { Stack } from "./components/layout";\n`,
    ],
    [
      "a name on its line",
      `import {\n  Row,\n  Stack,\n} from "./components/layout";\n`,
      "<Row />",
      `import {\n  Stack,\n} from "./components/layout";\n`,
    ],
    [
      "the names beside a default",
      `import layout, { Row } from "./components/layout";\n`,
      "<Row />",
      `import layout from "./components/layout";\n`,
    ],
    [
      "a default beside names",
      `import Hero, { more } from "./components/Hero";\n`,
      "<Hero />",
      `import { more } from "./components/Hero";\n`,
    ],
    ["of a package", `import { Link } from "router";\n`, "<Link />", ""],
    [
      "none that is used elsewhere",
      `import Hero from "./components/Hero";\nconst x = Hero;\n`,
      "<Hero />",
      `import Hero from "./components/Hero";\nconst x = Hero;\n`,
    ],
    [
      "none that was never used",
      `import Hero from "./components/Hero";\n`,
      "<b />",
      `import Hero from "./components/Hero";\n`,
    ],
  ])("are taken away with the last use: %s", (_, imports, tags, expected) => {
    expect(head(edit(use(imports, tags), (content) => content.splice(0, 1)))).toBe(expected);
  });

  test("come back with what was taken out", () => {
    const text = use(
      `import { Link } from "router";\nimport { cn } from "./cn";\n`,
      `<Link to="/" className={cn("a")}>x</Link>`,
    );
    const one = new Page("src/App.tsx", library);
    const data = one.take(text)!.data;
    const without: Data = { ...data, content: data.content.slice(1) };
    const { text: less } = one.edit(without);
    expect(head(less)).toBe("");
    // Another change in between, so that the text of before is not the answer.
    const view = one.take(`// note\n${less}`)!;
    const { text: back } = one.edit({ ...view.data, content: [data.content[0]!, ...view.data.content] });
    expect(head(back)).toBe(`import { Link } from "router";\nimport { cn } from "./cn";\n\n// note\n`);
    expect(back).toContain(`<Link to="/" className={cn("a")}>x</Link>`);
  });
});

describe("data that make no page", () => {
  const text = page("      <Hero />");
  const refused = (data: unknown) => {
    const one = new Page("src/App.tsx", library);
    const view = one.take(text)!;
    expect(() => one.edit(typeof data === "function" ? data(view.data) : data)).toThrow();
    expect(one.text).toBe(text);
    expect(one.edit(view.data).text).toBe(text);
  };
  test.each<[string, unknown]>([
    ["no object", "x"],
    ["no list", { root: {}, content: 5 }],
    ["an item without a type", { root: {}, content: [{ props: {} }] }],
    ["an unknown component", { root: {}, content: [{ type: "Nope", props: { id: "x" } }] }],
    ["a tag that is none", { root: {}, content: [{ type: "a b", props: { id: "x" } }] }],
    ["a prop that is none", { root: {}, content: [{ type: "Hero", props: { id: "x", "a b": 1 } }] }],
    ["code that is none", { root: {}, content: [{ type: "Hero", props: { id: "x", a: { $source: "}} <" } } }] }],
    ["a locked item that is none", { root: {}, content: [{ type: "#locked", props: { id: "x", source: "</main>" } }] }],
    ["children of an image", { root: {}, content: [{ type: "img", props: { id: "x", children: [hero("y", "z")] } }] }],
  ])("%s", (_, data) => refused(data));

  test("but what is harmless is taken", () => {
    const one = new Page("src/App.tsx", library);
    one.take(text);
    const { text: now, view } = one.edit({
      content: [
        { type: "Card", props: { id: "x", title: undefined, children: "just <b>words</b>" } },
        { type: "Card", props: { id: "x", constructor: "c" } },
        { type: "Hero", props: {} },
      ],
    });
    expect(within(now)).toBe(
      `      <Card>{"just <b>words</b>"}</Card>\n      <Card constructor="c" />\n      <Hero />`,
    );
    expect(new Set(view.data.content.map((item) => item.props.id)).size).toBe(3);
  });
});

describe("ids after a change elsewhere", () => {
  const ids = (content: Item[]) => content.map((item) => item.props.id);
  const take = (before: string, after: string) => {
    const one = new Page("src/App.tsx", library);
    const [a, b] = [one.take(page(before))!.data.content, one.take(page(after))!.data.content];
    return [a, b] as const;
  };

  test("stay with what stays", () => {
    const [a, b] = take(
      `<Hero title="1" />\n<Hero title="2" />\n<Card title="c" />`,
      `<Hero title="1" />\n<p>new</p>\n<Hero title="two" />\n<Card title="c" />`,
    );
    expect([ids(b)[0], ids(b)[2], ids(b)[3]]).toEqual(ids(a));
    expect(ids(a)).not.toContain(ids(b)[1]);
  });

  test("go along with what moved", () => {
    const [a, b] = take(
      `<Hero title="1" />\n<Card title="c" />\n<div />`,
      `<div><Hero title="1" /></div>\n<Card title="c" />`,
    );
    expect((b[0]!.props.children as Item[])[0]!.props.id).toBe(a[0]!.props.id);
    const [c, d] = take(
      `<Hero title="1" />\n<Hero title="2" />\n<Hero title="3" />`,
      `<Hero title="3" />\n<Hero title="1" />\n<Hero title="2" />`,
    );
    expect(ids(d)).toEqual([ids(c)[2], ids(c)[0], ids(c)[1]]);
  });

  test("are never given twice", () => {
    const [a, b] = take(`<Hero title="1" />`, `<Hero title="1" />\n<Hero title="1" />\n<Hero title="1" />`);
    expect(ids(b)).toContain(ids(a)[0]);
    expect(new Set(ids(b)).size).toBe(3);
  });
});
