/**
 * Fast Refresh that can be taken back. React asks here which implementation a component has; the answer is a guard
 * around it that, while an update is being rendered, turns a throw into a suspension: React then commits nothing of
 * it, and the implementations before are put back in the same task. Guards do nothing at any other time.
 */

import type { Family, RefreshUpdate } from "react-refresh/runtime";
import * as runtime from "react-refresh/runtime";
import { type Root, unmarkRemounts } from "./fibers";
import { guardOf, rawOf } from "./guard";

interface Renderer {
  setRefreshHandler(resolve: (type: unknown) => Family | undefined): void;
  scheduleRefresh(root: Root, update: RefreshUpdate): void;
}

interface GlobalHook {
  inject(renderer: Renderer): unknown;
  onCommitFiberRoot(...args: unknown[]): void;
}

/** The types of modules that ran since the last `flush`. */
let queue: [unknown, string][] = [];
/** A type belongs to the family of the first name that it is registered under. */
const names = new WeakMap<object, string>();
/** Implementations before the running update. */
let before = new Map<Family, unknown>();
/** What React was asked to render for it. */
let performed: RefreshUpdate | null = null;
let resolveUpdated: ((type: unknown) => Family | undefined) | null = null;
const roots = new Map<Root, Renderer>();
const shadows = new WeakMap<object, Family>();
/** Components of ours above every root's content: rendered with every restoring, they end a suspension. */
const always = new Set<Family>();
let commits = 0;
let onCommit: (() => void) | null = null;

export const { isLikelyComponentType } = runtime;

export function register(type: unknown, id: string): void {
  if (type === null || (typeof type !== "function" && typeof type !== "object")) return;
  if (!names.has(type)) names.set(type, id);
  queue.push([type, id]);
}

/** What tells the families of types apart, also before `flush`. */
export function familyName(type: unknown): string {
  return names.get(type as object) ?? "";
}

export const signature = runtime.createSignatureFunctionForTransform;

/** Whether React takes one for a new version of the other. */
export function sameFamily(a: unknown, b: unknown): boolean {
  const family = runtime.getFamilyByType(a);
  return family !== undefined && family === runtime.getFamilyByType(b);
}

/** Makes what was registered known to React's runtime. */
export function flush(): void {
  const registered = queue;
  queue = [];
  for (const [type, id] of registered) {
    remember(type, id);
    runtime.register(type, id);
  }
}

/** Forgets what modules of a failed update registered. */
export function discard(): void {
  queue = [];
}

function remember(type: unknown, id: string): void {
  if (runtime.getFamilyByType(type)) return;
  const family = runtime.getFamilyByID(id);
  if (family && !before.has(family)) before.set(family, family.current);
  const { type: inner, render } = type as { type?: unknown; render?: unknown };
  if (typeof type !== "object") return;
  if (render) remember(render, `${id}$render`);
  if (inner) remember(inner, `${id}$type`);
}

/** Has React render the new implementations. */
export function perform(): void {
  flush();
  performed = runtime.performReactRefresh();
}

export function forget(): void {
  before = new Map();
  performed = null;
}

/** Puts the implementations before back and has React render them; gives a function that undoes this. */
export function restore(): () => void {
  const after = new Map<Family, unknown>();
  for (const [family, type] of before) {
    after.set(family, family.current);
    family.current = type;
  }
  for (const root of roots.keys()) unmarkRemounts(root);
  // React would mount classes anew; their instances are as they were, nothing of the update having been committed.
  const functions = [...after.keys()].filter((family) => guardOf(family.current) !== family.current).map(shadow);
  schedule({ updatedFamilies: new Set([...always, ...functions]), staleFamilies: new Set() });
  return () => {
    for (const [family, type] of after) family.current = type;
    if (performed) schedule(shadowed(performed));
  };
}

function schedule(update: RefreshUpdate): void {
  for (const [root, renderer] of roots) renderer.scheduleRefresh(root, update);
}

function shadowed({ updatedFamilies, staleFamilies }: RefreshUpdate): RefreshUpdate {
  return {
    updatedFamilies: new Set([...updatedFamilies].map(shadow)),
    staleFamilies: new Set([...staleFamilies].map(shadow)),
  };
}

/** Has a component rendered whenever something is taken back. */
export function restoreAlways(component: object): void {
  always.add(shadowOfType(component));
}

/** How often React has committed anything. */
export function commitCount(): number {
  return commits;
}

/** Calls back once, after the next commit. */
export function afterCommit(callback: () => void): void {
  onCommit = callback;
}

/** Before React loads. */
export function install(): void {
  runtime.injectIntoGlobalHook(window);
  const hook = (window as unknown as { __REACT_DEVTOOLS_GLOBAL_HOOK__: GlobalHook }).__REACT_DEVTOOLS_GLOBAL_HOOK__;
  const { inject, onCommitFiberRoot } = hook;
  hook.inject = (renderer) => inject.call(hook, guarded(renderer));
  hook.onCommitFiberRoot = (...args) => {
    commits += 1;
    onCommitFiberRoot.apply(hook, args);
    const callback = onCommit;
    onCommit = null;
    callback?.();
  };
}

/** A renderer whose components are looked up through their guards. */
function guarded(renderer: Renderer): Renderer {
  if (typeof renderer.scheduleRefresh !== "function" || typeof renderer.setRefreshHandler !== "function")
    return renderer;
  renderer.setRefreshHandler(resolve);
  const scheduleRefresh = (root: Root, update: RefreshUpdate) => {
    roots.set(root, renderer);
    renderer.scheduleRefresh(root, shadowed(update));
  };
  return {
    ...renderer,
    scheduleRefresh,
    setRefreshHandler: (handler) => {
      resolveUpdated = handler;
    },
  };
}

function resolve(type: unknown): Family | undefined {
  const raw = rawOf(type);
  const family = resolveUpdated?.(raw);
  if (family) return shadow(family);
  return typeof raw === "function" && guardOf(raw) !== raw ? shadowOfType(raw) : undefined;
}

/** React compares families by identity, and takes `current` for the implementation. */
function shadow(family: Family): Family {
  let made = shadows.get(family);
  if (!made) {
    made = {
      get current() {
        return guardOf(family.current);
      },
    };
    shadows.set(family, made);
  }
  return made;
}

function shadowOfType(type: object): Family {
  let made = shadows.get(type);
  if (!made) {
    made = { current: guardOf(type) };
    shadows.set(type, made);
  }
  return made;
}
