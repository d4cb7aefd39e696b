// What the engine wants to see of a preview: asked of its frame, answered with what the page knows and the frame says.
import eyes from "text:../eyes/eyes.ts";
import type { Look, Seen } from "../protocol";
import type { ToFrame } from "../runtime/messages";
import { runtimeProblems, type State } from "./state";
import type { Store } from "./store";

const MAX_TEXT = 20_000;
const MAX_LINES = 100;
const MAX_LINE = 2000;
const MAX_ERRORS = 20;
/** Of a picture in base64. */
const MAX_PICTURE = 1_400_000;
/** The engine does not wait as long for an answer. */
const PATIENCE = 5000;

export interface LooksOptions {
  store: Store<State>;
  /** False where there is no frame that listens. */
  post(message: ToFrame): boolean;
  /** Ends when the errors that the frame told until now are on screen, if they come there soon. */
  traced(): Promise<void>;
  answer(seen: Seen): void;
}

export class Looks {
  #o: LooksOptions;
  #waiting = new Map<string, Look>();

  constructor(options: LooksOptions) {
    this.#o = options;
  }

  /** All is asked of the frame, also what it told already: by the time that it answers it has told all that there is. */
  asked(look: Look): void {
    const { view } = look;
    const code = view === "text" || view === "screenshot" ? eyes : "";
    if (!this.#o.post({ type: "look", id: look.look, view, code })) {
      this.#answer(look, { failure: "it has not started yet" });
      return;
    }
    this.#waiting.set(look.look, look);
    setTimeout(() => this.#waiting.delete(look.look), PATIENCE);
  }

  /** The frame runs other people's code: what it says is cut, and never more than text. */
  looked(id: unknown, seen: unknown, failure: unknown): void {
    const look = this.#waiting.get(String(id));
    if (!look) return;
    this.#waiting.delete(look.look);
    if (failure) this.#answer(look, { failure: String(failure).slice(0, 300) });
    else if (look.view === "text") this.#answer(look, { text: String(seen).slice(0, MAX_TEXT) });
    else if (look.view === "screenshot") this.#answer(look, { screenshot: String(seen).slice(0, MAX_PICTURE) });
    else if (look.view === "console") this.#answer(look, { console: this.#lines() });
    else void this.#o.traced().then(() => this.#answer(look, { errors: this.#errors() }));
  }

  #lines(): string[] {
    const rows = this.#o.store.value.lines.slice(-MAX_LINES);
    return rows.map(({ level, text, count }) => {
      const times = count > 1 ? ` (${count} times)` : "";
      return `[${level}] ${text.slice(0, MAX_LINE)}${times}`;
    });
  }

  #errors(): Seen["errors"] {
    return runtimeProblems(this.#o.store.value).slice(0, MAX_ERRORS);
  }

  #answer({ app, look }: Look, seen: Partial<Seen>): void {
    this.#o.answer({ type: "seen", app, look, ...seen });
  }
}
