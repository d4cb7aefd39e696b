/**
 * From items back to the page's source. What did not change is copied, character by character; what moved is copied too,
 * with the indentation of its new place; only what is new is printed. Imports follow, and the result is read again: a
 * text that would not give the data that was asked for is never handed out.
 */
import { splice } from "../css";
import type { Node } from "../literal";
import { attributeName, changedAttribute, type Edit, printAttribute, removedAttribute } from "./attributes";
import {
  comparing,
  type Data,
  DataError,
  FRAGMENT,
  type Item,
  isCode,
  isSlot,
  isSpread,
  itemsIn,
  LOCKED,
  same,
  TEXT,
  TYPE_ARGUMENTS,
} from "./data";
import { commentsWithin, Former, isSame, type Shift } from "./former";
import { isHost, isVoid } from "./host";
import { withImport, withMissing, withoutUnused } from "./import_statements";
import { arrange, gapsOf } from "./layout";
import { indented } from "./lines";
import type { Element, Part, Reading, Slot } from "./reading";
import { rewriteText } from "./rewriting";
import { indentAt, startsLine } from "./style";
import { type Memory, Tags } from "./tags";
import { type Edges, edgesOf, endOf, printQuoted, printText } from "./text";
import { printValue } from "./values";
import { Widths } from "./widths";

const WIDTH = 100;

/** The page's text for other data; both the former and the new ones have their ids, and are normal. */
export function write(reading: Reading, data: Data, next: Data, memory: Memory): string {
  if (same(data, next)) return reading.text;
  const writer = new Writer(reading, data, next, memory);
  const { source, style, bindings } = reading;
  const root = comparing(() => writer.root());
  let text = splice(reading.text, [root]);
  for (const wanted of writer.tags.wanted.values()) {
    text = withImport(source.path, text, wanted, style, bindings.library);
  }
  text = withMissing(text, reading, memory.imports);
  return withoutUnused(source.path, text, source);
}

class Writer {
  readonly tags: Tags;
  private readonly former: Former;
  private readonly text: string;
  private readonly widths: Widths;

  constructor(
    private readonly reading: Reading,
    private readonly data: Data,
    private readonly next: Data,
    memory: Memory,
  ) {
    this.text = reading.text;
    this.tags = new Tags(reading, memory);
    this.former = new Former(reading, next);
    this.widths = new Widths(reading.bindings);
  }

  // ------------------------------------------------------------------------------------------------------------- places

  root(): Edit {
    const { slot, element } = this.reading.root;
    const { content } = this.next;
    if (element) {
      const { start, end } = element.node;
      const item: Item = { type: element.tag, props: { ...this.next.root.props, id: "", children: content } };
      const former: Item = {
        type: element.tag,
        props: { ...this.data.root.props, id: "", children: this.data.content },
      };
      return { start, end, text: this.element(element, former, item, null) };
    }
    return this.expression(slot, content, null, (items) => this.rootExpression(slot, items));
  }

  /** An element that stays the same element. */
  private element(element: Element, before: Item, after: Item, shift: Shift | null): string {
    const { start, end } = element.node;
    return this.former.cut(
      start,
      end,
      [...this.attributes(element, before, after, shift), ...this.children(element, before, after, shift)],
      shift,
    );
  }

  private children(element: Element, before: Item, after: Item, shift: Shift | null): Edit[] {
    const value = after.props.children;
    if (same(before.props.children, value)) return [];
    const slot = element.slots.get("children");
    const { interior, node } = element;
    const outer = this.former.indent(node.start, shift);
    if (interior && isCode(value)) return [{ ...interior, text: indented(value.$source, outer, "child") }];
    const items = this.childItems(slot, value);
    if (interior)
      return [slot ? this.interior(slot, items, outer, shift) : { ...interior, text: this.lines(items, outer) }];
    if (!items.length && !isCode(value)) return [];
    const opening = node.openingElement as Node;
    const inner = isCode(value) ? indented(value.$source, outer, "child") : this.lines(items, outer);
    const slash = opening.end - 2;
    const from = startsLine(this.text, slash) ? slash : endOf(this.text, /[ \t]/, slash);
    return [{ start: from, end: node.end, text: `>${inner}</${element.tag}>` }];
  }

  /** What stands between the tags as items; a text that is a property is the one item that it was. */
  private childItems(slot: Slot | undefined, value: unknown): Item[] {
    if (Array.isArray(value)) return value as Item[];
    if (typeof value !== "string" || value === "") return [];
    return [{ type: TEXT, props: { id: slot?.parts[0]?.item.props.id ?? "", text: value } }];
  }

  private interior(slot: Slot, items: readonly Item[], outer: string, shift: Shift | null): Edit {
    const { parts } = slot;
    const { start, end } = slot.interior!;
    const gaps = gapsOf(this.text, parts, slot.interior!);
    if (parts.length === items.length && parts.every((part, i) => isSame(part.item, items[i]!))) {
      const edits = parts.map((part, i) => ({
        start: part.start,
        end: part.end,
        text: this.part(part, items[i]!, edgesOf(gaps[i]!, gaps[i + 1]!), shift),
      }));
      return { start, end, text: this.former.cut(start, end, edits, shift) };
    }
    let at = start;
    const shifted = gaps.map((gap, i) => {
      const from = at;
      at = parts[i]?.end ?? end;
      return this.former.cut(from, from + gap.length, [], shift);
    });
    return { start, end, text: this.arranged(parts, shifted, items, outer, shift) };
  }

  private arranged(
    parts: readonly Part[],
    gaps: string[],
    items: readonly Item[],
    outer: string,
    shift: Shift | null,
  ): string {
    const { seats, tail, indent } = arrange({
      parts,
      gaps,
      items,
      outer,
      style: this.reading.style,
      isElsewhere: (item) => this.former.isPresent(item),
      commentsWith: (item) => this.former.commentsWith(item),
      commentsAmong: ({ start, end, shown }) => (shown ? this.former.commentsIn(start, end) : ""),
    });
    let out = "";
    for (const [i, { item, lead, part }] of seats.entries()) {
      const edges = edgesOf(lead, seats[i + 1]?.lead ?? tail);
      const stays = part && isSame(part.item, item);
      out += lead + (stays ? this.part(part, item, edges, shift) : this.item(item, indent, edges));
    }
    return out + tail;
  }

  /** A part that stays where it is. */
  private part(part: Part, item: Item, edges: Edges, shift: Shift | null): string {
    if (part.element) return this.element(part.element, part.item, item, shift);
    if (part.shown) return this.words(part, String(item.props.text), edges, shift);
    const { start, end } = part;
    // At the root, or as an attribute, an expression has no braces of its own.
    if (this.reading.lines.dedented(start, end) === item.props.source) return this.former.cut(start, end, [], shift);
    return indented(String(item.props.source), this.former.indent(start, shift), "child");
  }

  private words({ start, end, shown }: Part, text: string, edges: Edges, shift: Shift | null): string {
    const run = { source: this.text, start, end, shown: shown!, comments: this.former.commentsIn(start, end) };
    return rewriteText(run, text, edges, this.former.cut(start, end, [], shift), this.reading.style);
  }

  /** Items in place of an expression. */
  private expression(
    slot: Slot,
    items: readonly Item[],
    shift: Shift | null,
    print: (items: readonly Item[]) => string,
  ): Edit {
    const { start, end } = slot.expression!;
    const outer = this.former.indent(start, shift);
    if (slot.interior) {
      const edit = this.interior(slot, items, outer, shift);
      return { start, end, text: this.former.cut(start, end, [edit], shift) };
    }
    const [part] = slot.parts;
    const [item] = items;
    if (part?.element && item && items.length === 1 && isSame(part.item, item)) {
      const edit = {
        start: part.start,
        end: part.end,
        text: this.part(part, item, { before: false, after: false }, shift),
      };
      return { start, end, text: this.former.cut(start, end, [edit], shift) };
    }
    if (part && item && items.length === 1 && part.item.type !== TEXT && same(part.item, item)) {
      return { start, end, text: this.former.cut(start, end, [], shift) };
    }
    return { start, end, text: print(items) };
  }

  private rootExpression(slot: Slot, items: readonly Item[]): string {
    if (!items.length) return "null";
    const { start, end } = slot.expression!;
    const outer = indentAt(this.text, start);
    const one = this.single(items);
    const source = one?.type === LOCKED ? String(one.props.source) : "";
    if (source.startsWith("{")) return indented(source.slice(1, -1), outer, "value");
    // A return without parentheses needs them as soon as it has lines of its own.
    const bare = !/\(\s*$/.test(this.text.slice(0, start)) || !/^\s*\)/.test(this.text.slice(end));
    const { newline, unit } = this.reading.style;
    const inner = bare ? outer + unit : outer;
    // An element of the page alone would be the page's own.
    const alone = one && one.type !== TEXT && one.type !== FRAGMENT && !isHost(one.type);
    const text = alone ? this.item(one, inner, CLOSE) : `<>${this.lines(items, inner)}</>`;
    return bare && text.includes("\n") ? `(${newline}${inner}${text}${newline}${outer})` : text;
  }

  // --------------------------------------------------------------------------------------------------------- attributes

  private attributes(element: Element, before: Item, after: Item, shift: Shift | null): Edit[] {
    const edits: Edit[] = [];
    const { style } = this.reading;
    const added: string[] = [];
    const names = new Set([...Object.keys(before.props), ...Object.keys(after.props)]);
    for (const name of names) {
      if (name === "id" || name === "children" || name === TYPE_ARGUMENTS) continue;
      const attribute = element.attributes.get(name);
      const value = after.props[name];
      const isItems = isSlot(after, name, this.reading.bindings);
      const empty = value === undefined || (isItems && !itemsIn(after.props, name).length);
      if (!attribute) {
        const text = empty ? "" : this.attribute(after, name, this.former.indent(element.node.start, shift));
        if (text) added.push(text);
        continue;
      }
      const slot = element.slots.get(name);
      if (same(before.props[name], value) && !slot) continue;
      if (empty) {
        if (slot && !slot.parts.length) continue;
        const left = slot && this.hasComments(slot) ? this.slotAttribute(slot, [], shift) : null;
        // Comments that went along with their items leave nothing.
        const stays = left && !/^\{<>\s*<\/>\}$/.test(left.text);
        edits.push(stays ? left : removedAttribute(attribute, this.reading));
      } else if (slot && isItems) {
        const items = itemsIn(after.props, name);
        if (
          same(
            slot.parts.map((part) => part.item),
            items,
          )
        )
          continue;
        edits.push(this.slotAttribute(slot, items, shift));
      } else {
        const indent = this.former.indent(attribute.start, shift);
        edits.push(changedAttribute(attribute, name, before.props[name], value, this.reading, indent));
      }
    }
    if (added.length) {
      const opening = element.node.openingElement as Node;
      const last = [...element.attributes.values()].at(-1);
      const at = last?.end ?? ((opening.typeArguments as Node | null) ?? (opening.name as Node)).end;
      const lines = last && startsLine(this.text, last.start);
      const lead = lines ? style.newline + this.former.indent(last.start, shift) : " ";
      edits.push({ start: at, end: at, text: added.map((text) => lead + text).join("") });
    }
    return edits.sort((a, b) => a.start - b.start || a.end - b.end);
  }

  private slotAttribute(slot: Slot, items: readonly Item[], shift: Shift | null): Edit {
    const { start, end } = slot.value!;
    const indent = this.former.indent(start, shift);
    const [part] = slot.parts;
    const inPlace = slot.interior || (part?.element && items.length === 1 && isSame(part.item, items[0]!));
    if (!inPlace && !this.hasComments(slot)) return { start, end, text: this.slotValue(items, indent) };
    const edit = this.expression(slot, items, shift, () => this.slotExpression(items, indent));
    return { start, end, text: this.former.cut(start, end, [edit], shift) };
  }

  /** Whether there are comments in an attribute's value, beside its items and among their words. */
  private hasComments({ parts, value }: Slot): boolean {
    const { start, end } = value!;
    return commentsWithin(this.reading, start, end).some(
      (comment) => !parts.some((part) => !part.shown && part.start <= comment.start && part.end >= comment.end),
    );
  }

  /** Items as the value of an attribute. */
  private slotValue(items: readonly Item[], indent: string): string {
    const { style } = this.reading;
    const one = this.single(items);
    if (one?.type === TEXT) return printQuoted(String(one.props.text), style.attributeQuote, style);
    return `{${this.slotExpression(items, indent)}}`;
  }

  /** The same without quotes that are an attribute's, and without braces. */
  private slotExpression(items: readonly Item[], indent: string): string {
    if (!items.length) return "null";
    const one = this.single(items);
    if (!one || one.type === FRAGMENT) return `<>${this.lines(items, indent)}</>`;
    if (one.type === TEXT) return printValue(one.props.text, this.reading.style, indent);
    const source = this.item(one, indent, CLOSE);
    return one.type === LOCKED && source.startsWith("{") ? source.slice(1, -1) : source;
  }

  /** The only one of some items, where it can stand without tags around it; comments that come along need them. */
  private single(items: readonly Item[]): Item | null {
    const [item, ...others] = items;
    if (!item || others.length || this.former.commentsWith(item) || this.former.commentsAmong(item)) return null;
    return item.type === LOCKED && /^\{\s*\.\.\./.test(String(item.props.source)) ? null : item;
  }

  private attribute(item: Item, name: string, indent: string): string {
    const value = item.props[name];
    if (isCode(value) && isSpread(name)) return indented(value.$source, indent, "value");
    const attribute = attributeName(name);
    if (isSlot(item, name, this.reading.bindings)) {
      const items = itemsIn(item.props, name);
      return items.length ? `${attribute}=${this.slotValue(items, indent)}` : "";
    }
    return printAttribute(attribute, value, this.reading.style, indent);
  }

  // ----------------------------------------------------------------------------------------------------------- printing

  /** An item at a place where it was not before. */
  private item(item: Item, indent: string, edges: Edges): string {
    const { style } = this.reading;
    const known = this.former.part(item.props.id);
    const here = known && isSame(known.item, item) ? known : this.former.copyOf(item);
    if (here && item.type !== TEXT) {
      const from = indentAt(this.text, here.start);
      const shift = this.reading.lines.all(here.start, here.end, from) ? { from, to: indent } : null;
      return here === known ? this.part(here, item, edges, shift) : this.former.cut(here.start, here.end, [], shift);
    }
    if (item.type === TEXT) {
      const words = String(item.props.text);
      if (known?.shown?.origins.length) return this.words(known, words, edges, null);
      return printText(words, edges, style);
    }
    if (item.type === LOCKED) return indented(String(item.props.source), indent, "child");
    return this.printedElement(item, this.tags.of(item.type), indent);
  }

  private printedElement(item: Item, tag: string, indent: string): string {
    const { style } = this.reading;
    const types = item.props[TYPE_ARGUMENTS];
    const head = item.type !== FRAGMENT && isCode(types) ? `<${tag}${types.$source}` : `<${tag}`;
    const inner = indent + style.unit;
    const names = Object.keys(item.props).filter((n) => !["id", "children", TYPE_ARGUMENTS].includes(n));
    const print = (at: string) => names.map((name) => this.attribute(item, name, at)).filter(Boolean);
    const room = WIDTH - indent.length - head.length;
    // What cannot fit is printed once: twice at each level would be too often.
    const line = this.widths.ofAttributes(item) > Math.max(room, 0) ? null : print(indent).map((text) => ` ${text}`);
    let attributes = line?.join("") ?? "";
    const broken = line === null || (attributes !== "" && attributes.length > room);
    if (broken) {
      const lines = print(inner).map((text) => style.newline + inner + text);
      attributes = lines.join("") + style.newline + indent;
    }
    if (item.type === FRAGMENT) return `<>${this.lines(itemsIn(item.props, "children"), indent)}</>`;
    const value = item.props.children;
    const items = this.childItems(undefined, value);
    if (items.length && isVoid(tag)) throw new DataError(`<${tag}> cannot hold anything`);
    if (isCode(value)) return `${head}${attributes}>${indented(value.$source, indent, "child")}</${tag}>`;
    if (items.length) return `${head}${attributes}>${this.lines(items, indent)}</${tag}>`;
    const close = broken ? "/>" : style.selfClosing;
    return head + attributes + (isHost(tag) && !isVoid(tag) ? `></${tag}>` : close);
  }

  /** Items between new tags. */
  private lines(items: readonly Item[], outer: string): string {
    return this.arranged([], [""], items, outer, null);
  }
}

const CLOSE: Edges = { before: false, after: false };
