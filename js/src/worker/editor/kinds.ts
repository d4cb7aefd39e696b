/** Items by what they are but for their ids: those that are the same all through have the same number. */
import { type Item, isRecord, isSlot, itemsIn, type Roles } from "./data";

export class Kinds {
  private readonly numbers = new Map<string, number>();
  private readonly known = new Map<Item, number>();

  constructor(private readonly roles: Roles) {}

  of(item: Item): number {
    let found = this.known.get(item);
    if (found === undefined) {
      // What is in an item stands in its text as a number: each is written once, however deep it is.
      found = this.number([item.type, this.props(item, (inner) => inner.map((one) => this.of(one)))]);
      this.known.set(item, found);
    }
    return found;
  }

  /** Whatever is in its slots. */
  outside(item: Item): number {
    return this.number([item.type, this.props(item, () => null), "outside"]);
  }

  private props(item: Item, slot: (items: readonly Item[]) => unknown): unknown[] {
    const names = Object.keys(item.props).filter((name) => name !== "id");
    return names
      .sort()
      .map((name) => [
        name,
        isSlot(item, name, this.roles) ? slot(itemsIn(item.props, name)) : ordered(item.props[name]),
      ]);
  }

  private number(given: unknown): number {
    const text = JSON.stringify(given);
    const found = this.numbers.get(text) ?? this.numbers.size;
    this.numbers.set(text, found);
    return found;
  }
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isRecord(value)) return value;
  const entries = Object.keys(value)
    .sort()
    .map((key) => [key, ordered(value[key])]);
  return { entries };
}
