// What a preview's view shows, and what follows from it.
import type { Diagnostic } from "../protocol";
import type { ConsoleLine } from "../runtime/messages";
import type { Theme } from "./host";
import type { Device } from "./model";
import type { Recorded } from "./recording";
import type { Connection } from "./transport";

export interface State {
  title: string;
  theme: Theme;
  connection: Connection;
  /** The frame has shown something since it was started. */
  live: boolean;
  /** Something slow is going on, or just happened: shown beside the state. */
  progress: string;
  notice: string;
  /** Build errors and warnings as the engine sees them now. */
  diagnostics: Diagnostic[];
  /** Errors at run time since the last good view. */
  errors: RuntimeError[];
  /** The last update failed, and the frame kept what it showed before. */
  kept: boolean;
  /** The frame does not answer. */
  silent: boolean;
  dismissed: boolean;
  lines: ConsoleRow[];
  consoleOpen: boolean;
  device: Device;
  /** Height of the frame, in pixels. */
  height: number;
  full: boolean;
  /** Where "open in a new tab" leads; empty where that is not possible. */
  tab: string;
  /** Fills a window of its own: no toolbar, no handle. */
  isTab: boolean;
  recorded: Recorded;
}

export interface RuntimeError {
  key: string;
  diagnostic: Diagnostic;
  count: number;
}

export interface ConsoleRow extends ConsoleLine {
  key: number;
}

export type Status = "loading" | "building" | "live" | "error" | "disconnected";

export const initial: State = {
  title: "",
  theme: "light",
  connection: "connecting",
  live: false,
  progress: "",
  notice: "",
  diagnostics: [],
  errors: [],
  kept: false,
  silent: false,
  dismissed: false,
  lines: [],
  consoleOpen: false,
  device: "",
  height: 0,
  full: false,
  tab: "",
  isTab: false,
  recorded: { on: false, name: "", steps: [], keeping: false, said: "", failed: false },
};

/** Loops of the app's own are stopped; what remains is a package's, or the browser's own work. */
const SILENT: Diagnostic = {
  ...{ severity: "error", kind: "runtime", location: null, frame: "", stack: "" },
  message: "The preview does not answer: something in it runs on and on.",
  hint: "Reload the preview, or change the code; either starts it again.",
};

export function problemsOf(state: State): Diagnostic[] {
  const { silent, diagnostics } = state;
  const ofSources = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  return [...(silent ? [SILENT] : []), ...ofSources, ...runtimeProblems({ ...state, silent: false })];
}

/** Those that the sources do not tell. */
export function runtimeProblems({ silent, errors }: State): Diagnostic[] {
  return [...(silent ? [SILENT] : []), ...errors.map((error) => error.diagnostic)];
}

export function statusOf(state: State): Status {
  if (state.connection === "lost") return "disconnected";
  if (problemsOf(state).length > 0) return "error";
  if (state.progress) return "building";
  if (!state.live) return "loading";
  return state.connection === "connecting" ? "disconnected" : "live";
}

/** Run-time errors can be put away; what does not build stays until it builds. */
export function isCardShown(state: State): boolean {
  if (state.silent || state.diagnostics.some((diagnostic) => diagnostic.severity === "error")) return true;
  return state.errors.length > 0 && !state.dismissed;
}

const titles: Record<Diagnostic["kind"], string> = {
  syntax: "Syntax error",
  resolve: "Import not found",
  type: "Type error",
  install: "Package not installed",
  css: "CSS error",
  config: "Configuration error",
  file: "File error",
  module: "Error while loading",
  render: "Error while rendering",
  runtime: "Run-time error",
  network: "Request refused",
  internal: "Internal error",
  behaviour: "Not all is there",
};

export function titleOf(diagnostic: Diagnostic): string {
  return titles[diagnostic.kind];
}

export function placeOf({ location }: Diagnostic): string {
  return location ? `${location.file}:${location.line}:${location.column}` : "";
}

/** A problem as plain text, for the clipboard. */
export function textOf(diagnostic: Diagnostic): string {
  const { message, frame, hint, stack } = diagnostic;
  const head = [titleOf(diagnostic), placeOf(diagnostic)].filter(Boolean).join(" in ");
  return [`${head}\n${message}`, frame, hint, stack].filter(Boolean).join("\n\n");
}
