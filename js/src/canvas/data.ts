/**
 * Between the data of a page, as the engine has them, and Puck's. Puck takes a point in a property's name for a path, and
 * wants lists in its slots, where a page may have an expression.
 */
import { type Data, FRAGMENT, type Item, isCode, isRecord, TEXT } from "../worker/editor/data";

/** Stands for a point. */
const POINT = "\u2024";
/** Before the name of a slot that is an expression. */
const WRITTEN = "=";
/**
 * The text of an item that holds nothing else: what a person sees as one thing, a heading say, is one thing to select and
 * to drag.
 */
export const OWN_TEXT = "=text";
const OWN_TEXT_ID = "=text id";

/** What is to be known of types. */
interface Types {
  slotsOf(type: string): readonly string[];
  /** What Puck would fill in. */
  defaultsOf(type: string): Record<string, unknown>;
}

export const nameInPuck = (name: string): string => name.replaceAll(".", POINT);
export const nameInPage = (name: string): string => name.replaceAll(POINT, ".");
export const writtenSlot = (name: string): string => WRITTEN + name;
export const isWrittenSlot = (name: string): boolean => name.startsWith(WRITTEN) && !isOwnText(name);
export const isOwnText = (name: string): boolean => name === OWN_TEXT || name === OWN_TEXT_ID;

export function toPuck(data: Data, types: Types): Data {
  return { root: { props: renamed(data.root.props, nameInPuck) }, content: data.content.map(item) };

  function item({ type, props }: Item): Item {
    const out: Item["props"] = { id: props.id };
    const slots = types.slotsOf(type);
    // What begins an item is not what an item without it has.
    for (const name of Object.keys(types.defaultsOf(type))) if (!(name in props)) out[nameInPuck(name)] = undefined;
    for (const [name, value] of Object.entries(props)) {
      if (!slots.includes(name)) out[nameInPuck(name)] = renamedValue(value, nameInPuck);
      else if (Array.isArray(value)) out[name] = (value as Item[]).map(item);
      else out[writtenSlot(name)] = value;
    }
    for (const name of slots) out[name] ??= [];
    if (type === FRAGMENT || !Array.isArray(out.children) || writtenSlot("children") in out)
      return { type, props: out };
    const [only, ...others] = out.children as Item[];
    out[OWN_TEXT] = "";
    if (!only) return { type, props: out };
    if (only.type === TEXT && !others.length) {
      Object.assign(out, { children: [], [OWN_TEXT]: only.props.text, [OWN_TEXT_ID]: only.props.id });
    }
    return { type, props: out };
  }
}

export function toPage(data: Data, types: Pick<Types, "slotsOf">): Data {
  return { root: { props: renamed(data.root.props, nameInPage) }, content: data.content.map(item) };

  function item({ type, props }: Item): Item {
    const out: Item["props"] = { id: props.id };
    const slots = types.slotsOf(type);
    for (const [name, value] of Object.entries(props)) {
      if (isOwnText(name) || value === undefined) continue;
      const written = isWrittenSlot(name) ? name.slice(WRITTEN.length) : null;
      if (written !== null) out[written] = value;
      else if (!slots.includes(name)) out[nameInPage(name)] = renamedValue(value, nameInPage);
      else if (!(writtenSlot(name) in props)) out[name] = ((value ?? []) as Item[]).map(item);
    }
    const text = props[OWN_TEXT];
    if (typeof text === "string" && text) {
      const own: Item = { type: TEXT, props: { id: String(props[OWN_TEXT_ID] ?? ""), text } };
      out.children = [own, ...((out.children ?? []) as Item[])];
    }
    return { type, props: out };
  }
}

function renamed(props: Record<string, unknown>, rename: (name: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(props).map(([name, value]) => [rename(name), renamedValue(value, rename)]));
}

function renamedValue(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((inner) => renamedValue(inner, rename));
  return isRecord(value) && !isCode(value) ? renamed(value, rename) : value;
}
