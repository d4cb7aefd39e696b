import { useLayoutEffect, useReducer } from "preact/hooks";
import type { Store } from "./store";

/** The store's value, drawn anew with each change of it. */
export function useStore<T extends object>(store: Store<T>): Readonly<T> {
  const [, update] = useReducer((n: number) => n + 1, 0);
  // Before anything else runs: an answer may be there sooner than the browser draws.
  useLayoutEffect(() => store.listen(() => update(undefined)), [store]);
  return store.value;
}
