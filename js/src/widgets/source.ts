import type { Target } from "../runtime/messages";
import type { ToEngine } from "./model";

/** Where a preview takes what it shows from: a widget's model, or the address of a tab. */
export interface Source {
  readonly app: string;
  /** The app's folder, to open it again where the engine lost it. */
  readonly name: string;
  readonly target: Target;
  readonly props: Record<string, unknown>;
  readonly functions: string[];
  readonly allow: string[];
  readonly transport: "server" | "comm";
  /** Sends a message to the engine through the kernel; false where no kernel is there. */
  relay(message: ToEngine): boolean;
  /** Calls a Python function; false where no kernel is there. */
  invoke(id: number, name: string, args: unknown[]): boolean;
}

/** Previews of the same key show the same thing: a new one may take over the frame of one that went. */
export function keyOf({ app, target }: Pick<Source, "app" | "target">): string {
  return JSON.stringify([app, target.module, target.export]);
}
