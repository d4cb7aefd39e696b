/** What is known of the types of items: from the palette, from the page, and from what elements are. */
import type { PageView, Palette, PaletteComponent } from "../protocol";
import { FRAGMENT, type Item, LOCKED, TEXT } from "../worker/editor/data";
import type { Fields } from "../worker/editor/fields";
import { holdsItems, isHost } from "../worker/editor/host";

export type Kind = "component" | "host" | "text" | "locked" | "fragment" | "other";

export class Library {
  readonly #components: Map<string, PaletteComponent>;
  /** Types that the page gives children which their properties do not mention. */
  readonly #filled = new Set<string>();

  constructor(
    readonly palette: Palette | null,
    readonly page: PageView | null,
  ) {
    this.#components = new Map((palette?.components ?? []).map((component) => [component.type, component]));
    for (const { type, props } of itemsIn(page?.data)) if (Array.isArray(props.children)) this.#filled.add(type);
  }

  kindOf(type: string): Kind {
    if (type === TEXT) return "text";
    if (type === LOCKED) return "locked";
    if (type === FRAGMENT) return "fragment";
    if (this.#components.has(type)) return "component";
    return isHost(type) ? "host" : "other";
  }

  component(type: string): PaletteComponent | null {
    return this.#components.get(type) ?? null;
  }

  /** The name to show for a type. */
  label(type: string): string {
    if (type === TEXT) return "Text";
    if (type === LOCKED) return "Code";
    if (type === FRAGMENT) return "Group";
    const host = this.kindOf(type) === "host";
    return host ? `<${type}>` : (this.component(type)?.name ?? this.page?.types[type]?.tag ?? type);
  }

  fieldsOf(type: string): Fields {
    const found = this.component(type)?.fields;
    if (found) return found as unknown as Fields;
    if (this.kindOf(type) !== "host") return {};
    const hosts = (this.palette?.hosts ?? {}) as Record<string, Record<string, unknown>>;
    const fields = (hosts[type] ?? hosts.div ?? {}) as unknown as Fields;
    if (holdsItems(type)) return fields;
    return Object.fromEntries(Object.entries(fields).filter(([, field]) => field.type !== "slot"));
  }

  slotsOf = (type: string): readonly string[] => {
    const kind = this.kindOf(type);
    if (kind === "text" || kind === "locked") return [];
    if (kind === "fragment" || kind === "other") return ["children"];
    if (kind === "host") return holdsItems(type) ? ["children"] : [];
    const fields = this.fieldsOf(type);
    const slots = Object.keys(fields).filter((name) => fields[name]!.type === "slot");
    return "children" in fields || !this.#filled.has(type) ? slots : [...slots, "children"];
  };

  /** What a new item of a type begins with. */
  defaultsOf = (type: string): Record<string, unknown> => this.component(type)?.defaults ?? {};

  /** All types that the page's items have. */
  get types(): Set<string> {
    return new Set([...itemsIn(this.page?.data)].map(({ type }) => type));
  }
}

/** Everything in data that looks like an item. */
function* itemsIn(value: unknown): Iterable<Item> {
  if (typeof value !== "object" || value === null) return;
  const { type, props } = value as Partial<Item>;
  if (typeof type === "string" && typeof props === "object") yield value as Item;
  for (const inner of Object.values(value)) yield* itemsIn(inner);
}
