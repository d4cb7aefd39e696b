/**
 * One page in the editor: its text, the data that the text gives, and the way between them. It remembers the texts that
 * its data had, so that an undo gives back the very bytes.
 */
import { MAX_BYTES } from "../files";
import type { Library, Origin } from "./bindings";
import { type Data, DataError, type Item, itemsIn, normal, type Props, same, slotNames, walkItems } from "./data";
import { importedNames } from "./import_statements";
import { Ids, match } from "./matching";
import { refuseDeepCode } from "./nesting";
import { type Part, type Reading, read, type Slot } from "./reading";
import type { Memory } from "./tags";
import { write } from "./writing";

/** Texts that are remembered. */
const KEPT = 200;
/** No text so long is read again to see whether it is right; of less, who writes it says whether a file may have it. */
const MAX_LENGTH = 4 * MAX_BYTES;

export interface View {
  /** Not to be changed, but copied. */
  data: Data;
  /** The tag of the page's own element; empty where it has none that can hold others. */
  root: string;
  /** Where each item is written. */
  places: Record<string, [start: number, end: number]>;
  /** What the page uses beside the app's components. */
  types: Record<string, Origin>;
}

export class Page {
  private readonly ids = new Ids();
  private readonly memory: Memory = { origins: new Map(), imports: new Map() };
  private readonly texts = new Map<number, string>();
  private reading: Reading | null = null;
  private data: Data | null = null;
  /** Of the library, when the text was read. */
  private revision = -1;
  /** The byte order mark that the file begins with. */
  private mark = "";

  constructor(
    readonly path: string,
    private readonly library: Library,
  ) {}

  get text(): string | null {
    return this.reading && this.mark + this.reading.text;
  }

  /**
   * Takes the file's text in. Null where nothing of it can be shown, a `DataError` where it is nested too deeply: what
   * was shown stays valid until it can.
   */
  take(text: string): View | null {
    if (text === this.text && this.revision === this.library.revision) return this.view();
    const reading = read(this.path, text.replace(/^\ufeff/, ""), this.library);
    if (!reading) return null;
    this.mark = text.startsWith("\ufeff") ? "\ufeff" : "";
    if (this.reading && this.reading.text !== reading.text) this.texts.clear();
    match(this.data, reading.data, reading.bindings, this.ids);
    this.revision = this.library.revision;
    this.settle(reading, digest(reading.data));
    return this.view();
  }

  /** The file's text for other data, and what it gives now. Throws a `DataError` where there is no such text. */
  edit(data: unknown): { text: string; view: View } {
    if (this.text !== null && this.revision !== this.library.revision) this.take(this.text);
    const { reading, data: former } = this;
    if (!reading || !former) throw new DataError("The page has not been read");
    const next = this.normal(data, reading);
    if (same(former, next)) return { text: this.mark + reading.text, view: this.view() };
    const key = digest(next);
    const known = this.texts.get(key);
    const before = known === undefined ? null : this.attempt(known, next);
    if (before) return this.accept(before, key);
    refuseDeepCode(former, next);
    const text = write(reading, former, next, this.memory);
    if (text.length > MAX_LENGTH) throw new DataError("The page would be larger than a file can be");
    const found = this.attempt(text, next);
    if (!found) throw new DataError("The change cannot be written into the page's source", { cause: text });
    return this.accept(found, key);
  }

  private normal(data: unknown, reading: Reading): Data {
    this.note(data);
    const known = new Set(this.data ? [...walkItems(this.data.content, reading.bindings)].map((i) => i.props.id) : []);
    const next = normal(data, reading.bindings, this.ids.fresh, (id) => known.has(id));
    if (!reading.root.element) next.root.props = {};
    return next;
  }

  /** No id that is in the data is given to another item. */
  private note(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    const { id } = value as { id?: unknown };
    if (typeof id === "string") this.ids.take(id);
    for (const inner of Object.values(value)) this.note(inner);
  }

  /** What a text gives, with the ids of the data that it was made for; null where it gives something else. */
  private attempt(text: string, next: Data): Reading | null {
    const reading = read(this.path, text, this.library, this.reading?.style);
    if (!reading) return null;
    if (!adopt(next.content, reading.data.content, reading)) return null;
    return same(reading.data, next) ? reading : null;
  }

  private accept(reading: Reading, key: number): { text: string; view: View } {
    this.settle(reading, key);
    return { text: this.mark + reading.text, view: this.view() };
  }

  private settle(reading: Reading, key: number): void {
    nameHidden(reading.root.slot, "root");
    this.reading = reading;
    this.data = reading.data;
    for (const [type, origin] of reading.bindings.origins) this.memory.origins.set(type, origin);
    for (const [name, wanted] of importedNames(reading.source, this.library)) this.memory.imports.set(name, wanted);
    this.texts.delete(key);
    this.texts.set(key, reading.text);
    if (this.texts.size > KEPT) this.texts.delete(this.texts.keys().next().value!);
  }

  private view(): View {
    const { root, bindings, data } = this.reading!;
    const places: View["places"] = {};
    const visit = ({ parts }: Slot) => {
      for (const part of parts) {
        places[part.item.props.id] = [part.start, part.end];
        for (const slot of part.element?.slots.values() ?? []) visit(slot);
      }
    };
    visit(root.slot);
    const types = Object.fromEntries([...bindings.origins].filter(([type]) => !this.library.component(type)));
    return { data: data!, root: root.element?.tag ?? "", places, types };
  }
}

/** Gives items the ids of others, one by one; false where they are not alike. */
function adopt(from: readonly Item[], to: readonly Item[], reading: Reading): boolean {
  if (from.length !== to.length) return false;
  for (const [i, item] of to.entries()) {
    const other = from[i]!;
    if (other.type !== item.type) return false;
    item.props.id = other.props.id;
    for (const name of slotNames(item, reading.bindings)) {
      if (!adopt(itemsIn(other.props, name), itemsIn(item.props, name), reading)) return false;
    }
  }
  return true;
}

/** Texts that are properties are no items of the data, but have a place. */
function nameHidden({ parts }: Slot, owner: string): void {
  for (const { item, element } of parts as Part[]) {
    if (!item.props.id) item.props.id = `${owner}/text`;
    for (const slot of element?.slots.values() ?? []) nameHidden(slot, item.props.id);
  }
}

/** Of two data with the same digest, it is found out whether they are the same. */
function digest(value: unknown): number {
  if (typeof value !== "object" || value === null) return hash(JSON.stringify(value) ?? "");
  let sum = Array.isArray(value) ? 1 : 2;
  if (Array.isArray(value)) for (const item of value) sum = mixed(sum, digest(item));
  // The order of keys does not matter.
  else for (const key of Object.keys(value)) sum = (sum + mixed(hash(key), digest((value as Props)[key]))) | 0;
  return sum;
}

function hash(text: string): number {
  let out = text.length;
  for (let i = 0; i < text.length; i++) out = Math.imul(out ^ text.charCodeAt(i), 0x5bd1e995);
  return out ^ (out >>> 15);
}

const mixed = (a: number, b: number): number => Math.imul(a ^ (b + 0x9e3779b9 + (a << 6) + (a >>> 2)), 0x85ebca6b);
