/** What the page said last; React reads it from here. */
import type { PageView, Palette } from "../protocol";

export interface State {
  palette: Palette | null;
  page: PageView | null;
  /** The `edited` that the page came of; null where somebody else changed the file. */
  edit: number | null;
  /** The canvas variant of the page's component. */
  component: unknown;
  /** In pixels; 0 for all there is. */
  width: number;
  /** Counts changes of the app's modules. */
  version: number;
  /** A component to put in as soon as it is known, and an item to select. */
  insert: string | null;
  select: { id: string | null } | null;
}

export class Store {
  value: State = {
    palette: null,
    page: null,
    edit: null,
    component: null,
    width: 0,
    version: 0,
    insert: null,
    select: null,
  };
  #listeners = new Set<() => void>();

  set(change: Partial<State>): void {
    this.value = { ...this.value, ...change };
    for (const listener of [...this.#listeners]) listener();
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  read = (): State => this.value;
}
