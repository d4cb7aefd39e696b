// Whether a frame still answers. It runs in a process of its own: the page goes on where the frame is too busy to.

/** How often it is asked, in milliseconds, and after how many questions without an answer that is said. */
const EVERY = 2000;
const MISSED = 4;

export class Pulse {
  #ask: () => void;
  #silent: (silent: boolean) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #missed = 0;

  constructor(ask: () => void, silent: (silent: boolean) => void) {
    this.#ask = ask;
    this.#silent = silent;
  }

  start(): void {
    this.stop();
    // Counted, not timed: after a sleep the answers come a moment after the timers.
    this.#timer = setInterval(() => {
      this.#missed += 1;
      if (this.#missed > MISSED) this.#silent(true);
      this.#ask();
    }, EVERY);
  }

  answered(): void {
    if (this.#missed > MISSED) this.#silent(false);
    this.#missed = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.answered();
  }
}
