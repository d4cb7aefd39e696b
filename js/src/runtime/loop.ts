/** What the guards in the app's loops call now and then: it stops a loop that keeps its task from ending. */

/**
 * `since` is when this run of the loop was first seen in the running task, as the call before gave it; 0 at first.
 * `site` tells the loops of a module apart.
 */
export type LoopGuard = (since: number, site: number) => number;

/** How long a loop may keep its task, in milliseconds. */
const LIMIT = 3000;

/** The app may replace the page's own clock. */
const now = performance.now.bind(performance);

/** When the running task was seen to be another one than before, and which one it is. */
let began = 0;
let task = 0;
let watching = false;

/** A message is a task of its own: when it arrives, the one that sent it has ended, with all its microtasks. */
const { port1: ends, port2: running } = new MessageChannel();
ends.onmessage = () => {
  watching = false;
  task += 1;
  began = now();
};

export class EndlessLoop extends Error {
  override name = "EndlessLoop";
}

/** The guard of one module, for one run of it. */
export function loopGuard(): LoopGuard {
  /** Whoever asks again in the same task, as React does after a throw, is not kept waiting again. */
  const stopped = new Map<number, number>();
  return (since, site) => {
    const at = now();
    if (!watching) {
      watching = true;
      running.postMessage(null);
    }
    if (since <= began) since = at;
    else if (at - since > LIMIT) stopped.set(site, task);
    else return since;
    if (stopped.get(site) !== task) return since;
    throw new EndlessLoop(`This loop did not end and was stopped after ${LIMIT / 1000} seconds; give it an end`);
  };
}
