import { describe, expect, test } from "vitest";
import { conditioned, scanCss } from "../../src/worker/css";
import { closest, codeFrame, diagnostic, fromBytes, locate, tidy } from "../../src/worker/diagnostics";
import { parseDotenv } from "../../src/worker/environment";
import { matcher } from "../../src/worker/glob";
import { findImport, findName } from "../../src/worker/imports";
import { parseJsonc } from "../../src/worker/literal";
import { parsePage } from "../../src/worker/page";

describe("places", () => {
  test("count lines and columns from 1, and end with their line", () => {
    expect(locate("f", "a\nbc\nd", 3, 9)).toEqual({ file: "f", line: 2, column: 2, length: 1 });
    expect(locate("f", "a\r\nbc", 0, 9)).toEqual({ file: "f", line: 1, column: 1, length: 1 });
    expect(locate("f", "a\n", 2)).toMatchObject({ line: 2, column: 1 });
  });

  test("come from UTF-8 bytes", () => {
    const text = "é日😀x";
    expect([0, 2, 5, 9, 10, 99].map((bytes) => fromBytes(text, bytes))).toEqual([0, 1, 2, 4, 5, 5]);
  });

  test("are drawn with tabs kept", () => {
    const text = "one\n\tlet x: = 3\nthree\nfour\nfive";
    expect(codeFrame(text, { file: "f", line: 2, column: 9, length: 1 })).toBe(
      "  1 | one\n> 2 | \tlet x: = 3\n    | \t       ^\n  3 | three\n  4 | four",
    );
  });

  test("of imports are not those of comments", () => {
    const text = `// import "./a"\nconst u = "http://x" /* from "./a" */\nimport { x,\n  y as z } from './a'\n`;
    expect(findImport("f", text, "./a")).toEqual({ file: "f", line: 4, column: 17, length: 5 });
    expect(findName("f", text, "./a", "y")).toEqual({ file: "f", line: 4, column: 3, length: 1 });
    expect(findImport("f", text, "./b")).toBeNull();
  });
});

test("diagnostics are sorted, errors first, and told once", () => {
  const at = (file: string, line: number) => ({ location: { file, line, column: 1, length: 0 } });
  const warning = diagnostic("css", "w", { severity: "warning", ...at("a", 1) });
  const b = diagnostic("syntax", "b", at("b", 2));
  const a = diagnostic("syntax", "a", at("b", 1));
  expect(tidy([warning, b, a, { ...b }])).toEqual([a, b, warning]);
});

test("the closest name is one that a slip makes", () => {
  expect(closest("Buton", ["Button", "Card"])).toBe("Button");
  expect(closest("lable", ["label"])).toBe("label");
  expect(closest("card", ["Card"])).toBe("Card");
  expect(closest("Zebra", ["Button", "Card"])).toBeNull();
});

describe("style sheets are read", () => {
  test("imports with their conditions, addresses, and not what is in comments and strings", () => {
    const css = `@import "a.css" layer(x) supports(display: grid) screen and (min-width: 1px);\n/* @import "no"; url(no) */ a::after { content: "url(no) }"; background: url( "b c.png" ) , url(d\\).png) }`;
    const { imports, urls, error } = scanCss(css);
    expect(error).toBeNull();
    expect(imports.map((i) => [i.specifier, i.condition])).toEqual([
      ["a.css", "layer(x) supports(display: grid) screen and (min-width: 1px)"],
    ]);
    expect(urls.map((u) => u.url)).toEqual(["b c.png", "d).png"]);
    expect(conditioned("a {}", imports[0]!.condition)).toBe(
      "@media screen and (min-width: 1px) {\n@supports (display: grid) {\n@layer x {\na {}\n}\n}\n}",
    );
  });

  test.each([
    ["a { b: c", "Unclosed block", 2],
    ["a } b {}", "Unexpected }", 2],
    ["a { b: (c }", "Unclosed (", 7],
    [`a { b: "c }`, "Unclosed string", 7],
    ["a /* b", "Unclosed comment", 2],
  ])("%s", (css, message, offset) => {
    expect(scanCss(css).error).toEqual({ message, offset });
  });
});

test.each([
  ["src/*.ts", ["src/a.ts"], ["src/a/b.ts", "src/a.tsx", "src/.a.ts"]],
  ["src/**/*.{ts,tsx}", ["src/a.ts", "src/a/b/c.tsx"], ["src/a.js", "src/.x/a.ts"]],
  ["**/x", ["x", "a/b/x"], ["xx", "a/bx"]],
  ["a/**", ["a/b", "a/b/c.d"], ["b/a"]],
  ["a?[bc][!d].ts", ["axbe.ts"], ["axbd.ts", "axde.ts"]],
  ["a.(b)+c.ts", ["a.(b)+c.ts"], ["aXbc.ts"]],
  ["{a,b{c,d}}/!(x).ts", ["a/y.ts", "bd/z.ts"], ["b/y.ts", "c/y.ts"]],
])("pattern %s", (pattern, fit, others) => {
  const matches = matcher(pattern);
  expect(fit.filter((path) => !matches(path))).toEqual([]);
  expect(others.filter(matches)).toEqual([]);
});

test(".env files", () => {
  const text = `# c\nA=1 # c\nexport B = "two \\n words" # c\nC='$x # no'\nD=\nE=a=b\nF: yes\n`;
  expect(Object.fromEntries(parseDotenv(text))).toEqual({
    A: "1",
    B: "two \n words",
    C: "$x # no",
    D: "",
    E: "a=b",
    F: "yes",
  });
});

test("JSON with comments", () => {
  expect(parseJsonc(`\ufeff{ // c\n "a": [1, -2, null,], /* d */ "b": { "c": true, }, }`)).toEqual({
    a: [1, -2, null],
    b: { c: true },
  });
  expect(() => parseJsonc(`{ "a": }`)).toThrow(SyntaxError);
});

test("pages without head and body, with comments, quotes and classic scripts", () => {
  const { page, entries, inline } = parsePage(
    `<!doctype html><!-- <script type="module" src="no.js"></script> -->
     <title>x</title><body class='a "b"' data-n=1><main id=root></main><script>classic("</main>")</script>
     <script type=module src=./src/a.ts></script><script type="module">import "x"</script><script type="module" src="https://x/y.js"></script></body>`,
    {},
  );
  expect(page.body_attributes).toEqual({ class: 'a "b"', "data-n": "1" });
  expect(page.title).toBe("x");
  expect(page.body).toBe('<main id=root></main><script>classic("</main>")</script>');
  expect(entries.map((e) => e.specifier)).toEqual(["/src/a.ts", "index.html?inline=0"]);
  expect([...inline.values()]).toEqual(['import "x"']);
});
