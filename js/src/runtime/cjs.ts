import type { Exports } from "./registry";

/** A package itself, whichever way it was bundled. */
export function cjs<T>(namespace: Exports): T {
  const inner = namespace.default;
  return (inner && typeof inner === "object" ? inner : namespace) as T;
}
