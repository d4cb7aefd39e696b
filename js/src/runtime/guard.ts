/** What stands between React and a component while an update is being rendered. */
const FORWARD_REF = Symbol.for("react.forward_ref");

const guards = new WeakMap<object, object>();
const raws = new WeakMap<object, object>();

/** Never settles: React waits for it, and is not told to go on. */
// biome-ignore lint/suspicious/noThenProperty: React takes a thrown thenable for a suspension.
const never = { then() {} };

type Phase = "idle" | "update" | "restore";
let phase: Phase = "idle";
let caught: { error: unknown } | null = null;

/** Runs `render`, and gives the first error that a component threw meanwhile. Nothing that threw is committed. */
export function guarding(during: "update" | "restore", render: () => void): { error: unknown } | null {
  phase = during;
  caught = null;
  try {
    render();
    return caught;
  } finally {
    phase = "idle";
  }
}

/** For what is caught elsewhere: suspends where that is what guards do now. */
export function suspend(error: unknown): void {
  if (phase === "idle") return;
  caught ??= { error };
  if (phase === "update") throw never;
}

export function isGuarding(): boolean {
  return phase === "update";
}

/** Takes note of an error that is on screen already. */
export function note(error: unknown): void {
  if (phase !== "idle") caught ??= { error };
}

export function rawOf(type: unknown): unknown {
  return type !== null && (typeof type === "function" || typeof type === "object") ? (raws.get(type) ?? type) : type;
}

export function guardOf(type: unknown): unknown {
  if (typeof type === "function") {
    if (type.prototype?.isReactComponent) return type;
    return guards.get(type) ?? keep(type, guardFunction(type));
  }
  if (type === null || typeof type !== "object") return type;
  const object = type as { $$typeof?: unknown; render?: unknown };
  if (object.$$typeof !== FORWARD_REF || typeof object.render !== "function") return type;
  const known = guards.get(type);
  if (known) return known;
  const guard = Object.create(Object.getPrototypeOf(type), Object.getOwnPropertyDescriptors(type));
  Object.defineProperty(guard, "render", { value: guardOf(object.render), enumerable: true, configurable: true });
  return keep(type, guard);
}

function keep(type: object, guard: object): object {
  guards.set(type, guard);
  raws.set(guard, type);
  return guard;
}

/** Without arguments it is not rendering: React calls components so to find out where they are defined. */
function guardFunction(type: object): object {
  return new Proxy(type, {
    apply(target, self, args) {
      if (phase === "idle" || args.length === 0) return Reflect.apply(target as () => unknown, self, args);
      try {
        return Reflect.apply(target as () => unknown, self, args);
      } catch (error) {
        if (!isSuspension(error)) suspend(error);
        throw error;
      }
    },
  });
}

/** A thenable, or the error that stands for one since React 19. */
function isSuspension(error: unknown): boolean {
  if (error === null || typeof error !== "object") return false;
  if (typeof (error as { then?: unknown }).then === "function") return true;
  return error instanceof Error && error.message.startsWith("Suspense Exception:");
}
