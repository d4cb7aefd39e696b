// What went wrong between a page and the engine, and when it is tried again.
import { backoff } from "./backoff";
import { CallFailed } from "./pending";

/** Does something later; gives back what calls it off. */
export type Later = (action: () => void, ms: number) => () => void;

export class Tries {
  /** Why it did not go; empty where it does. */
  failure = "";
  /** The engine did not answer: it is tried again by itself. One that answered is asked again once something changes. */
  unreachable = false;
  /** What was sent was not taken. Said until something else is sent, whatever goes well meanwhile. */
  refused = false;
  #later: Later;
  #failures = 0;
  #pause: (() => void) | null = null;

  constructor(later: Later) {
    this.#later = later;
  }

  /** Nothing is to be sent for now. */
  get pausing(): boolean {
    return this.#pause !== null;
  }

  worked(): void {
    this.#failures = 0;
    this.unreachable = false;
    if (!this.refused) this.failure = "";
  }

  failed(error: Error, again: () => void): void {
    this.unreachable = !isAnswer(error);
    this.failure = error.message;
    this.refused = false;
    this.resume();
    if (!this.unreachable) {
      this.#pause = () => {};
      return;
    }
    this.#failures += 1;
    this.#pause = this.#later(() => {
      this.#pause = null;
      again();
    }, backoff(this.#failures));
  }

  refuse(why: string): void {
    this.failure = why;
    this.refused = true;
  }

  /** What was refused is past. */
  forget(): void {
    if (this.refused) this.failure = "";
    this.refused = false;
  }

  resume(): void {
    this.#pause?.();
    this.#pause = null;
  }

  /** Something changed: what the engine could not do it may do now. */
  changed(): void {
    if (!this.unreachable) this.resume();
  }
}

/** Whether the engine answered, if only that it could not do it. */
export const isAnswer = (error: Error): boolean => error instanceof CallFailed && error.kind !== "";
