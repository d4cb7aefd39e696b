/**
 * What the notebook page and the preview frame say to each other.
 *
 * The frame has two ports. `updates` carries the engine's own messages (`Snapshot`, `Update` in, `Ack` out) and may
 * end in a Web Worker that owns the socket, so that a busy page delays nothing. `control` ends in the page.
 */
import type { Ack, Kind, Look, PageView, Palette, Snapshot, Update } from "../protocol";

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
  /** Whether the frame is the visual editor of a page: the target is the page's canvas, and `editor` messages follow. */
  editor?: boolean;
}

/** What is said to a frame that is the editor. */
export type ToEditor =
  /** The editor's code, once. */
  | { type: "code"; code: Uint8Array }
  | { type: "palette"; palette: Palette }
  /** The page as its file has it. `edit`: the number of the `edited` that it came of; null where somebody else changed the file. */
  | { type: "page"; page: PageView; edit: number | null }
  /** The width that the page is shown in, in pixels; 0 for all there is. */
  | { type: "width"; width: number }
  /** Inserts an item of a type after the selected one, into the selected slot, or at the end of the page. */
  | { type: "insert"; component: string }
  | { type: "select"; id: string | null };

/** What the editor says. It runs with other people's code: nothing of it is believed. */
export type FromEditor =
  /** It is on screen and can be used. */
  | { type: "ready" }
  /** The person changed the page. Numbered from 1 on; `base` is the hash of the last page that the frame took in. */
  | { type: "edited"; data: unknown; edit: number; base?: string }
  | { type: "selected"; item: { id: string; type: string } | null }
  /** The person asked, in the canvas, for a prompt: for a new component, or for the selected one. */
  | { type: "prompt"; kind: "generate" | "edit" };

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
  | { type: "editor"; message: ToEditor }
  /** Begins to write down what the person does, with the code that does it; ends where that is empty. */
  | { type: "record"; code: string }
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
  | { type: "editor"; message: FromEditor }
  /** Something that the person did, while that is written down; null where that has ended. */
  | { type: "stepped"; step: unknown }
  | { type: "size"; height: number }
  /** The component called a function prop. */
  | { type: "invoke"; id: number; name: string; args: unknown[] }
  /** The sandbox refused a request. */
  | { type: "blocked"; url: string; directive: string }
  /** The frame cannot apply an update and needs a snapshot (it lost one, or nothing takes the change). */
  | { type: "restart"; reason: string };
