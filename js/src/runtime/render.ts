/** What is on screen: a component in a root of ours, or the app in those that it makes itself. */
import type * as React from "react";
import type * as ReactDom from "react-dom";
import { type Boundaries, makeBoundaries } from "./boundary";
import { cjs } from "./cjs";
import { claimFailure, failed, rawError } from "./errors";
import type { Target } from "./messages";
import { controlOwnerStacks } from "./owner_stacks";
import { allProps } from "./props";
import { sameFamily } from "./refresh";
import type { Exports, Registry } from "./registry";
import { type ReactRoot, Roots } from "./roots";
import { componentOf } from "./target";

export class Render {
  #registry: Registry;
  #seq: () => number;
  #react: typeof React | null = null;
  #boundaries: Boundaries | null = null;
  #roots: Roots | null = null;
  #root: ReactRoot | null = null;
  #type: unknown = null;
  /** What stands around the target, and is there without one: the editor; null before its code has come. */
  surface: ((type: unknown) => React.ReactNode) | null | undefined;

  constructor(registry: Registry, seq: () => number) {
    this.#registry = registry;
    this.#seq = seq;
  }

  /** Once the packages are there: puts our boundary between the app and its roots. */
  prepare(): void {
    if (this.#react || !this.#registry.has("react")) return;
    this.#react = cjs<typeof React>(this.#registry.provided("react"));
    controlOwnerStacks(this.#react);
    this.#boundaries = makeBoundaries(this.#react, (error, componentStack) => {
      if (claimFailure(error)) failed(rawError("render", error, componentStack), this.#seq(), false);
    });
    this.#roots = new Roots(this.#boundaries);
    for (const name of ["react-dom/client", "react-dom"]) {
      if (this.#registry.has(name)) this.#registry.replace(name, this.#roots.patch(this.#registry.provided(name)));
    }
  }

  /** Whether the app has made roots of React. */
  get hasRoots(): boolean {
    return (this.#roots?.count ?? 0) > 0;
  }

  get broken(): boolean {
    return this.#boundaries?.broken() ?? false;
  }

  mark(): void {
    this.#boundaries?.mark();
  }

  reset(): void {
    const boundaries = this.#boundaries;
    if (boundaries?.broken()) this.flushSync(() => boundaries.reset());
  }

  /** The component that the target stands for now. */
  get shown(): unknown {
    return this.#type;
  }

  /** After a failed update: what was shown before it. */
  revert(type: unknown): void {
    if (type === this.#type) return;
    this.#type = type;
    this.update();
  }

  /** Shows the target's module, or its new version where React does not know it for one. */
  show(target: Target, exports: Exports): void {
    const type = componentOf(target, exports);
    const before = this.#type;
    if (type === before) return;
    this.#type = type;
    // React has rendered a new version of the same component by itself; with the next props it gets the new type.
    if (before === null || !sameFamily(before, type)) this.update();
  }

  /** With new props. */
  update(): void {
    const react = this.#react;
    if (!react) throw new Error("This component needs the package 'react', which the app does not have");
    const content = this.#content(react);
    if (content === null) {
      this.#root?.render(null);
      return;
    }
    const root = this.#root ?? this.#makeRoot();
    const element = this.#boundaries!.wrap(content);
    this.flushSync(() => root.render(element));
  }

  #content(react: typeof React): React.ReactNode {
    if (this.surface !== undefined) return this.surface?.(this.#type) ?? null;
    if (this.#type === null) return null;
    return react.createElement(this.#type as React.ComponentType<Record<string, unknown>>, allProps());
  }

  /** In this task, so that nothing waits for React's scheduler. */
  flushSync(run: () => void): void {
    if (!this.#registry.has("react-dom")) {
      run();
      return;
    }
    cjs<typeof ReactDom>(this.#registry.provided("react-dom")).flushSync(run);
  }

  #makeRoot(): ReactRoot {
    const { createRoot } = cjs<{ createRoot(container: Element): ReactRoot }>(
      this.#registry.provided("react-dom/client"),
    );
    this.#root = createRoot(this.surface === undefined ? containerOf("root") : containerOf("overskill-editor", "root"));
    return this.#root;
  }
}

/** A place in the document; one that it takes the place of goes. */
function containerOf(id: string, instead = ""): HTMLElement {
  const known = document.getElementById(id);
  if (known) return known;
  if (instead) document.getElementById(instead)?.remove();
  const container = document.createElement("div");
  container.id = id;
  document.body.append(container);
  return container;
}
