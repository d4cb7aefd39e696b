/** Errors, each told once: React, the window and the runtime may all see the same one. */
import type { Kind } from "../protocol";
import type { RawError } from "./messages";
import { post } from "./post";

const told = new WeakSet<object>();
const broke = new WeakSet<object>();
/** Errors that React 18 replays as events while it renders; the second sight of one is real. */
const replayed = new WeakSet<object>();
let recent = "";
let failing = false;

Error.stackTraceLimit = 50;

/** React may take some tasks, in milliseconds, to give an error that the window saw to a boundary. */
const BOUNDARY_FIRST = 30;

export function rawError(kind: Kind, error: unknown, componentStack = ""): RawError {
  if (error instanceof Error) {
    const name = error.name && error.name !== "Error" ? `${error.name}: ` : "";
    const stack = typeof error.stack === "string" ? error.stack : "";
    const placed = /overskill:\/\/\/(?!vendor\/)/.test(stack);
    return { kind, message: `${name}${error.message}`, stack: placed ? stack : stack + componentStack };
  }
  return { kind, message: `Thrown: ${describe(error)}`, stack: componentStack };
}

function describe(value: unknown): string {
  try {
    if (typeof value === "string") return value;
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** Marks an error as told; false where it was already. */
export function claim(error: unknown): boolean {
  if (error === null || (typeof error !== "object" && typeof error !== "function")) return true;
  if (told.has(error)) return false;
  told.add(error);
  return true;
}

/** As `claim`, for one that took the view away: that is told even where the window told the error before. */
export function claimFailure(error: unknown): boolean {
  claim(error);
  if (error === null || (typeof error !== "object" && typeof error !== "function")) return true;
  if (broke.has(error)) return false;
  broke.add(error);
  return true;
}

/** The update or the first render failed. */
export function failed(error: RawError, seq: number, kept: boolean): void {
  failing = true;
  post({ type: "failed", error, seq, kept });
}

/** An error that broke nothing on screen. */
export function tell(error: unknown, kind: Kind = "runtime"): void {
  if (!claim(error)) return;
  const raw = rawError(kind, error);
  const key = `${raw.message}\n${raw.stack}`;
  if (key === recent) return;
  recent = key;
  setTimeout(() => {
    if (recent === key) recent = "";
  }, 100);
  failing = true;
  post({ type: "error", error: raw });
}

/** A good update is on screen: what was told before is over. */
export function clear(): void {
  if (!failing) return;
  failing = false;
  post({ type: "clear" });
}

export function installErrors(): void {
  window.addEventListener("error", (event) => {
    // Pictures and scripts that do not load are not exceptions.
    if (!(event instanceof ErrorEvent) || /^ResizeObserver loop/.test(event.message)) return;
    const error: unknown = event.error ?? new Error(event.message);
    if (error instanceof Error && error.stack?.includes("invokeGuardedCallback") && !replayed.has(error)) {
      replayed.add(error);
      return;
    }
    // Whoever handles it, an error boundary of ours, has the first word.
    setTimeout(() => tell(error), BOUNDARY_FIRST);
  });
  window.addEventListener("unhandledrejection", (event) => tell(event.reason));
  window.addEventListener("securitypolicyviolation", (event) => {
    if (event.disposition === "enforce") {
      post({ type: "blocked", url: event.blockedURI, directive: event.effectiveDirective });
    }
  });
}
