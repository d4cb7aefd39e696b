/** What the guards in the app's loops call now and then: it stops a loop that keeps the check from ending. */

/** How long a loop may keep its task, in milliseconds. */
const LIMIT = 400;

export class EndlessLoop extends Error {
  override name = "EndlessLoop";
}

let task = 1;
let watching = false;
let began = 0;

export function loopGuard(): (since: number, site: number) => number {
  /** React renders again what threw: that one is not given the time again. */
  const stopped = new Map<number, number>();
  return (since, site) => {
    const now = performance.now();
    if (!watching) {
      watching = true;
      setImmediate(() => {
        watching = false;
        task += 1;
        began = performance.now();
      });
    }
    if (stopped.get(site) !== task) {
      if (since <= began) return now;
      if (now - since <= LIMIT) return since;
      stopped.set(site, task);
    }
    throw new EndlessLoop("This loop did not end and was stopped; give it an end");
  };
}
