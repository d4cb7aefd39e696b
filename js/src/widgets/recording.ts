// A person's steps, written down while the preview is used, until they are kept or dropped.
import recorder from "text:../recorder/recorder.ts";
import type { Step } from "../recorder/steps";
import type { ToFrame } from "../runtime/messages";
import type { ToKernel } from "./model";
import type { State } from "./state";
import type { Store } from "./store";

const MOST_STEPS = 500;
const VERBS = /^(?:click|double-click|type|select|press)$/;
const NO_KERNEL = "No kernel is there to keep it.";

export interface Recorded {
  on: boolean;
  name: string;
  steps: Step[];
  /** The kernel looks at what is there after each step. */
  keeping: boolean;
  /** What became of it. */
  said: string;
  failed: boolean;
}

export interface RecordingActions {
  begin(): void;
  rename(name: string): void;
  keep(): void;
  /** Leave a step out, from 0. */
  remove(number: number): void;
  drop(): void;
}

export interface RecordingOptions {
  store: Store<State>;
  /** False where there is no frame that listens. */
  post(message: ToFrame): boolean;
  /** False where no kernel is there. */
  tell(content: ToKernel): boolean;
}

export class Recording implements RecordingActions {
  readonly #o: RecordingOptions;
  /** The name that Python has it written down under. */
  #named = "";

  constructor(options: RecordingOptions) {
    this.#o = options;
  }

  begin(name = ""): void {
    this.#set({ on: true, name, steps: [], keeping: false, said: "", failed: false });
    this.#o.post({ type: "record", code: recorder });
  }

  /** Python begins, or ends, to write down. */
  named(name: string): void {
    if (name === this.#named) return;
    this.#named = name;
    if (name) this.begin(name);
    else if (this.#now.on) this.drop();
  }

  rename(name: string): void {
    this.#set({ name });
  }

  /** The frame has started anew. */
  ready(): void {
    if (this.#now.on) this.#o.post({ type: "record", code: recorder });
  }

  /** The frame runs other people's code: what it says is checked again by the kernel. */
  stepped(said: unknown): void {
    const { on, keeping, steps } = this.#now;
    if (!on) return;
    if (said === null) {
      if (keeping) this.#send();
      return;
    }
    const step = checked(said);
    if (!step) return;
    const before = step.do === "double-click" ? withoutClicks(steps, step) : steps;
    if (before.length >= MOST_STEPS) return;
    this.#set({ steps: [...before, step] });
    this.#tell(false);
  }

  remove(number: number): void {
    this.#set({ steps: this.#now.steps.filter((_, n) => n !== number) });
    this.#tell(false);
  }

  /** What is being typed is a step, too: the frame says so before it says that it has ended. */
  keep(): void {
    this.#set({ keeping: true, said: "", failed: false });
    if (!this.#o.post({ type: "record", code: "" })) this.#send();
  }

  drop(): void {
    const { on } = this.#now;
    this.#o.post({ type: "record", code: "" });
    this.#set({ on: false, steps: [], keeping: false, said: "", failed: false });
    if (on) this.#tell(false); // so that Python keeps nothing of it either
  }

  /** What could not be kept is not lost: it goes on, until it is kept under another name, say, or dropped. */
  answered(said: string, failed: boolean): void {
    const on = failed && this.#now.on;
    this.#set({ on, keeping: false, said, failed });
    if (on) this.ready();
  }

  #send(): void {
    if (!this.#tell(true)) this.answered(NO_KERNEL, true);
  }

  #tell(keep: boolean): boolean {
    const { name, steps } = this.#now;
    return this.#o.tell({ type: "steps", name: name.trim() || DEFAULT_NAME, steps, keep });
  }

  get #now(): Recorded {
    return this.#o.store.value.recorded;
  }

  #set(recorded: Partial<Recorded>): void {
    this.#o.store.set({ recorded: { ...this.#now, ...recorded } });
  }
}

export const DEFAULT_NAME = "what a user does";

function checked(said: unknown): Step | null {
  if (typeof said !== "object" || said === null) return null;
  const { do: verb, role, name, nth, value } = said as Record<string, unknown>;
  if (!VERBS.test(String(verb))) return null;
  const step: Step = { do: verb as Step["do"] };
  if (role) step.role = String(role);
  if (name) step.name = String(name);
  if (Number.isInteger(nth) && Number(nth) > 0) step.nth = Number(nth);
  if (value !== undefined) step.value = String(value);
  return step;
}

/** Without the two clicks that a double click is made of. */
function withoutClicks(steps: Step[], { role, name, nth }: Step): Step[] {
  const isOne = (step?: Step) => step?.do === "click" && step.role === role && step.name === name && step.nth === nth;
  let end = steps.length;
  while (end > steps.length - 2 && isOne(steps[end - 1])) end -= 1;
  return steps.slice(0, end);
}

/** As the recording says it. */
export function wordsOf({ do: verb, role = "", name, nth, value = "" }: Step): string {
  const control = `${role}${name ? ` "${name}"` : ""}${nth ? ` (${nth})` : ""}`;
  if (verb === "type") return `type "${value}" into ${control}`;
  if (verb === "select") return `select "${value}" in ${control}`;
  if (verb === "press") return role ? `press ${value} in ${control}` : `press ${value}`;
  return `${verb} ${control}`;
}
