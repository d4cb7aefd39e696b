/** What the worker asks of the checker, and what that answers. */
import type { Module } from "../protocol";

/** A value that JSON cannot hold is `{ $: "function" }` and the like; see `props.ts`. */
export type PropSet = Record<string, unknown>;

export interface RenderParams {
  modules: Module[];
  vendor: { id: string; code: string }[];
  module: string;
  /** Name of the export that should be the component; empty for whichever is one. */
  export: string;
  props: PropSet[];
  /** Whether to press its buttons and fill its fields once. */
  poke: boolean;
}

export interface Report {
  severity: "error" | "warning";
  kind: "module" | "render" | "runtime";
  message: string;
  stack: string;
  hint: string;
}

export interface RenderResult {
  /** The export that was rendered; empty where there was none to render. */
  export: string;
  reports: Report[];
  /** What it printed, the oldest line first. */
  console: string[];
  /** What a screen reader finds in it, with the first set of props. */
  text: string;
  /** How many sets of props were rendered. */
  rendered: number;
  ms: number;
}
