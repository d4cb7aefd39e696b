// Tells Python what the preview shows: changes only, at most every 50 ms, because every message costs the kernel time.
import type { ConsoleLine } from "../runtime/messages";
import type { Report } from "./model";

const EVERY = 50;
const MAX_LINES = 200;
const MAX_TEXT = 4000;

type Standing = Omit<Report, "console">;

export class Reports {
  #send: (report: Report) => void;
  #sent = "";
  #standing: Standing | null = null;
  #lines: ConsoleLine[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (report: Report) => void) {
    this.#send = send;
  }

  stands(standing: Standing): void {
    this.#standing = standing;
    if (JSON.stringify(standing) !== this.#sent) this.#later();
  }

  lines(lines: ConsoleLine[]): void {
    this.#lines.push(...lines.map((line) => ({ ...line, text: line.text.slice(0, MAX_TEXT) })));
    this.#lines = this.#lines.slice(-MAX_LINES);
    this.#later();
  }

  /** A new widget knows nothing of what the one before it was told. */
  again(): void {
    this.#sent = "";
    this.#later();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (!this.#standing) return;
      const console = this.#lines;
      this.#lines = [];
      this.#sent = JSON.stringify(this.#standing);
      this.#send({ ...this.#standing, console });
    }, EVERY);
  }
}
