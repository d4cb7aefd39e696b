/** How long items are at least on a line: what cannot fit is not printed to find that out, at every level again. */
import { attributeOf, type Item, isCode, isSlot, isSpread, itemsIn, LOCKED, type Roles, TEXT } from "./data";

export class Widths {
  private readonly known = new Map<Item, number>();

  constructor(private readonly roles: Roles) {}

  /** Of all attributes, with the spaces before them. */
  ofAttributes(item: Item): number {
    let sum = this.known.get(item);
    if (sum === undefined) {
      sum = Object.keys(item.props).reduce((before, name) => before + this.ofAttribute(item, name), 0);
      this.known.set(item, sum);
    }
    return sum;
  }

  private ofAttribute(item: Item, name: string): number {
    const value = item.props[name];
    if (name === "id" || name === "children") return 0;
    if (isCode(value)) return value.$source.length + (isSpread(name) ? 1 : attributeOf(name).length + 4);
    const head = 1 + attributeOf(name).length;
    if (typeof value === "string") return head + 3 + value.length;
    if (!isSlot(item, name, this.roles)) return value === true ? head : head + 4;
    const items = itemsIn(item.props, name);
    return items.length ? items.reduce((sum, one) => sum + this.of(one), head + 3) : 0;
  }

  private of(item: Item): number {
    if (item.type === TEXT) return String(item.props.text).length;
    if (item.type === LOCKED) return String(item.props.source).length;
    return 4 + this.ofAttributes(item);
  }
}
