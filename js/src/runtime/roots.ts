/** `react-dom/client` as the app's own modules get it: every root they make has our boundary around it. */
import type { ReactNode } from "react";
import type { Boundaries } from "./boundary";
import type { Exports } from "./registry";

export interface ReactRoot {
  render(children: ReactNode): void;
  unmount(): void;
}

type CreateRoot = (container: Element, ...rest: unknown[]) => ReactRoot;
type HydrateRoot = (container: Element, children: ReactNode, ...rest: unknown[]) => ReactRoot;
type LegacyRender = (children: ReactNode, container: Element, callback?: () => void) => unknown;

export class Roots {
  /** How many roots the app has made. */
  count = 0;
  #boundaries: Boundaries;
  #made = new WeakMap<Element, ReactRoot>();

  constructor(boundaries: Boundaries) {
    this.#boundaries = boundaries;
  }

  /** The namespace with its root functions replaced, also in its default export. */
  patch(namespace: Exports): Exports {
    const patched = this.#copy(namespace);
    const inner = namespace.default;
    if (inner && typeof inner === "object") {
      Object.defineProperty(patched, "default", { value: this.#copy(inner as Exports), enumerable: true });
    }
    return patched;
  }

  #copy(from: Exports): Exports {
    const copy: Exports = {};
    for (const key in from) {
      Object.defineProperty(copy, key, { enumerable: true, configurable: true, get: () => from[key] });
    }
    const replace = (key: string, value: unknown) => {
      if (typeof from[key] === "function")
        Object.defineProperty(copy, key, { enumerable: true, configurable: true, value });
    };
    replace("createRoot", ((container, ...rest) =>
      this.#root(container, () => (from.createRoot as CreateRoot)(container, ...rest))) satisfies CreateRoot);
    replace("hydrateRoot", ((container, children, ...rest) =>
      this.#root(container, () =>
        (from.hydrateRoot as HydrateRoot)(container, this.#boundaries.wrap(children), ...rest),
      )) satisfies HydrateRoot);
    replace("render", ((children, container, callback) => {
      this.count += 1;
      return (from.render as LegacyRender)(this.#boundaries.wrap(children), container, callback);
    }) satisfies LegacyRender);
    return copy;
  }

  /** An entry that runs again asks for the same root again, and goes on with it. */
  #root(container: Element, make: () => ReactRoot): ReactRoot {
    const known = this.#made.get(container);
    if (known) return known;
    const root = make();
    this.count += 1;
    this.#made.set(container, root);
    const { render, unmount } = root;
    root.render = (children) => render.call(root, this.#boundaries.wrap(children));
    root.unmount = () => {
      this.#made.delete(container);
      unmount.call(root);
    };
    return root;
  }
}
