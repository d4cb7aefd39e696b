/**
 * What the notebook page and the preview frame say to each other.
 *
 * The frame has two ports. `updates` carries the engine's own messages (`Snapshot`, `Update` in, `Ack` out) and may
 * end in a Web Worker that owns the socket, so that a busy page delays nothing. `control` ends in the page.
 */
import type { Ack, Kind, Look, Snapshot, Update } from "../protocol";

/** Which part of the app the frame shows. An empty module means the whole app: the entries of its `index.html`. */
export interface Target {
  module: string;
  export: string;
}

/** The first message of all, posted to the outer frame's window with both ports: [control, updates]. */
export interface Start {
  type: "start";
  client: string;
  target: Target;
  props: Record<string, unknown>;
  /** Names that Python handles: each becomes a function prop. */
  functions: string[];
  theme: "light" | "dark";
  /** Whether the frame takes its content's height. */
  fit: boolean;
}

/** A chunk of packages that a snapshot is likely to name: to be read by the time that it comes. */
export interface Ahead {
  type: "chunk";
  id: string;
  code: Uint8Array;
}

export type ToFrameUpdates = Snapshot | Update | Ahead;
export type FromFrameUpdates = Ack;

export type ToFrame =
  | { type: "props"; props: Record<string, unknown> }
  | { type: "functions"; functions: string[] }
  | { type: "theme"; theme: "light" | "dark" }
  | { type: "fit"; fit: boolean }
  /** Asks what is on screen. `code` looks; empty where the frame need only tell first what it has to tell. */
  | { type: "look"; id: string; view: View; code: string }
  /** Asks whether anybody is there; answered at once. */
  | { type: "ping" }
  /** What Python answered to `invoke`. */
  | { type: "returned"; id: number; value?: unknown; error?: string };

export type View = Look["view"];

export type ConsoleLevel = "log" | "info" | "warn" | "error" | "debug";

export interface ConsoleLine {
  level: ConsoleLevel;
  text: string;
  /** Unix time, milliseconds. */
  time: number;
  /** How often the same line came in a row. */
  count: number;
}

/** An error as the frame saw it: not mapped yet. */
export interface RawError {
  kind: Kind;
  message: string;
  stack: string;
}

export type FromFrame =
  | { type: "ready" }
  | { type: "pong" }
  /** What `look` found, or why it found nothing. */
  | { type: "looked"; id: string; seen: string; failure?: string }
  /** The content of `seq` is on screen. */
  | { type: "live"; build: string; seq: number; ms: number; outcome: Ack["outcome"] }
  /** An update or the first render failed; the last good view stays where there is one. */
  | { type: "failed"; error: RawError; seq: number; kept: boolean }
  /** An error that broke nothing on screen: in an effect, an event handler, a promise. */
  | { type: "error"; error: RawError }
  /** The errors reported since the last good view are over. */
  | { type: "clear" }
  | { type: "console"; lines: ConsoleLine[] }
  | { type: "size"; height: number }
  /** The component called a function prop. */
  | { type: "invoke"; id: number; name: string; args: unknown[] }
  /** The sandbox refused a request. */
  | { type: "blocked"; url: string; directive: string }
  /** The frame cannot apply an update and needs a snapshot (it lost one, or nothing takes the change). */
  | { type: "restart"; reason: string };
