// What the editor's view shows beside its frame.
import type { FileDiff, PageView, Palette, PaletteComponent } from "../protocol";
import type { Run } from "./editor_run";

export type Kind = "generate" | "edit";

/** How the canvas and the file stand to each other. */
export interface SyncState {
  palette: Palette | null;
  /** Hash of the file as it was last seen; null before. */
  hash: string | null;
  /** An edit is on its way. */
  saving: boolean;
  /** An edit is in no file yet, and is not on its way. */
  waits: boolean;
  /** Why an edit, or the page, could not be had; empty where it could. */
  failure: string;
  /** Whether the failure is one of the connection: all is tried again by itself. */
  unreachable: boolean;
  /** The failure is that an edit was not taken: the canvas has the page back as it is. */
  refused: boolean;
  /** The file as somebody else changed it, while the canvas was changed too; null without a conflict. */
  theirs: PageView | null;
  /** The page was changed in the canvas by nobody who is known of; it waits for a word. */
  held: boolean;
  /** The file as it is, where it cannot be shown. */
  broken: PageView | null;
}

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
