// The editor on the page: the trusted side of a frame that edits. The link to the engine, prompts, and all that decides are
// here; the frame runs generated code, and is given and asked only what `messages.ts` says.
import type { Generation, PaletteComponent } from "../protocol";
import type { ToEditor } from "../runtime/messages";
import { Attention } from "./editor_attention";
import { changesOf } from "./editor_changes";
import { editorCode } from "./editor_code";
import { checked } from "./editor_messages";
import { componentName, freeName, troubleWith } from "./editor_names";
import { PromptRun, type Run } from "./editor_run";
import {
  type Changes,
  componentOf,
  type EditorState,
  initialEditor,
  type Kind,
  kindOf,
  type Prompt,
  type SyncState,
  takenNames,
} from "./editor_state";
import { EditorSync } from "./editor_sync";
import type { Choice } from "./editor_words";
import { CallFailed } from "./pending";
import { Store } from "./store";
import type { Connection, News, Request, Result } from "./transport";
import type { Widget } from "./widget";

/** How often, and how long apart, the palette is asked for a component that was just written. */
const TRIES = 12;
const APART = 300;

export interface EditorOptions {
  widget(): Widget;
  call(request: Request): Promise<Result>;
  /** By way of the kernel. */
  ask(request: Request): Promise<Result>;
  post(message: ToEditor): void;
}

export interface EditorActions {
  choose(choice: Choice): void;
  toggleChanges(): void;
  write(text: string): void;
  rename(name: string): void;
  aim(kind: Kind): void;
  submit(): void;
  cancel(): void;
}

export class Editor implements EditorActions {
  readonly store: Store<EditorState>;
  readonly #o: EditorOptions;
  readonly #app: string;
  readonly #attention = new Attention(navigator.userActivation);
  readonly #sync: EditorSync;
  #code: Uint8Array | null = null;
  #ready = false;
  #width = 0;
  #run: PromptRun | null = null;
  /** The file as it was first seen; undefined before. */
  #first: string | null | undefined;
  #read = "";
  #stopped = false;

  constructor(options: EditorOptions) {
    this.#o = options;
    const widget = options.widget();
    this.#app = widget.app;
    this.store = new Store<EditorState>({ ...initialEditor, page: widget.get("page") });
    this.#sync = new EditorSync(this.#app, widget.get("page"), {
      call: options.call,
      post: (message) => this.#post(message),
      told: (sync) => this.#told(sync),
      changed: (hash) => void options.widget().tell({ type: "changed", hash }),
      later(action, ms) {
        const timer = setTimeout(action, ms);
        return () => clearTimeout(timer);
      },
    });
  }

  start(): void {
    this.#load();
    this.#sync.start();
  }

  stop(): void {
    this.#stopped = true;
    this.#sync.stop();
    this.#run?.leave();
  }

  // ------------------------------------------------------------------------------------------------------- frame

  /** The frame loads (anew): nobody listens there before it says so. */
  loading(): void {
    this.#ready = false;
  }

  ready(): void {
    this.#ready = true;
    this.#select(null);
    if (this.#code) this.#post({ type: "code", code: this.#code });
    this.#post({ type: "width", width: this.#width });
    this.#sync.ready();
  }

  said(message: unknown): void {
    const said = checked(message);
    if (!said || !this.#ready) return;
    // What it says of itself costs nothing; where somebody is there, that is remembered.
    const isThere = this.#attention.isThere;
    switch (said.type) {
      case "ready":
        this.#sync.mounted();
        return;
      case "edited":
        this.#sync.edited(said.edit, said.data, said.base ?? "", this.#attention.takes());
        return;
      case "refused":
        this.#sync.refuse(said.edit, said.why);
        return;
      case "selected":
        this.#select(said.item);
        return;
      case "prompt":
        if (!isThere) return;
        this.#prompt({ kind: said.kind, focus: this.store.value.prompt.focus + 1 });
    }
  }

  /** Pixels, or 0 for all there is. */
  set width(width: number) {
    if (width === this.#width) return;
    this.#width = width;
    this.#post({ type: "width", width });
  }

  #post(message: ToEditor): void {
    if (this.#ready) this.#o.post(message);
  }

  #select(selected: EditorState["selected"]): void {
    const before = this.store.value.selected;
    if (before?.id === selected?.id && before?.type === selected?.type) return;
    this.store.set({ selected });
    this.#prompt({ kind: "" });
    this.#o.widget().tell({ type: "selected", item: selected });
  }

  #load(): void {
    this.store.set({ trouble: "" });
    const widget = this.#o.widget();
    editorCode(widget, widget.get("code")).then(
      (code) => {
        this.#code = code;
        this.#post({ type: "code", code });
      },
      () => {
        const trouble = "The editor's code could not be loaded: neither the server nor the kernel answered.";
        if (!this.#stopped) this.store.set({ trouble });
      },
    );
  }

  // ------------------------------------------------------------------------------------------------------ engine

  noticed(): void {
    this.#sync.noticed();
  }

  news(news: News): void {
    if (news.type === "generation_stepped" && news.app === this.#app) this.#run?.heard(news);
  }

  connection(connection: Connection): void {
    this.#sync.connection(connection);
  }

  /** Another widget speaks for this editor now: it does not know what is selected. */
  adopted(): void {
    const { selected, trouble } = this.store.value;
    this.#o.widget().tell({ type: "selected", item: selected });
    if (trouble) this.#load();
  }

  #told(sync: SyncState): void {
    this.store.set({ sync });
    if (sync.hash === null || sync.hash === this.#read) return;
    this.#read = sync.hash;
    if (this.#first === undefined || this.store.value.changes.open) void this.#compare();
  }

  // ----------------------------------------------------------------------------------------------------- changes

  toggleChanges(): void {
    const open = !this.store.value.changes.open;
    this.#change({ open });
    if (open) void this.#compare();
  }

  async #compare(): Promise<void> {
    const { page } = this.store.value;
    try {
      const text = await this.#text(page);
      if (this.#first === undefined) this.#first = text;
      this.#change({ files: changesOf(page, this.#first, text), failure: "" });
    } catch (error) {
      this.#change({ failure: (error as Error).message });
    }
  }

  async #text(path: string): Promise<string | null> {
    try {
      const result = await this.#o.call({ type: "read_file", app: this.#app, path });
      return result.type === "file_content" ? result.content : null;
    } catch (error) {
      if (error instanceof CallFailed && error.kind === "FileError") return null;
      throw error;
    }
  }

  #change(change: Partial<Changes>): void {
    this.store.set({ changes: { ...this.store.value.changes, ...change } });
  }

  // ------------------------------------------------------------------------------------------------------ person

  choose(choice: Choice): void {
    if (choice === "file" || choice === "mine") this.#sync.choose(choice);
    else if (choice === "keep" || choice === "drop") this.#sync.decide(choice === "keep");
    else if (choice === "again") this.#sync.again();
    else this.#load();
  }

  write(text: string): void {
    const { named, name } = this.store.value.prompt;
    const derived = named ? name : freeName(componentName(text), takenNames(this.store.value));
    this.#prompt({ text, name: derived, failure: "", done: "" });
  }

  rename(name: string): void {
    // What was emptied is named by the prompt again.
    this.#prompt({ name, named: name !== "", failure: "" });
  }

  aim(kind: Kind): void {
    this.#prompt({ kind, focus: this.store.value.prompt.focus + 1 });
  }

  submit(): void {
    const state = this.store.value;
    const { text, name, run } = state.prompt;
    const kind = kindOf(state);
    const component = kind === "edit" ? componentOf(state) : null;
    if (run || !text.trim()) return;
    const trouble = component ? "" : troubleWith(name, takenNames(state));
    if (trouble) {
      this.#prompt({ failure: trouble });
      return;
    }
    const place = state.selected?.id ?? null;
    const made = new PromptRun(this.#app, kind, component?.name ?? name, {
      call: this.#o.call,
      ask: this.#o.ask,
      told: (run) => this.#prompt({ run, failure: "", done: "" }),
      over: (run, generation) => void this.#over(run, generation, place),
      failed: (failure) => this.#ended({ failure }),
    });
    this.#run = made;
    void made.start(text.trim(), component?.path ?? "");
  }

  cancel(): void {
    this.#run?.stop();
  }

  #prompt(change: Partial<Prompt>): void {
    this.store.set({ prompt: { ...this.store.value.prompt, ...change } });
  }

  #ended(change: Partial<Prompt>): void {
    this.#run = null;
    this.#prompt({ run: null, ...change });
  }

  async #over({ kind, name }: Run, generation: Generation, place: string | null): Promise<void> {
    const { status, error } = generation;
    if (status === "cancelled") this.#ended({ done: "Stopped; the app is as it was." });
    else if (status !== "kept") this.#ended({ failure: error || `${name} was not written: ask once more.` });
    else if (kind === "edit") this.#ended({ ...EMPTY, done: `${name} is changed.` });
    else {
      try {
        const { type } = await this.#written(name, generation);
        this.#insert(type, place);
        this.#ended({ ...EMPTY, done: `${name} is in the page.` });
      } catch (failure) {
        this.#ended({ failure: (failure as Error).message });
      }
    }
  }

  /** The component as the palette has it, which may take a moment. */
  async #written(name: string, { files }: Generation): Promise<PaletteComponent> {
    const paths = files.map(({ path }) => path);
    for (let tries = 0; tries < TRIES && !this.#stopped; tries++) {
      if (tries) await new Promise((resolve) => setTimeout(resolve, APART));
      const { components } = await this.#sync.refreshed();
      const own = components.filter(({ path }) => paths.includes(path));
      const found = own.find((one) => one.name === name) ?? own[0];
      if (found) return found;
    }
    throw new Error(`${name} is written, but the palette does not have it: see that ${paths[0] ?? name} exports it.`);
  }

  #insert(component: string, place: string | null): void {
    const { selected } = this.store.value;
    // Where it was asked for, wherever the person has gone since.
    if (place !== null && selected?.id !== place) this.#post({ type: "select", id: place });
    this.#attention.allow();
    this.#post({ type: "insert", component });
  }
}

const EMPTY: Partial<Prompt> = { text: "", name: "", named: false };
