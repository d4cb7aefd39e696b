/** Values that JSON has no form for, from the descriptions that the worker sends. */
import type { PropSet } from "./messages";

interface Described {
  $: "function" | "promise" | "date" | "element" | "undefined";
  value?: unknown;
}

/** `element` makes a React element that shows a text. */
export function revive(props: PropSet, element: (text: string) => unknown): PropSet {
  return Object.fromEntries(Object.entries(props).map(([name, value]) => [name, one(value, element)]));
}

function one(value: unknown, element: (text: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => one(item, element));
  if (typeof value !== "object" || value === null) return value;
  if (!("$" in value)) return revive(value as PropSet, element);
  const described = value as Described;
  if (described.$ === "function") return () => one(described.value ?? null, element);
  if (described.$ === "promise") return Promise.resolve(one(described.value, element));
  if (described.$ === "date") return new Date(String(described.value));
  if (described.$ === "element") return element(String(described.value ?? ""));
  return undefined;
}
