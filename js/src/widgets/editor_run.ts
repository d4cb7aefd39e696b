// A prompt that is being answered: asked for, followed step by step, and told of when it is over.
import type { GenerateComponent, Generation, GenerationStepped } from "../protocol";
import type { Kind } from "./editor_state";
import { answered, begun, type Course, isOver, stepped } from "./generation_state";
import type { Request, Result } from "./transport";

/** How long no news may come before the engine is asked. */
const QUIET = 3000;

export interface Run {
  kind: Kind;
  /** The component's. */
  name: string;
  course: Course;
  stopping: boolean;
}

export interface RunPorts {
  call(request: Request): Promise<Result>;
  /** Asks by way of the kernel, which knows of models and keys. */
  ask(request: GenerateComponent): Promise<Result>;
  told(run: Run): void;
  over(run: Run, generation: Generation): void;
  failed(message: string): void;
}

export class PromptRun {
  #ports: RunPorts;
  #app: string;
  #id = "";
  #run: Run;
  #asking = false;
  #stopped = false;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  constructor(app: string, kind: Kind, name: string, ports: RunPorts) {
    this.#ports = ports;
    this.#app = app;
    this.#run = { kind, name, course: begun(), stopping: false };
  }

  async start(prompt: string, path: string): Promise<void> {
    const { name } = this.#run;
    this.#ports.told(this.#run);
    try {
      const request: GenerateComponent = { type: "generate_component", app: this.#app, name, prompt, path, keep: true };
      const result = await this.#ports.ask(request);
      if (result.type !== "generation") throw new Error("The engine gave another answer.");
      this.#id = result.generation.id;
      this.#set({ course: begun(result.generation) });
      if (this.#run.stopping) this.stop();
      await this.#look();
    } catch (error) {
      this.#end();
      this.#ports.failed((error as Error).message);
    }
  }

  heard({ generation, number, step }: GenerationStepped): void {
    if (this.#stopped || !this.#id || generation !== this.#id) return;
    this.#set({ course: stepped(this.#run.course, number, step) });
    const { course } = this.#run;
    if (course.gap || isOver(course)) void this.#look();
    else this.#watch();
  }

  /** Before it is known which one it is, it is stopped once that is known. */
  stop(): void {
    this.#set({ stopping: true });
    if (!this.#id) return;
    this.#ports.call({ type: "cancel_generation", app: this.#app, generation: this.#id }).then(
      () => this.#look(),
      () => this.#set({ stopping: false }),
    );
  }

  /** Follows it no more. */
  leave(): void {
    this.#end();
  }

  #set(change: Partial<Run>): void {
    if (this.#stopped) return;
    this.#run = { ...this.#run, ...change };
    this.#ports.told(this.#run);
  }

  async #look(): Promise<void> {
    if (this.#asking || this.#stopped) return;
    this.#asking = true;
    const { course } = this.#run;
    const seen = course.gap ? -1 : course.last;
    try {
      const request: Request = { type: "get_generation", app: this.#app, generation: this.#id, seen, seconds: 0 };
      const result = await this.#ports.call(request);
      if (result.type === "generation") this.#told(result.generation, result.steps, result.seen);
    } catch (error) {
      // Who was not reached may be later; who answered does not know it any more.
      if ((error as { kind?: string }).kind && !this.#stopped) {
        this.#end();
        this.#ports.failed("The engine does not know of this prompt any more: ask once more.");
      }
    } finally {
      this.#asking = false;
    }
    this.#watch();
  }

  #told(generation: Generation, steps: GenerationStepped["step"][], seen: number): void {
    this.#set({ course: answered(this.#run.course, generation, steps, seen) });
    if (!isOver(generation) || this.#stopped) return;
    this.#end();
    this.#ports.over(this.#run, generation);
  }

  #watch(): void {
    clearTimeout(this.#quiet);
    if (!this.#stopped) this.#quiet = setTimeout(() => void this.#look(), QUIET);
  }

  #end(): void {
    this.#stopped = true;
    clearTimeout(this.#quiet);
  }
}
