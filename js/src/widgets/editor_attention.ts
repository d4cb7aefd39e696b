// Whether a person is there. A canvas runs generated code; what it says of the page counts where somebody did something.

/** How long after the last sign of a person. A drag has none between its beginning and its end. */
const RECENT = 15_000;
/** How long the frame may take to insert what it was told to. */
const INSERTING = 15_000;

interface Activation {
  readonly isActive: boolean;
  readonly hasBeenActive: boolean;
}

export class Attention {
  #activation: Activation | undefined;
  #now: () => number;
  #seen = Number.NEGATIVE_INFINITY;
  #allowed = Number.NEGATIVE_INFINITY;

  /** Clicks and keys in frames count for the pages around them. Browsers that do not tell are believed. */
  constructor(activation: Activation | undefined, now: () => number = () => performance.now()) {
    this.#activation = activation;
    this.#now = now;
  }

  /** Whether somebody did something a moment ago. To be asked at each message: it remembers. */
  get isThere(): boolean {
    const { isActive, hasBeenActive } = this.#activation ?? { isActive: true, hasBeenActive: true };
    if (isActive) this.#seen = this.#now();
    return hasBeenActive && this.#now() - this.#seen < RECENT;
  }

  /** One edit is to come of what the page itself asked for. */
  allow(): void {
    this.#allowed = this.#now() + INSERTING;
  }

  /** Whether an edit that came in just now was asked for. */
  takes(): boolean {
    const allowed = this.#now() < this.#allowed;
    this.#allowed = Number.NEGATIVE_INFINITY;
    return this.isThere || allowed;
  }
}
