/**
 * What the canvas holds of a page: Puck's data, with a few conventions that make it say all that the source says.
 *
 * An item is an element, a text (`#text`) or JSX that cannot be shown as items (`#locked`, with its `source`); `<>` is a
 * fragment. A component is named as the catalogue names it, an element of the page by its tag. Values are literals;
 * `{ $source }` is an expression, kept as it is written, and `{ $date }` a `new Date("…")`. Attributes that Puck or
 * React keep for themselves have a `#` before their names; `"{...rest}"` is a spread, `"<>"` are type arguments.
 *
 * `normal` gives the one form that data has among those that mean the same; the law is data(page(data)) = normal(data).
 */

export const TEXT = "#text";
export const LOCKED = "#locked";
export const FRAGMENT = "<>";
export const TYPE_ARGUMENTS = "<>";

export type Props = Record<string, unknown>;

export interface Item {
  type: string;
  props: Props & { id: string };
}

export interface Data {
  root: { props: Props };
  content: Item[];
}

/** An expression as it is written. */
export interface Code {
  $source: string;
}

/** What a property holds: items, the text between the tags, or a value. */
export type Role = "slot" | "text" | "value";

/** What must be known of components to read their elements. */
export interface Roles {
  roleOf(type: string, name: string): Role;
  /** The slots that are there even when they are empty. */
  slotsOf(type: string): readonly string[];
}

/** How deeply items may be nested in each other, and values in a property: the engine reads 1,000 levels of JSON. */
export const ITEM_DEPTH = 250;
export const VALUE_DEPTH = 100;

const RESERVED = /^(?:id|key|ref|puck|editMode|children)$/;

/** The name of a property for an attribute, and back. */
export const propertyOf = (attribute: string): string => (RESERVED.test(attribute) ? `#${attribute}` : attribute);
export const attributeOf = (property: string): string => property.replace(/^#/, "");

export const isSpread = (property: string): boolean => property.startsWith("{...");

export function isCode(value: unknown): value is Code {
  return isRecord(value) && typeof value.$source === "string";
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Found already: what is nested is compared with the same at each of its levels. */
let compared: Map<object, { other: object; isSame: boolean }> | null = null;

/** While nothing changes the values, no two are compared twice. */
export function comparing<T>(action: () => T): T {
  const before = compared;
  compared = new Map();
  try {
    return action();
  } finally {
    compared = before;
  }
}

/** Whether two values are the same, whatever the order of their keys. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const known = compared?.get(a);
  if (known?.other === b) return known.isSame;
  const isSame = sameWithin(a, b);
  compared?.set(a, { other: b, isSame });
  return isSame;
}

function sameWithin(a: object, b: object): boolean {
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  if (keys.length !== others.length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same((a as Props)[key], (b as Props)[key]));
}

/** The items in a property. */
export function itemsIn(props: Props, name: string): Item[] {
  const value = props[name];
  return Array.isArray(value) ? (value as Item[]) : [];
}

/** The names of an item's slots. */
export function slotNames(item: Item, roles: Roles): string[] {
  return Object.keys(item.props).filter((name) => isSlot(item, name, roles));
}

export function isSlot(item: Item, name: string, roles: Roles): boolean {
  return Array.isArray(item.props[name]) && roles.roleOf(item.type, name) === "slot";
}

/** Items in order, each before what is in it. */
export function* walkItems(items: readonly Item[], roles: Roles): Iterable<Item> {
  const waiting = [...items].reverse();
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    yield item;
    for (const name of slotNames(item, roles).reverse()) {
      const inner = itemsIn(item.props, name);
      for (let i = inner.length - 1; i >= 0; i--) waiting.push(inner[i]!);
    }
  }
}

/** Thrown for data that are not a page's; nothing is written then. */
export class DataError extends Error {}

/**
 * `fresh` gives an id for an item of a type that has none, or that of another; of texts that become one, the id stays
 * that `isKnown`.
 */
export function normal(
  data: unknown,
  roles: Roles,
  fresh: (type: string) => string,
  isKnown: (id: string) => boolean = () => false,
): Data {
  if (!isRecord(data)) throw new DataError("The data are not an object");
  const seen = new Set<string>();
  const root = isRecord(data.root) && isRecord(data.root.props) ? data.root.props : {};
  if (data.content !== undefined && !Array.isArray(data.content))
    throw new DataError("The content is no list of items");
  const { id: _, ...props } = values(root);
  for (const value of Object.values(props)) refuseDeep(value);
  return { root: { props }, content: normalItems(data.content ?? [], 0) };

  function normalItems(list: unknown, depth: number): Item[] {
    if (typeof list === "string" || typeof list === "number") {
      return list === "" ? [] : [{ type: TEXT, props: { id: fresh(TEXT), text: String(list) } }];
    }
    if (list === null) return [];
    if (!Array.isArray(list)) throw new DataError("A slot holds no list of items");
    if (depth > ITEM_DEPTH) throw new DataError("The items are nested too deeply");
    const out: Item[] = [];
    for (const given of list) {
      const item = normalItem(given, depth);
      const last = out.at(-1);
      if (item.type !== TEXT || last?.type !== TEXT) out.push(item);
      else {
        last.props.text = `${last.props.text}${item.props.text}`;
        if (!isKnown(last.props.id) && isKnown(item.props.id)) last.props.id = item.props.id;
      }
    }
    return out;
  }

  function normalItem(given: unknown, depth: number): Item {
    if (!isRecord(given) || typeof given.type !== "string" || !given.type) throw new DataError("An item has no type");
    const { type } = given;
    const from = isRecord(given.props) ? given.props : {};
    let id = typeof from.id === "string" ? from.id : "";
    if (!id || seen.has(id)) id = fresh(type);
    seen.add(id);
    if (type === TEXT) return { type, props: { id, text: String(from.text ?? "") } };
    if (type === LOCKED) return { type, props: { id, source: String(from.source ?? "") } };
    const props: Item["props"] = { id };
    for (const [name, value] of Object.entries(values(from))) {
      if (name === "id") continue;
      const role = isCode(value) ? "value" : roles.roleOf(type, name);
      if (role === "text" && (value === "" || value === null)) continue;
      if (role === "slot") {
        const items = normalItems(value, depth + 1);
        if (items.length) props[name] = items;
      } else {
        refuseDeep(value);
        props[name] = role === "text" ? String(value) : value;
      }
    }
    for (const name of roles.slotsOf(type)) props[name] ??= [];
    return { type, props };
  }
}

/** Of a value as it is read: code at the last level may be a list or an object again. */
function refuseDeep(value: unknown, depth = 0): void {
  if (typeof value !== "object" || value === null || isCode(value)) return;
  if (depth >= VALUE_DEPTH) throw new DataError("A value is nested too deeply");
  for (const key in value) refuseDeep((value as Props)[key], depth + 1);
}

function values(props: Props): Props {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
}
