/** How a file names the types of items; imports that it lacks for that are noted. */
import { boundNames } from "../repair/sources";
import type { Origin } from "./bindings";
import { DataError, FRAGMENT } from "./data";
import { isHost } from "./host";
import { usedIn, type Wanted } from "./import_statements";
import type { Reading } from "./reading";

/** What former versions of the page knew, and an undo may bring back. */
export interface Memory {
  origins: Map<string, Origin>;
  imports: Map<string, Wanted>;
}

export class Tags {
  readonly wanted = new Map<string, Wanted>();
  private taken: Set<string> | null = null;

  constructor(
    private readonly reading: Reading,
    private readonly memory: Memory,
  ) {}

  of(type: string): string {
    const { bindings, source } = this.reading;
    const known = this.wanted.get(type)?.local ?? bindings.origins.get(type)?.tag;
    if (known) return known;
    if (type === FRAGMENT) return "";
    if (isHost(type)) return type;
    const component = bindings.library.component(type);
    if (!component) {
      const origin = this.memory.origins.get(type);
      if (!origin || origin.kind === "page") throw new DataError(`There is no component ${type}`);
      return origin.tag;
    }
    this.taken ??= new Set([...boundNames(source.body), ...usedIn(source.body)]);
    let local = component.name;
    for (let n = 2; this.taken.has(local); n++) local = `${component.name}${n}`;
    this.taken.add(local);
    this.wanted.set(type, { path: component.path, specifier: "", imported: component.export, local });
    return local;
  }
}
