/**
 * React's development build captures an Error for every element it makes, so that a warning can say who made it: most
 * of the time of rendering a large tree. It makes no more than 10,000 of them a second; while an update is rendered it
 * is told that they have been made. What an update adds has no owner stack then; what was there keeps its own.
 */
import type * as React from "react";

const COUNTER = "recentlyCreatedOwnerStacks";
const LIMIT = 10_000;

let paused = false;
let omitted = false;

/** Puts a switch into React's counter; does nothing where this React has none. */
export function controlOwnerStacks(react: typeof React): void {
  const internals = (react as unknown as Record<string, Record<string, unknown> | undefined>)
    .__CLIENT_INTERNALS_DO_NOT_USE_OR_WARN_USERS_THEY_CANNOT_UPGRADE;
  if (typeof internals?.[COUNTER] !== "number") return;
  let count = internals[COUNTER];
  Object.defineProperty(internals, COUNTER, {
    get: () => (paused || omitted ? LIMIT : count),
    set: (value: number) => {
      if (!paused && !omitted) count = value;
    },
  });
}

export function withoutOwnerStacks(render: () => void): void {
  paused = true;
  try {
    render();
  } finally {
    paused = false;
  }
}

/** For good: an editor renders at every key. */
export function omitOwnerStacks(): void {
  omitted = true;
}
