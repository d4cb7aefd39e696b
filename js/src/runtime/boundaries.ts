/** How far a change goes: from the changed modules up through their importers, to those that can take it. */
import { familyName, isLikelyComponentType } from "./refresh";
import type { Entry, Exports } from "./registry";

/** What holds modules that no module imports. */
export interface Holder {
  /** Started from outside: an entry of the page. */
  isEntry(id: string): boolean;
}

export class Plan {
  /** What has to run again. */
  readonly run = new Set<Entry>();
  /** Components' modules that take the change, with what they export. */
  readonly refreshed = new Map<Entry, string>();
  /** Modules that take the change by `import.meta.hot.accept()`, with the handlers to call. */
  readonly accepted = new Map<Entry, ReturnType<typeof callbacksOf>>();
  /** Importers that take a change of what they import, with what changed. */
  readonly importers = new Map<Entry, Set<string>>();
  /** Why nothing takes the change, where nothing does. */
  refusal = "";
  readonly #holder: Holder;
  readonly #retried = new Set<Entry>();

  constructor(holder: Holder) {
    this.#holder = holder;
  }

  change(entry: Entry): void {
    if (this.refusal || this.run.has(entry)) return;
    if (entry.status !== "ran") {
      this.#retry(entry);
      return;
    }
    this.run.add(entry);
    if (entry.hot?.accepts) {
      this.accepted.set(entry, callbacksOf(entry));
      return;
    }
    const names = componentNames(entry.exports);
    if (names !== null) {
      this.refreshed.set(entry, names);
      return;
    }
    if (entry.module.css !== null && isEmpty(entry.exports)) return;
    this.spread(entry);
  }

  /** What `import()` has brought an error for keeps it, as `lazy` does: it has to ask again. */
  #retry(entry: Entry): void {
    if (!entry.failed || this.#retried.has(entry)) return;
    this.#retried.add(entry);
    for (const importer of entry.importers) this.change(importer);
  }

  /** Makes a change the importers' affair. */
  spread(entry: Entry): void {
    if (this.#holder.isEntry(entry.id) || entry.id === "virtual:env") {
      this.refusal ||= `${entry.id} was changed, which starts the app`;
      return;
    }
    // Without importers it is a target, which we show and take ourselves, or nobody's any more.
    for (const importer of entry.importers) {
      if (importer.hot?.acceptsDep(entry.id)) {
        const changed = this.importers.get(importer);
        if (changed) changed.add(entry.id);
        else this.importers.set(importer, new Set([entry.id]));
      } else this.change(importer);
    }
  }

  /** Modules that took the change for components, and now are something else, or other components to React. */
  lost(): Entry[] {
    return [...this.refreshed]
      .filter(([entry, names]) => componentNames(entry.exports) !== names)
      .map(([entry]) => entry);
  }
}

function callbacksOf(entry: Entry) {
  return entry.hot?.callbacks ?? [];
}

function isEmpty(exports: Exports): boolean {
  for (const _key in exports) return false;
  return true;
}

/** The names, and families, of a module that exports components and nothing else; null for any other. */
export function componentNames(exports: Exports): string | null {
  let names = "";
  try {
    for (const key in exports) {
      if (!isLikelyComponentType(exports[key])) return null;
      names += `${key} ${familyName(exports[key])}\n`;
    }
  } catch {
    return null;
  }
  return names || null;
}
