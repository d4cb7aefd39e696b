/** What a person does in the canvas, at random, as Puck would do it to the data. */
import fc from "fast-check";
import type { Data, Item } from "../../../src/worker/editor/data";
import { COMPONENTS } from "./library";

/** The choices of one operation; what they mean depends on the page. */
export interface Step {
  kind: "insert" | "move" | "nest" | "duplicate" | "delete" | "prop" | "text" | "remove prop" | "root";
  a: number;
  b: number;
  c: number;
  value: unknown;
  words: string;
}

const words = fc.oneof(
  fc.constantFrom(
    "plain words",
    "",
    " ",
    " both sides ",
    "a  b",
    'Say "hi"',
    "it's",
    "`tick` \x24{x} \\n \\",
    "{braces}",
    "<b>html</b>",
    "a & b &amp; &nbsp;",
    "line\nbreak",
    "\ttab",
    "nb\u00a0sp",
    "日本 😀 é",
    "// no comment /* */",
    "\u2028\u2029",
    "\r\n",
    "'\"`",
    "}",
    "*/ }} />",
  ),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: "grapheme", maxLength: 6 }),
);

const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: words },
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(words, fc.integer(), fc.record({ label: words, "odd-key": fc.boolean() })), { maxLength: 4 }),
  fc.dictionary(fc.constantFrom("a", "b", "font-size", "1x", "label"), fc.oneof(words, fc.integer(), fc.boolean()), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
  fc.constant([]),
  fc.constant({}),
);

export const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    "insert",
    "insert",
    "move",
    "move",
    "nest",
    "duplicate",
    "delete",
    "prop",
    "prop",
    "text",
    "remove prop",
    "root",
  ),
  a: fc.nat(1000),
  b: fc.nat(1000),
  c: fc.nat(1000),
  value,
  words,
});

interface Place {
  list: Item[];
  index: number;
}

let count = 0;
const id = () => `new-${++count}`;

const SLOTS: Record<string, string[]> = Object.fromEntries(
  Object.entries(COMPONENTS).map(([type, { fields }]) => [
    type,
    Object.entries(fields).flatMap(([name, field]) => (field.type === "slot" ? [name] : [])),
  ]),
);

function slotsOf(item: Item): string[] {
  const known = SLOTS[item.type] ?? ["children"];
  return known.filter((name) => Array.isArray(item.props[name]) || SLOTS[item.type]);
}

function* places(list: Item[]): Iterable<Place> {
  for (const [index, item] of list.entries()) {
    yield { list, index };
    for (const name of slotsOf(item)) if (Array.isArray(item.props[name])) yield* places(item.props[name] as Item[]);
  }
}

function lists(data: Data): Item[][] {
  const out = [data.content];
  for (const { list, index } of places(data.content)) {
    const item = list[index]!;
    for (const name of slotsOf(item)) {
      item.props[name] ??= [];
      if (Array.isArray(item.props[name])) out.push(item.props[name] as Item[]);
    }
  }
  return out;
}

function fresh(step: Step): Item {
  const types = [...Object.keys(COMPONENTS), "#text", "div", "section", "<>", "img"];
  const type = types[step.a % types.length]!;
  const props: Item["props"] = { id: id() };
  if (type === "#text") props.text = step.words;
  else if (type === "Label") props.children = step.words;
  else if (type === "Hero" || type === "Card") Object.assign(props, { title: step.words });
  else if (type === "Chart") props.data = step.value;
  else if (type === "div") Object.assign(props, { className: "new", "#id": step.words });
  else if (type === "img") props.alt = step.words;
  if (type === "Card" && step.c % 3 === 0) props.footer = [{ type: "#text", props: { id: id(), text: step.words } }];
  if (type === "section") props.children = [{ type: "Hero", props: { id: id(), title: "inner", count: 2 } }];
  return { type, props };
}

function copy(item: Item): Item {
  const out = structuredClone(item);
  const visit = (at: Item) => {
    at.props.id = id();
    for (const name of slotsOf(at)) if (Array.isArray(at.props[name])) (at.props[name] as Item[]).forEach(visit);
  };
  visit(out);
  return out;
}

/** The data after one operation. */
export function apply(data: Data, step: Step, root: string): Data {
  const next = structuredClone(data);
  const all = [...places(next.content)];
  const place = all[step.a % Math.max(1, all.length)];
  const item = place && place.list[place.index]!;
  const into = (lists: Item[][]) => {
    const list = lists[step.b % lists.length]!;
    return { list, index: step.c % (list.length + 1) };
  };
  switch (step.kind) {
    case "insert": {
      const { list, index } = into(lists(next));
      list.splice(index, 0, fresh(step));
      break;
    }
    case "root":
      if (root) next.root.props[step.b % 2 ? "className" : "title"] = step.value;
      break;
    default:
      if (!place || !item) break;
      if (step.kind === "move" || step.kind === "delete") place.list.splice(place.index, 1);
      if (step.kind === "move") {
        const { list, index } = into(lists(next));
        list.splice(index, 0, item);
      } else if (step.kind === "duplicate") place.list.splice(place.index + 1, 0, copy(item));
      else if (step.kind === "nest") {
        const type = ["Card", "Row", "div", "<>"][step.b % 4]!;
        place.list[place.index] = { type, props: { id: id(), children: [item] } };
      } else if (step.kind === "text") {
        const texts = all.filter(({ list, index }) => list[index]!.type === "#text");
        const at = texts[step.b % Math.max(1, texts.length)];
        if (at) at.list[at.index]!.props.text = step.words;
      } else if (step.kind === "prop" || step.kind === "remove prop") {
        const props = Object.keys(item.props).filter(
          (n) => !["id", "text", "source", "children", "footer", "<>"].includes(n) && !n.startsWith("{"),
        );
        if (item.type.startsWith("#") || item.type === "<>") break;
        const name = props.length && step.b % 3 ? props[step.c % props.length]! : "title";
        if (step.kind === "remove prop") delete item.props[name];
        else item.props[name] = step.value;
      }
  }
  return next;
}
