/**
 * The canvas variant of a page's module. What the page renders is handed to the canvas as functions, by the source that
 * the data have: they run in the page's own scope, with its hooks, so that what cannot be edited is shown for real.
 * Everything else of the text stays where it is, also its lines.
 */

import { type Diagnostic, diagnosticAt, Problem } from "../diagnostics";
import { keyOf, type Node } from "../literal";
import type { Span } from "../spans";
import type { Library } from "./bindings";
import { DataError, isCode, isSpread, LOCKED, type Props } from "./data";
import { type Attribute, type Element, type Part, type Place, type Reading, read, type Slot } from "./reading";
import { unwrap } from "./values";

/** Follows a page's path in the id of its canvas variant. */
export const CANVAS = "?canvas";

const CALLED = "globalThis.__overskill_canvas__";

/** A page that cannot be edited has no canvas, which is nothing to others that show it. */
export class NoCanvas extends Problem {}

export function noPage(path: string, text: string): Diagnostic {
  const hint = "A page is a module whose default export is a component that returns JSX.";
  return diagnosticAt("syntax", `${path} has no page to edit`, path, text, 0, 1, { hint });
}

/** What to change in a page's text. Throws `NoCanvas`. */
export function canvasOf(path: string, text: string, library: Library): Span[] {
  const reading = readingOf(path, text, library);
  if (!reading) throw new NoCanvas(noPage(path, text));
  return spansOf(reading);
}

function readingOf(path: string, text: string, library: Library): Reading | null {
  try {
    return read(path, text, library);
  } catch (error) {
    if (error instanceof DataError) throw new NoCanvas(diagnosticAt("syntax", error.message, path, text, 0, 1));
    throw error;
  }
}

/** A stretch of the text that stays, as a function of its own. */
interface Kept extends Place {
  key: string;
  /** What stands around it in the function. */
  around: readonly [before: string, after: string];
}

const VALUE = ["(", ")"] as const;
const CHILDREN = ["(<>", "</>)"] as const;

function spansOf(reading: Reading): Span[] {
  const { text, root } = reading;
  const { start, end } = root.element?.node ?? root.slot.expression!;
  const waiting = awaitsIn(reading, start, end);
  const known = new Set<string>();
  const kept = [...new Finder(reading).all()].filter((one) => {
    // Nothing waits in the function of a value.
    if (known.has(one.key) || waiting.some((at) => one.start <= at && at < one.end)) return false;
    known.add(one.key);
    return true;
  });
  const spans: Span[] = [];
  let at = start;
  let code = `(${CALLED}({ values: {`;
  const flush = (to: number) => {
    const lines = text.slice(at, to).replace(/[^\n]+/g, "");
    spans.push({ start: at, end: to, text: code + lines });
  };
  for (const one of kept.sort((a, b) => a.start - b.start)) {
    code += ` ${JSON.stringify(one.key)}: () => `;
    // The lines come first: what is kept begins in its own.
    flush(one.start);
    spans.at(-1)!.text += one.around[0];
    code = `${one.around[1]},`;
    at = one.end;
  }
  code += ` }, ${tagsOf(reading)} }))`;
  flush(end);
  return spans;
}

class Finder {
  constructor(private readonly reading: Reading) {}

  all(): Iterable<Kept> {
    const { root, data } = this.reading;
    return root.element ? this.element(root.element, data.root.props) : this.slot(root.slot);
  }

  private *slot({ parts }: Slot): Iterable<Kept> {
    for (const part of parts) {
      if (part.element) yield* this.element(part.element, part.item.props);
      else if (part.item.type === LOCKED) yield this.locked(part);
    }
  }

  private locked({ start, end, item }: Part): Kept {
    const source = String(item.props.source);
    const key = `j:${source}`;
    // The expression of an attribute has braces in the data only.
    if (source !== this.reading.lines.dedented(start, end)) return { start, end, key, around: VALUE };
    return { ...this.child(start, end), key };
  }

  /** An element, or an expression in braces. */
  private child(start: number, end: number): Omit<Kept, "key"> {
    const { text } = this.reading;
    if (text[start] !== "{") return { start, end, around: VALUE };
    const spread = /^\{(?:\s|\/\*[\s\S]*?\*\/|\/\/.*\n)*\.\.\./.exec(text.slice(start, end));
    return { start: start + (spread?.[0].length ?? 1), end: end - 1, around: VALUE };
  }

  private *element({ node, attributes, slots, interior }: Element, props: Props): Iterable<Kept> {
    for (const [name, attribute] of attributes) {
      const slot = slots.get(name);
      if (slot) yield* this.slot(slot);
      else yield* this.attribute(name, attribute, props[name]);
    }
    const children = slots.get("children");
    if (children) yield* this.slot(children);
    else if (interior && isCode(props.children)) yield this.interior(node, interior, props.children.$source);
  }

  private *attribute(name: string, { start, end, value }: Attribute, held: unknown): Iterable<Kept> {
    if (!value) {
      // Of the same ones, the second has white space behind its name.
      if (isSpread(name)) yield { start, end, key: `e:${name.trimEnd()}`, around: VALUE };
      return;
    }
    if (value.type !== "JSXExpressionContainer") {
      if (isCode(held)) yield { start: value.start, end: value.end, key: `e:${held.$source}`, around: VALUE };
    } else if (isCode(held)) {
      yield { start: value.start + 1, end: value.end - 1, key: `e:${held.$source}`, around: VALUE };
    } else yield* this.within(value.expression as Node, held);
  }

  /** The expressions in a literal, of which `held` is the value. */
  private *within(given: Node, held: unknown): Iterable<Kept> {
    if (typeof held !== "object" || held === null) return;
    const { start, end } = given;
    if (isCode(held)) {
      yield { start, end, key: `e:${held.$source}`, around: VALUE };
      return;
    }
    const node = unwrap(given);
    if (node.type === "ArrayExpression") {
      for (const [i, one] of (node.elements as Node[]).entries()) yield* this.within(one, (held as unknown[])[i]);
    }
    if (node.type === "ObjectExpression") {
      for (const property of node.properties as Node[]) {
        yield* this.within(property.value as Node, (held as Props)[keyOf(property)!]);
      }
    }
  }

  /** What stands between the tags: one child by itself is given as it is, a function say. */
  private interior(node: Node, { start, end }: Place, source: string): Kept {
    const key = `j:${source}`;
    const [only, ...others] = (node.children as Node[]).filter(isShown);
    if (only && !others.length && only.type !== "JSXText" && only.type !== "JSXSpreadChild") {
      return { ...this.child(only.start, only.end), key };
    }
    return { start, end, key, around: CHILDREN };
  }
}

function isShown(child: Node): boolean {
  if (child.type === "JSXText") return !/^\s*\n\s*$/.test(String(child.value));
  return child.type !== "JSXExpressionContainer" || (child.expression as Node).type !== "JSXEmptyExpression";
}

/** The components that the canvas cannot know; and the app's, which are imported for it. */
function tagsOf({ bindings }: Reading): string {
  const types: string[] = [];
  const app: string[] = [];
  for (const [type, { kind, tag }] of bindings.origins) {
    if (kind === "host" || tag.includes(":")) continue;
    if (bindings.library.component(type)) app.push(tag);
    else types.push(`${JSON.stringify(type)}: () => ${tag}`);
  }
  return `types: { ${types.join(", ")} }, uses: () => [${app.join(", ")}]`;
}

/** Where what is rendered waits, but for what functions in it do. */
function awaitsIn({ text, source }: Reading, start: number, end: number): number[] {
  const found: number[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const one of value) visit(one);
      return;
    }
    const node = value as Node | null;
    if (typeof node !== "object" || node === null) return;
    if (typeof node.type === "string") {
      const inside = node.start >= start && node.end <= end;
      if (node.end <= start || node.start >= end || (inside && /Function/.test(node.type))) return;
      if (inside && /^(?:Await|Yield)Expression$/.test(node.type)) found.push(node.start);
    }
    for (const key in node) if (typeof node[key] === "object") visit(node[key]);
  };
  if (/\b(?:await|yield)\b/.test(text.slice(start, end))) visit(source.body);
  return found;
}
