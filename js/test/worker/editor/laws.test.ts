/**
 * What holds for every page and for whatever is done to it. The cases are the same each time, so that a failure is a
 * change's; `FC_SEED=5` gives others, `FC_SEED=random` new ones each time, `RUNS=100` more of them.
 */
import "./tools";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Data, Item } from "../../../src/worker/editor/data";
import type { Page as EditorPage } from "../../../src/worker/editor/page";
import { library } from "./library";
import { apply, step } from "./operations";
import { PAGES } from "./pages";

const { Page } = await import("../../../src/worker/editor/page");
const { rendered, shown } = await import("./rendering");
const { normal } = await import("../../../src/worker/editor/data");
const { Bindings } = await import("../../../src/worker/editor/bindings");
const { parseSource } = await import("../../../src/worker/repair/sources");

const RUNS = Number(process.env.RUNS ?? 25);
const SEED = process.env.FC_SEED || "7";
if (SEED !== "random") fc.configureGlobal({ seed: Number(SEED) });

function open(text: string): { page: EditorPage; data: Data; root: string } {
  const page = new Page("src/App.tsx", library);
  const view = page.take(text);
  if (!view) throw new Error(`not a page:\n${text}`);
  return { page, data: structuredClone(view.data), root: view.root };
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
          const known = JSON.stringify(at);
          const asked = normal(
            wanted,
            roles,
            () => "",
            (id) => known.includes(`"id":${JSON.stringify(id)}`),
          );
          if (!root) asked.root.props = {};
          expect(view.data).toEqual(asked);
          expect(withoutIds(open(now).data)).toEqual(withoutIds(view.data));
          expect(unique(view.data)).toBe(true);
          // Undo gives back the bytes.
          expect(page.edit(at).text).toBe(before);
          expect(page.edit(wanted).text).toBe(now);
          at = structuredClone(view.data);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

const names = fc.constantFrom(...Object.keys(PAGES));

test("a prop's change stays within its element", () => {
  fc.assert(
    fc.property(names, step, (name, one) => {
      const text = PAGES[name]!;
      const { page, data, root } = open(text);
      const { places } = page.take(text)!;
      const wanted = apply(data, { ...one, kind: one.a % 2 ? "prop" : "text" }, root);
      const id = changedItem(data.content, wanted.content);
      if (!id) return;
      const now = edited(page, wanted).text.replace(/^\ufeff/, "");
      const before = text.replace(/^\ufeff/, "");
      const [start, end] = places[id]!;
      expect(now.slice(0, start)).toBe(before.slice(0, start));
      expect(now.slice(now.length - (before.length - end))).toBe(before.slice(end));
    }),
    { numRuns: RUNS * 10 },
  );
});

/** The one item whose own literal props are others now. */
function changedItem(before: Item[], after: Item[]): string | null {
  for (const [i, item] of before.entries()) {
    const other = after[i]!;
    for (const [name, value] of Object.entries({ ...other.props, ...item.props })) {
      const [a, b] = [item.props[name], other.props[name]];
      const inner = Array.isArray(value) && value.some((one) => one?.props?.id);
      if (inner && Array.isArray(a) && Array.isArray(b)) {
        const found = changedItem(a as Item[], b as Item[]);
        if (found) return found;
      } else if (JSON.stringify(a) !== JSON.stringify(b)) {
        return JSON.stringify(a)?.includes("$source") ? null : item.props.id;
      }
    }
  }
  return null;
}

test("no comment and no code beside the items is lost by moving them about", () => {
  fc.assert(
    fc.property(names, fc.array(step, { minLength: 1, maxLength: 5 }), (name, steps) => {
      const text = PAGES[name]!;
      const { page, data, root } = open(text);
      let at = data;
      for (const one of steps) {
        const kind = (["move", "nest", "insert"] as const)[one.b % 3]!;
        at = structuredClone(edited(page, apply(at, { ...one, kind }, root)).view.data);
      }
      const words = (of: string) =>
        parseSource("a.tsx", of.replace(/^\ufeff/, ""))
          .comments.map((comment) => comment.value.trim())
          .sort();
      const now = words(page.text!);
      for (const comment of words(text)) {
        expect(now).toContain(comment);
        now.splice(now.indexOf(comment), 1);
      }
    }),
    { numRuns: RUNS * 10 },
  );
});

/** Pages that can be run as they are. */
const RUNNABLE = ["plain", "component root, no parentheses", "null root", "windows lines", "tabs", "byte order mark"];

test.each(RUNNABLE)("%s shows what the canvas shows", (name) => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
      const { page, data, root } = open(PAGES[name]!);
      let at = data;
      for (const one of steps) at = edited(page, apply(at, one, root)).view.data;
      expect(JSON.parse(JSON.stringify(rendered(page.text!)))).toEqual(JSON.parse(JSON.stringify(shown(at, root))));
    }),
    { numRuns: RUNS * 3 },
  );
});

/** Any text between tags, as people, formatters and accidents leave it. */
const raw = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        "\n\n  ",
        "&nbsp;",
        "&amp;",
        "&lt;b&gt;",
        "&#65;",
        "&#x1F600;",
        "&bogus;",
        "&",
        "a",
        "word",
        "é",
        "😀",
        "\u00a0",
        "\u3000",
        "\u200b",
        "\ufeff",
        "\u2028",
        "\v",
        "\f",
        "\u0085",
        "'",
        '"',
        "//",
        "/*",
        '{" "}',
        "{''}",
        "{'a\\nb'}",
        "{/* c */}",
        "&lang;",
        "&copy",
        "&quot;",
      ),
      fc.string({ unit: "grapheme", maxLength: 3 }).map((text) => text.replace(/[{}<>&]/g, "")),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

test("text is read as compilers read it", () => {
  fc.assert(
    fc.property(raw, (text) => {
      const page = `export default () => <div><p>${text}</p></div>;`;
      const { data, root } = open(page);
      expect(shown(data, root)).toEqual(rendered(page));
    }),
    { numRuns: RUNS * 50 },
  );
});

test("text is written as compilers read it, and keeps what stays", () => {
  fc.assert(
    fc.property(raw, fc.string({ unit: "grapheme", maxLength: 6 }), fc.nat(), fc.nat(4), (text, words, at, cut) => {
      const { page, data, root } = open(`export default () => <div><p>${text}</p></div>;`);
      const next = structuredClone(data);
      next.content[0]!.props.children ??= [];
      const items = next.content[0]!.props.children as Item[];
      if (!items.length) items.push({ type: "#text", props: { id: "new", text: "" } });
      const before = String(items[0]!.props.text);
      const place = at % (before.length + 1);
      items[0]!.props.text = (before.slice(0, place) + words + before.slice(place + cut)).replace(
        /\p{Surrogate}/gu,
        "",
      );
      const { text: now, view } = edited(page, next);
      expect(shown(view.data, root)).toEqual(rendered(now));
    }),
    { numRuns: RUNS * 25 },
  );
});

test("a file that changes elsewhere keeps the ids of what is the same", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(PAGES)),
      fc.array(step, { minLength: 1, maxLength: 3 }),
      (name, steps) => {
        const { page: one, data, root } = open(PAGES[name]!);
        const { page: other } = open(PAGES[name]!);
        const before = new Map<string, string>();
        const texts = (at: Data) => {
          const visit = (item: Item) => {
            before.set(item.props.id, item.type);
            for (const value of Object.values(item.props)) {
              if (Array.isArray(value)) for (const inner of value) if (inner?.props?.id) visit(inner as Item);
            }
          };
          at.content.forEach(visit);
        };
        let at = data;
        for (const step of steps) at = edited(one, apply(at, step, root)).view.data;
        texts(data);
        const view = other.take(one.text!)!;
        expect(unique(view.data)).toBe(true);
        // An id stays with its kind of element, or is new.
        const visit = (item: Item) => {
          const type = before.get(item.props.id);
          if (type !== undefined) expect(item.type).toBe(type);
          for (const value of Object.values(item.props)) {
            if (Array.isArray(value)) for (const inner of value) if (inner?.props?.id) visit(inner as Item);
          }
        };
        view.data.content.forEach(visit);
        expect(other.take(one.text!)!.data).toEqual(view.data);
        expect(other.edit(view.data).text).toBe(one.text);
      },
    ),
    { numRuns: RUNS * 3 },
  );
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
