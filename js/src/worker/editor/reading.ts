/**
 * From a page's source to items, each with the place that it was read from. Nothing of the source is lost: what is no
 * item, text or value is kept as it is written, and what lies between items belongs to the gaps.
 */
import type { Node } from "../literal";
import type { Source } from "../repair/sources";
import { Bindings, type Library, tagOf } from "./bindings";
import { renderedBy } from "./body";
import {
  type Data,
  DataError,
  FRAGMENT,
  ITEM_DEPTH,
  type Item,
  isCode,
  LOCKED,
  propertyOf,
  TEXT,
  TYPE_ARGUMENTS,
} from "./data";
import { holdsItems, isHost } from "./host";
import { Lines } from "./lines";
import { Origins } from "./origins";
import { parsed } from "./parsed";
import { type Style, styleOf } from "./style";
import { readQuoted, type Shown, shownRun, stringIn } from "./text";
import { readValue, unwrap } from "./values";

export interface Place {
  start: number;
  end: number;
}

/** An item, and where it stands. */
export interface Part extends Place {
  item: Item;
  element: Element | null;
  /** Of a text. */
  shown: Shown | null;
}

export interface Element {
  node: Node;
  tag: string;
  /** By the property's name. */
  attributes: Map<string, Attribute>;
  slots: Map<string, Slot>;
  /** Between the tags; null for an element that closes itself. */
  interior: Place | null;
}

export interface Attribute extends Place {
  /** An expression, or a string in quotes; null for `flag`. */
  value: Node | null;
}

export interface Slot {
  parts: Part[];
  /** Where they stand one after another: between the tags of an element or of a fragment. */
  interior: Place | null;
  /** The expression that they are, where they are not between the tags of the element itself. */
  expression: Place | null;
  /** Of an attribute: its value, with braces or quotes. */
  value: Place | null;
}

/** The page's own element: its attributes are the properties of Puck's root. */
export interface Root {
  slot: Slot;
  element: Element | null;
}

export interface Reading {
  text: string;
  source: Source;
  readonly style: Style;
  lines: Lines;
  bindings: Bindings;
  root: Root;
  /** Without ids yet. */
  data: Data;
}

/**
 * Null where the text cannot be parsed, or has no component as its default export that renders something. `known` is its
 * style, where it is that of another text. Throws a `DataError` where it is nested too deeply.
 */
export function read(path: string, text: string, library: Library, known: Style | null = null): Reading | null {
  try {
    return readPage(path, text, library, known);
  } catch (error) {
    // More calls than there is room for.
    if (error instanceof TooDeep || error instanceof RangeError) {
      throw new DataError(`${path} is nested too deeply to be edited`);
    }
    throw error;
  }
}

/** Each has a name that is longer by one character. */
const LIKE_SPREADS = 20;

class TooDeep extends Error {}

function readPage(path: string, text: string, library: Library, known: Style | null): Reading | null {
  const source = parsed(path, text);
  const rendered = source.parsed ? renderedBy(source.body) : null;
  if (!rendered) return null;
  const bindings = new Bindings(source, library);
  const lines = new Lines(text, source.body);
  const reader = new Reader(text, bindings, lines);
  const root = reader.root(rendered);
  const content = root.slot.parts.map((part) => part.item);
  const {
    id: _,
    children: __,
    ...props
  } = root.element ? reader.props(root.element, rendered) : ({ id: "" } as Item["props"]);
  let style = known;
  return {
    text,
    source,
    lines,
    bindings,
    root,
    data: { root: { props }, content },
    get style() {
      style ??= styleOf(text, source.body);
      return style;
    },
  };
}

class Reader {
  /** Of the items that are being read. */
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly bindings: Bindings,
    private readonly lines: Lines,
  ) {}

  root(node: Node): Root {
    const element = node.type === "JSXElement" ? this.element(node) : null;
    if (element && isHost(element.tag) && element.interior && holdsItems(element.tag) && element.slots.size) {
      return { slot: element.slots.get("children")!, element };
    }
    return { slot: this.expressionSlot(node), element: null };
  }

  /** The element's attributes and children; null where they cannot be told apart. */
  private element(node: Node): Element | null {
    const opening = node.openingElement as Node;
    const tag = tagOf(opening.name as Node);
    if (tag === null) return null;
    const type = this.bindings.typeOf(tag);
    const attributes: Element["attributes"] = new Map();
    const slots: Element["slots"] = new Map();
    for (const attribute of opening.attributes as Node[]) {
      const { start, end } = attribute;
      let name: string;
      if (attribute.type === "JSXSpreadAttribute") {
        const spread = attribute.argument as Node;
        name = `{...${this.text.slice(spread.start, spread.end)}}`;
        for (let n = 0; attributes.has(name); n++) {
          if (n === LIKE_SPREADS) return null;
          name += " ";
        }
      } else {
        name = propertyOf(tagOf(attribute.name as Node)!);
        if (attributes.has(name) || name === "__proto__") return null;
      }
      const value = (attribute.type === "JSXAttribute" ? attribute.value : null) as Node | null;
      attributes.set(name, { start, end, value });
      if (this.bindings.roleOf(type, name) === "slot") {
        if (!value) return null;
        const inner = value.type === "JSXExpressionContainer" ? (value.expression as Node) : value;
        const slot = this.expressionSlot(unwrap(inner));
        slots.set(name, { ...slot, value });
      }
    }
    const interior = node.closingElement ? { start: opening.end, end: (node.closingElement as Node).start } : null;
    const role = this.bindings.roleOf(type, "children");
    const children = node.children as Node[];
    if (interior && role !== "value" && !isFunction(children)) {
      const parts = this.parts(children);
      const plain = parts.length === 0 || (parts.length === 1 && parts[0]!.shown);
      if (role === "slot" || plain) slots.set("children", { parts, interior, expression: null, value: null });
    }
    return { node, tag, attributes, slots, interior };
  }

  /** The properties of an element, in the order of its attributes. */
  props({ tag, attributes, slots, interior }: Element, node: Node): Item["props"] {
    const type = this.bindings.typeOf(tag);
    const props: Item["props"] = { id: "" };
    const types = (node.openingElement as Node | undefined)?.typeArguments as Node | undefined;
    if (types) props[TYPE_ARGUMENTS] = { $source: this.lines.dedented(types.start, types.end) };
    for (const [name, attribute] of attributes) {
      const slot = slots.get(name);
      props[name] = slot ? slot.parts.map((part) => part.item) : this.value(attribute);
    }
    const children = slots.get("children");
    if (children) {
      const items = children.parts.map((part) => part.item);
      if (this.bindings.roleOf(type, "children") === "slot") {
        if (items.length) props.children = items;
      } else if (items[0]?.props.text) props.children = items[0].props.text;
    } else if (interior) {
      const inner = this.lines.dedented(interior.start, interior.end);
      if (inner.trim()) props.children = { $source: inner };
    }
    for (const name of this.bindings.slotsOf(type)) props[name] ??= [];
    return props;
  }

  private value({ start, end, value }: Attribute): unknown {
    if (!value) return this.text[start] === "{" ? { $source: this.lines.dedented(start, end) } : true;
    if (value.type === "Literal") return readQuoted(this.text.slice(value.start, value.end));
    if (value.type !== "JSXExpressionContainer") return { $source: this.lines.dedented(value.start, value.end) };
    const found = readValue(value.expression as Node, this.text, this.lines);
    return isCode(found) ? { $source: this.lines.dedented(value.start + 1, value.end - 1) } : found;
  }

  /** Items that are written as an expression: one, those of a fragment, or a string in quotes. */
  private expressionSlot(node: Node): Slot {
    const { start, end } = node;
    if (node.type === "JSXFragment") {
      const interior = { start: (node.openingFragment as Node).end, end: (node.closingFragment as Node).start };
      return { parts: this.parts(node.children as Node[]), interior, expression: { start, end }, value: null };
    }
    const slot = { interior: null, expression: { start, end }, value: null };
    if (node.type === "JSXElement") return { ...slot, parts: [this.elementPart(node)] };
    const value = readValue(node, this.text, this.lines);
    if (typeof value === "string") {
      const raw = this.text.slice(start, end);
      const quotes = node.type === "Literal" && this.text[start - 1] === "=";
      const text = quotes ? readQuoted(raw) : value;
      return {
        ...slot,
        parts: [{ start, end, item: textItem(text), element: null, shown: { text, origins: new Origins() } }],
      };
    }
    if (node.type === "Literal" && node.value === null) return { ...slot, parts: [] };
    return { ...slot, parts: [this.locked(node, `{${this.lines.dedented(start, end)}}`)] };
  }

  private elementPart(node: Node): Part {
    if (this.depth > ITEM_DEPTH) throw new TooDeep();
    this.depth += 1;
    const part = this.partOf(node);
    this.depth -= 1;
    return part;
  }

  private partOf(node: Node): Part {
    const { start, end } = node;
    if (node.type === "JSXFragment") {
      const interior = { start: (node.openingFragment as Node).end, end: (node.closingFragment as Node).start };
      const slot = { parts: this.parts(node.children as Node[]), interior, expression: null, value: null };
      const slots = new Map([["children", slot]]);
      const element = { node, tag: FRAGMENT, attributes: new Map(), slots, interior };
      const children = slot.parts.map((part) => part.item);
      return { start, end, item: { type: FRAGMENT, props: { id: "", children } }, element, shown: null };
    }
    const element = this.element(node);
    if (!element) return this.locked(node);
    const type = this.bindings.typeOf(element.tag);
    return { start, end, item: { type, props: this.props(element, node) }, element, shown: null };
  }

  private parts(children: Node[]): Part[] {
    const out: Part[] = [];
    let run: Node[] = [];
    const flush = () => {
      const shown = shownRun(run, this.text);
      // What a person empties stays there to be filled again, and goes with the text that it is next to.
      const empty = run.filter((piece) => stringIn(piece) === "").map(({ start, end }) => [start, end] as const);
      const { length } = shown.origins;
      const places = length ? [...empty, shown.origins.at(0), shown.origins.at(length - 1)] : empty;
      if (places.length) {
        const start = places.reduce((least, place) => Math.min(least, place[0]), this.text.length);
        const end = places.reduce((most, place) => Math.max(most, place[1]), 0);
        out.push({ start, end, item: textItem(shown.text), element: null, shown });
      }
      run = [];
    };
    for (const child of children) {
      if (child.type === "JSXText" || isBlank(child) || stringIn(child) !== null) {
        run.push(child);
        continue;
      }
      flush();
      out.push(/^JSX(?:Element|Fragment)$/.test(child.type) ? this.elementPart(child) : this.locked(child));
    }
    flush();
    return out;
  }

  private locked({ start, end }: Node, source = this.lines.dedented(start, end)): Part {
    return { start, end, item: { type: LOCKED, props: { id: "", source } }, element: null, shown: null };
  }
}

function textItem(text: string): Item {
  return { type: TEXT, props: { id: "", text } };
}

/** `{}` and comments. */
function isBlank(child: Node): boolean {
  return child.type === "JSXExpressionContainer" && (child.expression as Node).type === "JSXEmptyExpression";
}

/** Children that are called by the element, not shown by it. */
function isFunction(children: Node[]): boolean {
  const [only, ...others] = children.filter(
    (child) => child.type !== "JSXText" || /\S/.test(child.value as string) || child.end - child.start === 0,
  );
  if (!only || others.length || only.type !== "JSXExpressionContainer") return false;
  return /^(?:Arrow)?Function/.test(unwrap(only.expression as Node).type);
}
