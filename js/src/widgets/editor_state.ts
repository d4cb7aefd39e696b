// What the editor's view shows beside its frame.
import type { FileDiff, PaletteComponent } from "../protocol";
import type { Run } from "./editor_run";
import type { SyncState } from "./editor_sync";

export type Kind = "generate" | "edit";

export interface EditorState {
  /** Path of the page that is edited. */
  page: string;
  /** Why the editor's own code could not be had; empty where it could. */
  trouble: string;
  sync: SyncState;
  /** What is selected in the canvas, by the canvas' word. */
  selected: { id: string; type: string } | null;
  prompt: Prompt;
  changes: Changes;
}

export interface Prompt {
  text: string;
  /** The new component's name: of the text's first words, until somebody writes another. */
  name: string;
  named: boolean;
  /** What was chosen for what is selected; empty for what goes without saying. */
  kind: Kind | "";
  /** Counts up where the field is to have the focus. */
  focus: number;
  run: Run | null;
  /** How the last one ended, in one sentence. */
  failure: string;
  done: string;
}

/** What became of the file since the editor was opened. `files` is null before that was read. */
export interface Changes {
  open: boolean;
  files: FileDiff[] | null;
  failure: string;
}

export const initialEditor: EditorState = {
  ...{ page: "", trouble: "", selected: null },
  sync: {
    ...{ palette: null, hash: null, theirs: null, broken: null, failure: "", unreachable: false },
    ...{ refused: false, saving: false, waits: false, held: false },
  },
  prompt: { text: "", name: "", named: false, kind: "", focus: 0, run: null, failure: "", done: "" },
  changes: { open: false, files: null, failure: "" },
};

/** The app's component that is selected: by the palette, which the engine gave. */
export function componentOf({ selected, sync }: EditorState): PaletteComponent | null {
  return sync.palette?.components.find(({ type }) => type === selected?.type) ?? null;
}

/** What a prompt is for: a component that is selected, unless a new one is wanted. */
export function kindOf(state: EditorState): Kind {
  return componentOf(state) ? state.prompt.kind || "edit" : "generate";
}

export function takenNames({ sync }: EditorState): Set<string> {
  return new Set(sync.palette?.components.map(({ name }) => name));
}
