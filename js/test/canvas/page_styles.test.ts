/** The app's styles, where they share a document with the editor. */
import { expect, test } from "vitest";
import { pageStyles } from "../../src/runtime/page_styles";

const shown = (css: string) => pageStyles(css).replace(/\s+/g, " ").trim();
const SCOPE = "@scope (:root) to ([data-overskill-ui],[data-puck-overlay])";

test("rules end at the panels of the editor", () => {
  expect(shown("button { color: red }")).toBe(`${SCOPE}{ button { color: red } }`);
});

test("rules one after the other share a scope", () => {
  expect(shown("a{x:1} b{x:2}").match(/@scope/g)).toHaveLength(1);
});

test("what is set on the document is passed down from there", () => {
  expect(shown(":root, :host { --a: 1 } body { color: red }")).toBe(":root, :host { --a: 1 } body { color: red }");
});

test("what is below the document's root is a rule like others", () => {
  expect(shown("body .x { color: red }")).toContain(SCOPE);
});

test("layers stay, with their order, and what is in them is scoped", () => {
  expect(shown("@layer base, utilities; @layer base { * { margin: 0 } }")).toBe(
    `@layer base, utilities; @layer base{ ${SCOPE}{ * { margin: 0 } } }`,
  );
});

test("properties, fonts and animations are the document's", () => {
  const css = '@property --x { syntax: "*" } @keyframes a { to { opacity: 0 } } @font-face { src: url(a) }';
  expect(shown(css)).toBe(css);
});

test.each([
  ["(width >= 48rem)", "(width >= 48rem)"],
  ["(min-width: 640px)", "(min-width: 640px)"],
  ["screen and (max-width: 40em)", "(max-width: 40em)"],
  ["(min-width: 10px) and (max-width: 20px)", "(min-width: 10px) and (max-width: 20px)"],
  ["(max-width: 10px), (min-width: 20px)", "((max-width: 10px)) or ((min-width: 20px))"],
  ["(10px <= width <= 20px)", "(10px <= width <= 20px)"],
])("a query of widths asks the page's: %s", (query, asked) => {
  expect(shown(`.a { @media ${query} { color: red } }`)).toContain(`@container overskill ${asked}{`);
  expect(shown(`@media ${query} { .a { color: red } }`)).toContain(`@container overskill ${asked}{`);
});

test.each(["(hover: hover)", "print", "(prefers-color-scheme: dark)", "(min-width: 10px) and (hover: hover)"])(
  "another query stays: %s",
  (query) => {
    expect(shown(`@media ${query} { .a { color: red } }`)).toContain(`@media ${query}`);
  },
);

test("a sheet that cannot be read is left as it is", () => {
  expect(pageStyles("a { color: red")).toBe("a { color: red");
});
