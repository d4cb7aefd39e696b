/**
 * Which items of a page that was edited elsewhere are those of before: they keep their ids, and with them what the canvas
 * knows of them. First what is the same all through, in order; then by type and place; then what was moved.
 */
import { type Data, type Item, itemsIn, type Roles, slotNames, TEXT, walkItems } from "./data";
import { Kinds } from "./kinds";

/** Ids that nothing else had: `Hero-1`. */
export class Ids {
  private readonly used = new Set<string>();
  private next = 1;

  constructor() {
    this.fresh = this.fresh.bind(this);
  }

  take(id: string): void {
    this.used.add(id);
  }

  fresh(type: string): string {
    const stem = type.replace(/[^\w.-]/g, "") || "item";
    for (;;) {
      const id = `${stem}-${this.next++}`;
      if (this.used.has(id)) continue;
      this.used.add(id);
      return id;
    }
  }
}

/** Above this many pairs, only neighbours of the same kind are looked at. */
const PAIRS = 250_000;

/** Gives ids to the items of new data, those of the former where they are the same items. */
export function match(former: Data | null, data: Data, roles: Roles, ids: Ids): void {
  const matcher = new Matcher(roles);
  if (former) {
    matcher.lists(former.content, data.content);
    matcher.moved(former, data);
  }
  for (const item of walkItems(data.content, roles)) if (!item.props.id) item.props.id = ids.fresh(item.type);
}

class Matcher {
  private readonly kinds: Kinds;
  private readonly taken = new Set<string>();

  constructor(private readonly roles: Roles) {
    this.kinds = new Kinds(roles);
  }

  lists(before: readonly Item[], after: readonly Item[]): void {
    for (const [a, b] of this.pairs(before, after)) this.pair(a, b);
  }

  /** Of two that are the same, all that is in them. */
  private adopt(before: Item, after: Item): void {
    after.props.id = before.props.id;
    this.taken.add(before.props.id);
    for (const name of slotNames(after, this.roles)) {
      const others = itemsIn(before.props, name);
      for (const [i, item] of itemsIn(after.props, name).entries()) this.adopt(others[i]!, item);
    }
  }

  private pair(before: Item, after: Item): void {
    after.props.id = before.props.id;
    this.taken.add(before.props.id);
    for (const name of slotNames(after, this.roles)) {
      this.lists(itemsIn(before.props, name), itemsIn(after.props, name));
    }
  }

  /** Pairs in order: what is the same first, and between those what is of one type. */
  private pairs(before: readonly Item[], after: readonly Item[]): [Item, Item][] {
    let start = 0;
    const same = (a: Item, b: Item) => {
      if (!this.isSame(a, b)) return false;
      this.adopt(a, b);
      return true;
    };
    while (start < before.length && start < after.length && same(before[start]!, after[start]!)) start++;
    let end = 0;
    const most = Math.min(before.length, after.length) - start;
    while (end < most && same(before.at(-1 - end)!, after.at(-1 - end)!)) end++;
    const out: [Item, Item][] = [];
    const left = before.slice(start, before.length - end);
    const right = after.slice(start, after.length - end);
    const exact = longest(left, right, (a, b) => this.isSame(a, b));
    let [i, k] = [0, 0];
    for (const [x, y] of [...exact, [left.length, right.length] as const]) {
      out.push(...this.ofType(left.slice(i, x), right.slice(k, y)));
      if (x < left.length && y < right.length) out.push([left[x]!, right[y]!]);
      [i, k] = [x + 1, y + 1];
    }
    return out;
  }

  private isSame(a: Item, b: Item): boolean {
    return a.type === b.type && this.kinds.of(a) === this.kinds.of(b);
  }

  private ofType(left: readonly Item[], right: readonly Item[]): [Item, Item][] {
    return longest(left, right, (a, b) => a.type === b.type && !this.hasTwin(a, right) && !this.hasTwin(b, left)).map(
      ([x, y]) => [left[x]!, right[y]!],
    );
  }

  /** One that was moved past others is not paired with what stands in its place. */
  private hasTwin(item: Item, among: readonly Item[]): boolean {
    return item.type !== TEXT && among.length < 50 && among.some((other) => this.isSame(item, other));
  }

  /** What has no partner in its own list may have come from elsewhere. */
  moved(before: Data, after: Data): void {
    for (const keyOf of [(item: Item) => this.kinds.of(item), (item: Item) => this.kinds.outside(item)]) {
      const left = new Map<number, Item[]>();
      for (const item of walkItems(before.content, this.roles)) {
        if (this.taken.has(item.props.id)) continue;
        const key = keyOf(item);
        const others = left.get(key);
        if (others) others.push(item);
        else left.set(key, [item]);
      }
      // From the end they are taken in order, and each but once.
      for (const items of left.values()) items.reverse();
      for (const item of left.size ? walkItems(after.content, this.roles) : []) {
        if (item.props.id) continue;
        const others = left.get(keyOf(item)) ?? [];
        while (others.length && this.overlaps(others.at(-1)!)) others.pop();
        const found = others.pop();
        if (found) this.pair(found, item);
      }
    }
  }

  private overlaps(item: Item): boolean {
    for (const inner of walkItems([item], this.roles)) if (this.taken.has(inner.props.id)) return true;
    return false;
  }
}

/** Indices of a longest common subsequence. */
function longest<T>(left: readonly T[], right: readonly T[], same: (a: T, b: T) => boolean): [number, number][] {
  const [rows, columns] = [left.length, right.length];
  if (!rows || !columns) return [];
  if (rows * columns > PAIRS) {
    const out: [number, number][] = [];
    let k = 0;
    for (let i = 0; i < rows && k < columns; i++) {
      const found = right.slice(k, k + 50).findIndex((item) => same(left[i]!, item));
      if (found < 0) continue;
      out.push([i, k + found]);
      k += found + 1;
    }
    return out;
  }
  const table = Array.from({ length: rows + 1 }, () => new Uint32Array(columns + 1));
  for (let i = rows - 1; i >= 0; i--) {
    for (let k = columns - 1; k >= 0; k--) {
      table[i]![k] = same(left[i]!, right[k]!)
        ? table[i + 1]![k + 1]! + 1
        : Math.max(table[i + 1]![k]!, table[i]![k + 1]!);
    }
  }
  const out: [number, number][] = [];
  for (let i = 0, k = 0; i < rows && k < columns; ) {
    if (same(left[i]!, right[k]!)) out.push([i++, k++]);
    else if (table[i + 1]![k]! >= table[i]![k + 1]!) i++;
    else k++;
  }
  return out;
}
