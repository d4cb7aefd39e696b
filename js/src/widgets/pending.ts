// Calls that wait for their replies. Ids are unique in the page, whichever connection carries them.
import type { Reply } from "../protocol";
import type { Result } from "./transport";

const TIMEOUT = 60_000;

// Several pages may share the kernel's one connection: their ids must not meet.
let last = Math.floor(Math.random() * 2 ** 40);

export class CallFailed extends Error {
  override name = "CallFailed";

  constructor(
    message: string,
    /** Name of the engine's error; empty where the engine was not reached. */
    readonly kind = "",
  ) {
    super(message);
  }
}

export class Pending {
  #waiting = new Map<number, { resolve: (result: Result) => void; reject: (error: Error) => void }>();

  /** `send` is given the call's id. */
  call(send: (id: number) => void): Promise<Result> {
    last += 1;
    const id = last;
    return new Promise<Result>((resolve, reject) => {
      const timer = setTimeout(() => this.#finish(id)?.reject(new CallFailed("The engine did not answer.")), TIMEOUT);
      const done =
        <A>(then: (value: A) => void) =>
        (value: A) => {
          clearTimeout(timer);
          then(value);
        };
      this.#waiting.set(id, { resolve: done(resolve), reject: done(reject) });
      send(id);
    });
  }

  settle(reply: Reply): void {
    const waiting = this.#finish(reply.id);
    if (reply.failure) waiting?.reject(new CallFailed(reply.failure.message, reply.failure.error));
    else if (reply.result) waiting?.resolve(reply.result);
  }

  fail(id: number, message: string): void {
    this.#finish(id)?.reject(new CallFailed(message));
  }

  #finish(id: number) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}
