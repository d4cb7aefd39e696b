/** Which modules have to be waited for: those with a top-level await, and all that import them. */
import type { Entry } from "./registry";

type Lookup = (id: string) => Entry | undefined;

/** Whether a module, or one that it imports, awaits at its top level and is still to be run. */
export function waits(entry: Entry, lookup: Lookup, seen = new Map<Entry, boolean>()): boolean {
  const known = seen.get(entry);
  if (known !== undefined) return known;
  if (entry.promise) return true;
  if (entry.status !== "idle") return false;
  seen.set(entry, entry.module.is_async);
  if (entry.module.is_async) return true;
  for (const dep of staticDeps(entry, lookup)) {
    if (waits(dep, lookup, seen)) {
      seen.set(entry, true);
      return true;
    }
  }
  return false;
}

/** What a module imports, without what it imports later by `import()`. */
export function* staticDeps({ module: { code, deps } }: Entry, lookup: Lookup): Iterable<Entry> {
  for (const specifier in deps) {
    const dep = lookup(deps[specifier]!);
    if (dep && code.includes(`__vite_ssr_import__(${JSON.stringify(specifier)}`)) yield dep;
  }
}
