/** One update: all of it, or nothing. */
import { type Holder, Plan } from "./boundaries";
import { guarding, note } from "./guard";
import { emit } from "./hot";
import { withoutOwnerStacks } from "./owner_stacks";
import { discard, forget, perform, restore } from "./refresh";
import type { Entry, Registry } from "./registry";
import type { Render } from "./render";
import { NoComponent } from "./target";
import type { Task } from "./task";

export type Outcome =
  | { type: "applied" }
  | { type: "restart"; reason: string }
  | { type: "failed"; kind: "module" | "render"; error: unknown };

export interface Context {
  registry: Registry;
  render: Render;
  holder: Holder;
  /** Modules that asked, while they ran, for their importers to run again. */
  invalidated: Set<Entry>;
  /** Runs what has to run beyond what the change reaches: what a failed start has left. */
  complete(): Task<void>;
  /** Shows the target, where it is not the component that React has rendered by itself. */
  show(): void;
}

/**
 * Has the modules run that a change reaches, and React render them. `changed` have their new factories already;
 * `invalidated` are left as they are, and only their importers run.
 */
export function* update(context: Context, changed: readonly Entry[], invalidated: Iterable<Entry> = []): Task<Outcome> {
  const { registry, render } = context;
  const plan = new Plan(context.holder);
  for (const entry of changed) plan.change(entry);
  for (const entry of invalidated) plan.spread(entry);
  if (plan.refusal) return restart(context, plan.refusal);
  emit("vite:beforeUpdate", updatePayload(plan));
  try {
    const refusal = yield* run(context, plan);
    if (refusal) return restart(context, refusal);
    yield* context.complete();
  } catch (error) {
    registry.rollback();
    discard();
    return { type: "failed", kind: "module", error };
  }
  const before = render.shown;
  render.mark();
  const thrown = guarding("update", () => {
    withoutOwnerStacks(perform);
    try {
      context.show();
    } catch (error) {
      note(error);
    }
  });
  if (thrown && takeBack(context, before)) {
    const { error } = thrown;
    return { type: "failed", kind: error instanceof NoComponent ? "module" : "render", error };
  }
  registry.commit();
  forget();
  render.reset();
  emit("vite:afterUpdate", updatePayload(plan));
  return { type: "applied" };
}

/** Runs what is planned, and where a module took a change for its importers but cannot keep it, these as well. */
function* run(context: Context, first: Plan): Task<string> {
  const { registry, invalidated } = context;
  const ran = new Set<Entry>();
  for (let plan = first; ; ) {
    for (const entry of plan.run) registry.expire(entry);
    invalidated.clear();
    for (const entry of plan.run) {
      ran.add(entry);
      if (entry.status !== "idle") continue;
      const wait = registry.load(entry.id);
      if (wait) yield wait;
    }
    const lost = new Set(plan.lost());
    for (const [entry, callbacks] of plan.accepted) entry.hot?.accepted(callbacks, entry.exports);
    for (const [entry, ids] of plan.importers) {
      entry.hot?.acceptedDeps(ids, (id) => registry.get(id)?.exports);
    }
    for (const entry of invalidated) lost.add(entry);
    if (lost.size === 0) return "";
    plan = new Plan(context.holder);
    for (const entry of lost) plan.spread(entry);
    if (plan.refusal) return plan.refusal;
    for (const entry of ran) plan.run.delete(entry);
  }
}

/** Whether what was rendered before is back. */
function takeBack({ registry, render }: Context, shown: unknown): boolean {
  let undo = () => {};
  const again = guarding("restore", () => {
    undo = restore();
    render.revert(shown);
  });
  if (again) {
    // It throws with the implementations before as well: not the update's fault, the app may handle it as ever.
    undo();
    return false;
  }
  registry.rollback();
  forget();
  render.reset();
  return true;
}

function restart({ registry }: Context, reason: string): Outcome {
  registry.rollback();
  discard();
  forget();
  emit("vite:beforeFullReload", { type: "full-reload" });
  return { type: "restart", reason };
}

function updatePayload(plan: Plan): object {
  return {
    type: "update",
    updates: [...plan.run].map(({ id }) => ({ type: "js-update", path: id, acceptedPath: id, timestamp: Date.now() })),
  };
}
