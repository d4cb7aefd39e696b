/** What Puck is given of a page, and what it gives back. */
import { expect, test } from "vitest";
import { toPage, toPuck } from "../../src/canvas/data";
import type { Data } from "../../src/worker/editor/data";

const slotsOf = (type: string) => (type === "Card" ? ["children", "header"] : []);

const item = (props: Record<string, unknown>, type = "Card") => ({ type, props: { id: "a", ...props } });
const data = (...content: Data["content"]): Data => ({ root: { props: {} }, content });

test("names with points are no paths for Puck, and come back as they were", () => {
  const page = data(item({ "{...user.props}": { $source: "{...user.props}" }, children: [], header: [] }));
  const puck = toPuck(page, slotsOf);
  expect(Object.keys(puck.content[0]!.props).some((name) => name.includes("."))).toBe(false);
  expect(toPage(puck, slotsOf)).toEqual(page);
});

test("names with points within values come back too", () => {
  const page = data(item({ options: { "a.b": [{ "c.d": 1 }] }, children: [], header: [] }));
  expect(toPage(toPuck(page, slotsOf), slotsOf)).toEqual(page);
});

test("code is not looked into", () => {
  const page = data(item({ onClick: { $source: "() => a.b" }, children: [], header: [] }));
  expect(toPuck(page, slotsOf).content[0]!.props.onClick).toEqual({ $source: "() => a.b" });
});

test("a slot that is an expression is an empty list for Puck, and an expression again for the page", () => {
  const page = data(item({ header: { $source: "title" }, children: [] }));
  const puck = toPuck(page, slotsOf);
  expect(puck.content[0]!.props.header).toEqual([]);
  expect(toPage(puck, slotsOf)).toEqual(page);
});

test("items in slots are taken along", () => {
  const inner = item({ "data-x.y": 1 }, "p");
  const page = data(item({ children: [inner], header: [] }));
  expect(toPage(toPuck(page, slotsOf), slotsOf)).toEqual(page);
});

test("a slot that Puck has not been given is empty", () => {
  expect(toPuck(data(item({})), slotsOf).content[0]!.props).toMatchObject({ children: [], header: [] });
});
