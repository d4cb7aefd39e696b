/** What the worker asks of the checker, and what that answers. */
import type { Module } from "../protocol";

/** A value that JSON cannot hold is `{ $: "function" }` and the like; see `props.ts`. */
export type PropSet = Record<string, unknown>;

/** One thing that a person does. */
export interface Step {
  do: "click" | "fill" | "choose" | "press" | "wait";
  /** Of the control; empty for any. */
  role?: string;
  name?: string;
  /** Which of several, from 0. */
  nth?: number;
  value?: string;
  ms?: number;
}

export interface RenderParams {
  modules: Module[];
  vendor: { id: string; code: string }[];
  module: string;
  /** Name of the export that should be the component; empty for whichever is one. */
  export: string;
  props: PropSet[];
  /** Whether all of what it says is wanted; models are shown no more than they can use. */
  whole: boolean;
  /** Whether to press its buttons and fill its fields once. */
  poke: boolean;
  /** What to do to it, with the first set of props, in place of poking. */
  steps: Step[];
}

export interface Report {
  severity: "error" | "warning";
  kind: "module" | "render" | "runtime" | "behaviour";
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
  /** The same after each step. */
  after: string[];
  /** How many sets of props were rendered. */
  rendered: number;
  ms: number;
}
