/**
 * Between the data of a page, as the engine has them, and Puck's. Puck takes a point in a property's name for a path, and
 * wants lists in its slots, where a page may have an expression.
 */
import { type Data, type Item, isCode, isRecord } from "../worker/editor/data";

/** Stands for a point. */
const POINT = "\u2024";
/** Before the name of a slot that is an expression. */
const WRITTEN = "=";

type SlotsOf = (type: string) => readonly string[];

export const nameInPuck = (name: string): string => name.replaceAll(".", POINT);
export const nameInPage = (name: string): string => name.replaceAll(POINT, ".");
export const writtenSlot = (name: string): string => WRITTEN + name;
export const isWrittenSlot = (name: string): boolean => name.startsWith(WRITTEN);

export function toPuck(data: Data, slotsOf: SlotsOf): Data {
  return { root: { props: renamed(data.root.props, nameInPuck) }, content: data.content.map(item) };

  function item({ type, props }: Item): Item {
    const out: Item["props"] = { id: props.id };
    const slots = slotsOf(type);
    for (const [name, value] of Object.entries(props)) {
      if (!slots.includes(name)) out[nameInPuck(name)] = renamedValue(value, nameInPuck);
      else if (Array.isArray(value)) out[name] = (value as Item[]).map(item);
      else out[writtenSlot(name)] = value;
    }
    for (const name of slots) out[name] ??= [];
    return { type, props: out };
  }
}

export function toPage(data: Data, slotsOf: SlotsOf): Data {
  return { root: { props: renamed(data.root.props, nameInPage) }, content: data.content.map(item) };

  function item({ type, props }: Item): Item {
    const out: Item["props"] = { id: props.id };
    const slots = slotsOf(type);
    for (const [name, value] of Object.entries(props)) {
      const written = isWrittenSlot(name) ? name.slice(WRITTEN.length) : null;
      if (written !== null) out[written] = value;
      else if (!slots.includes(name)) out[nameInPage(name)] = renamedValue(value, nameInPage);
      else if (!(writtenSlot(name) in props)) out[name] = ((value ?? []) as Item[]).map(item);
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
