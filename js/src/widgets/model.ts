// The widget's side of the conversation with Python: traits and custom messages, as anywidget hands them over.
import type { Diagnostic, Event, Generation, Protocol, Reply } from "../protocol";
import type { Step } from "../recorder/steps";
import type { ConsoleLine, Target } from "../runtime/messages";

export type ToEngine = Protocol["to_engine"];
export type ToClient = Reply | Event;
export type Device = "" | "phone" | "tablet" | "desktop";

export interface Traits {
  /** What the bundle renders; empty in notebooks of before there was a choice. */
  view: "" | "preview" | "editor" | "deployment" | "deployments" | "history" | "github" | "generation";
  /** Path of the page that an editor edits. */
  page: string;
  /** Hash of the code that edits. */
  code: string;
  /** Id of the deployment that a timeline shows. */
  deployment: string;
  /** Id of the generation that is shown; another one once it is asked for again. */
  generation: string;
  /** How that ended; empty before. */
  snapshot: Generation | Record<string, never>;
  app: string;
  name: string;
  target: Target;
  props: Record<string, unknown>;
  functions: string[];
  height: number;
  device: Device;
  allow: string[];
  transport: "server" | "comm";
  bundle: string;
  title: string;
  problems: Diagnostic[];
  /** Under which name Python has steps written down; empty where it does not. */
  recording: string;
}

/** What `preview.status`, `.errors` and `.console` show in Python. */
export interface Report {
  status: string;
  errors: Diagnostic[];
  console: ConsoleLine[];
  seq: number;
  height: number;
}

export type ToKernel =
  | { type: "overskill"; message: ToEngine }
  | { type: "bundle"; hash: string }
  | { type: "invoke"; id: number; name: string; args: unknown[] }
  | ({ type: "report" } & Report)
  /** What is selected in the editor's canvas. */
  | { type: "selected"; item: { id: string; type: string } | null }
  /** What the person did until now, while that is written down; `keep` ends it. */
  | { type: "steps"; name: string; steps: Step[]; keep: boolean }
  /** The page that is edited has another text now. */
  | { type: "changed"; hash: string };

export type FromKernel =
  | { type: "overskill"; message: ToClient }
  | { type: "bundle"; hash: string; part?: number; parts?: number }
  | { type: "returned"; id: number; value?: unknown; error?: string }
  /** What became of steps that were to be kept. */
  | { type: "recorded"; text: string; failed: boolean }
  | { type: "command"; command: "reload" | "focus" | "clear_console" };

export interface Model {
  get<K extends keyof Traits>(name: K): Traits[K];
  set<K extends keyof Traits>(name: K, value: Traits[K]): void;
  save_changes(): void;
  send(content: ToKernel): void;
  // biome-ignore lint/suspicious/noExplicitAny: what a listener gets depends on the event's name.
  on(event: string, listener: (...args: any[]) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  off(event: string, listener: (...args: any[]) => void): void;
}
