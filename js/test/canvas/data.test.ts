/** What Puck is given of a page, and what it gives back. */
import { expect, test } from "vitest";
import { toPage, toPuck } from "../../src/canvas/data";
import type { Data } from "../../src/worker/editor/data";

const types = {
  slotsOf: (type: string) => (type === "Card" ? ["children", "header"] : []),
  defaultsOf: (type: string) => (type === "Titled" ? { title: "Title" } : {}),
};

const item = (props: Record<string, unknown>, type = "Card") => ({ type, props: { id: "a", ...props } });
const data = (...content: Data["content"]): Data => ({ root: { props: {} }, content });

test("names with points are no paths for Puck, and come back as they were", () => {
  const page = data(item({ "{...user.props}": { $source: "{...user.props}" }, children: [], header: [] }));
  const puck = toPuck(page, types);
  expect(Object.keys(puck.content[0]!.props).some((name) => name.includes("."))).toBe(false);
  expect(toPage(puck, types)).toEqual(page);
});

test("names with points within values come back too", () => {
  const page = data(item({ options: { "a.b": [{ "c.d": 1 }] }, children: [], header: [] }));
  expect(toPage(toPuck(page, types), types)).toEqual(page);
});

test("code is not looked into", () => {
  const page = data(item({ onClick: { $source: "() => a.b" }, children: [], header: [] }));
  expect(toPuck(page, types).content[0]!.props.onClick).toEqual({ $source: "() => a.b" });
});

test("a slot that is an expression is an empty list for Puck, and an expression again for the page", () => {
  const page = data(item({ header: { $source: "title" }, children: [] }));
  const puck = toPuck(page, types);
  expect(puck.content[0]!.props.header).toEqual([]);
  expect(toPage(puck, types)).toEqual(page);
});

test("items in slots are taken along", () => {
  const inner = item({ "data-x.y": 1 }, "p");
  const page = data(item({ children: [inner], header: [] }));
  expect(toPage(toPuck(page, types), types)).toEqual(page);
});

test("a slot that Puck has not been given is empty", () => {
  expect(toPuck(data(item({})), types).content[0]!.props).toMatchObject({ children: [], header: [] });
});

const words = (text: string) => ({ type: "#text", props: { id: "t", text } });

test("an item with a text and nothing else is one thing", () => {
  const page = data(item({ children: [words("Hello")], header: [] }));
  const puck = toPuck(page, types);
  expect(puck.content[0]!.props).toMatchObject({ children: [], "=text": "Hello" });
  expect(toPage(puck, types)).toEqual(page);
});

test("what is put beside such a text comes after it", () => {
  const puck = toPuck(data(item({ children: [words("Hello")], header: [] })), types);
  puck.content[0]!.props.children = [item({}, "hr")];
  const { children } = toPage(puck, types).content[0]!.props;
  expect(children).toEqual([words("Hello"), item({}, "hr")]);
});

test("a text between other things is an item", () => {
  const page = data(item({ children: [words("Hello"), item({}, "hr")], header: [] }));
  expect(toPuck(page, types).content[0]!.props.children).toHaveLength(2);
  expect(toPage(toPuck(page, types), types)).toEqual(page);
});

test("what a new item begins with is not filled in where the page leaves it out", () => {
  const page = data(item({}, "Titled"));
  const puck = toPuck(page, types);
  expect("title" in puck.content[0]!.props).toBe(true);
  expect(puck.content[0]!.props.title).toBeUndefined();
  expect(toPage(puck, types).content[0]!.props).toEqual({ id: "a" });
});
