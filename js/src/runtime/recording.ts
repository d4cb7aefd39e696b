/** Lets a person's steps be written down. What does it is sent along when it begins: few frames are ever recorded. */
import { post } from "./post";

const MOST_TEXT = 2000;
let stop: (() => void) | null = null;

/** Begins, with the code that does it; ends where that is empty. */
export function record(code: string): void {
  stop?.();
  stop = null;
  if (!code) {
    post({ type: "stepped", step: null });
    return;
  }
  const ended = (end: () => void) => {
    stop = end;
  };
  new Function("tell", "ended", code)(
    (step: Record<string, unknown>) => post({ type: "stepped", step: cut(step) }),
    ended,
  );
}

function cut(step: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(step).map(([name, value]) => [name, typeof value === "string" ? value.slice(0, MOST_TEXT) : value]),
  );
}
