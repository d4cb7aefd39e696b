import { createContext, useContext, useSyncExternalStore } from "react";
import type { EditorHost } from "../runtime/editor";
import { Library } from "./library";
import { type State, Store } from "./store";

export interface Surroundings {
  store: Store;
  host: EditorHost;
}

export const EditorContext = createContext<Surroundings>({
  store: new Store(),
  host: { component: () => undefined, say: () => {} },
});

export function useEditor(): Surroundings {
  return useContext(EditorContext);
}

/** A part of the state; rendered again when it is another one. */
export function useStore<T>(part: (state: State) => T): T {
  const { store } = useEditor();
  return useSyncExternalStore(store.listen, () => part(store.value));
}

/** The library of what the page said last. */
export const LibraryContext = createContext(new Library(null, null));

export function useLibrary(): Library {
  return useContext(LibraryContext);
}
