/** What holds for every page and for whatever is done to it. */
import "./tools";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Data, Item } from "../../../src/worker/editor/data";
import type { Page as EditorPage } from "../../../src/worker/editor/page";
import { library } from "./library";
import { apply, step } from "./operations";
import { PAGES } from "./pages";

const { Page } = await import("../../../src/worker/editor/page");
const { normal } = await import("../../../src/worker/editor/data");
const { Bindings } = await import("../../../src/worker/editor/bindings");
const { parseSource } = await import("../../../src/worker/repair/sources");

const RUNS = Number(process.env.RUNS ?? 40);

function open(text: string): { page: EditorPage; data: Data; root: string } {
  const page = new Page("src/App.tsx", library);
  const view = page.take(text);
  if (!view) throw new Error(`not a page:\n${text}`);
  return { page, data: view.data, root: view.root };
}

const withoutIds = (value: unknown) =>
  JSON.parse(JSON.stringify(value), (key, inner) => (key === "id" ? undefined : inner));

describe.each(Object.entries(PAGES))("%s", (_, text) => {
  test("opens, and closes without a change", () => {
    const { page, data } = open(text);
    expect(page.edit(data).text).toBe(text);
    expect(page.edit(JSON.parse(JSON.stringify(data))).text).toBe(text);
  });

  test("its data say all of it", () => {
    const { data } = open(text);
    // Nothing that is written is left: all moved to an empty page, it comes back the same.
    const roles = new Bindings(parseSource("src/App.tsx", text.replace(/^\ufeff/, "")), library);
    expect(withoutIds(normal(data, roles, () => "x"))).toEqual(withoutIds(data));
  });

  test("whatever is done in the canvas is in the file", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        const { page, data, root } = open(text);
        let at = data;
        for (const one of steps) {
          const wanted = apply(at, one, root);
          const before = page.text;
          const { text: now, view } = edited(page, wanted);
          const roles = new Bindings(parseSource("src/App.tsx", now.replace(/^\ufeff/, "")), library);
          const asked = normal(wanted, roles, () => "");
          if (!root) asked.root.props = {};
          expect(view.data).toEqual(asked);
          expect(withoutIds(open(now).data)).toEqual(withoutIds(view.data));
          expect(unique(view.data)).toBe(true);
          // Undo gives back the bytes.
          expect(page.edit(at).text).toBe(before);
          expect(page.edit(wanted).text).toBe(now);
          at = view.data;
        }
      }),
      { numRuns: RUNS },
    );
  });
});

function edited(page: EditorPage, wanted: Data): ReturnType<EditorPage["edit"]> {
  try {
    return page.edit(wanted);
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Error(`${message}\n${page.text}\n--- became ---\n${cause}\n--- for ---\n${JSON.stringify(wanted)}`);
  }
}

function unique(data: Data): boolean {
  const ids: string[] = [];
  const visit = (item: Item) => {
    ids.push(item.props.id);
    for (const value of Object.values(item.props)) {
      if (Array.isArray(value)) for (const inner of value) if (inner?.props?.id) visit(inner as Item);
    }
  };
  data.content.forEach(visit);
  return new Set(ids).size === ids.length;
}
