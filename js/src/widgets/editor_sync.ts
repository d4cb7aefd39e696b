// One page between the frame that edits it and the engine that writes its file: edits go one way, the file's views the
// other. Pure: who calls, posts and waits is given. Nothing that a person did is dropped but by that person.
import type { EditPage, GetPalette, OpenPage, PageView, Palette } from "../protocol";
import type { ToEditor } from "../runtime/messages";
import { same } from "../worker/editor/data";
import { backoff } from "./backoff";
import { CallFailed } from "./pending";
import type { Connection, Result } from "./transport";

export interface SyncPorts {
  call(request: OpenPage | EditPage | GetPalette): Promise<Result>;
  post(message: ToEditor): void;
  /** What is shown of it may be another. */
  told(state: SyncState): void;
  /** The file has another text than the one that was known, of this hash. */
  changed(hash: string): void;
  /** Does something later; gives back what calls it off. */
  later(action: () => void, ms: number): () => void;
}

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

/** Data as the frame gave it. */
interface Edit {
  data: unknown;
  edit: number;
  /** Of which life of the frame: each counts anew. */
  life: number;
  /** Hash of the page that it was made from; empty where the frame did not say. */
  base: string;
}

const UNREACHABLE = "The engine cannot be reached; your edits are kept, and sent when it is back.";

export class EditorSync {
  readonly #ports: SyncPorts;
  readonly #app: string;
  #path: string;
  #palette: Palette | null = null;
  #coming: Promise<void> | null = null;
  /** The file's last view with data: what edits are sent against. */
  #view: PageView | null = null;
  /** Hashes of pages that the frame may have while nobody but itself changed the file. */
  #line = new Set<string>();
  #broken: PageView | null = null;
  #theirs: PageView | null = null;
  /** The newest edit that was not sent; in a conflict the one side. */
  #waiting: Edit | null = null;
  #sending: Edit | null = null;
  /** One that was sent, of which nobody said what became of it. */
  #unsure: Edit | null = null;
  #held: Edit | null = null;
  #life = 0;
  #last = 0;
  #looking: object | null = null;
  #stale = true;
  /** Counts edits that were sent: a look from before one shows a file that is past. */
  #sent = 0;
  #hash: string | null = null;
  #lost = false;
  #opened = false;
  #failure = "";
  #unreachable = false;
  #failures = 0;
  #pause: (() => void) | null = null;
  #refused = false;

  constructor(app: string, path: string, ports: SyncPorts) {
    this.#app = app;
    this.#path = path;
    this.#ports = ports;
  }

  start(): void {
    this.#fetch().catch(() => {});
    this.#go();
  }

  stop(): void {
    this.#looking = null;
    this.#sending = null;
    this.#lost = true;
    this.#pause?.();
  }

  get state(): SyncState {
    const unreachable = this.#lost || this.#unreachable;
    return {
      ...{ palette: this.#palette, hash: this.#hash, theirs: this.#theirs, broken: this.#broken },
      ...{ failure: unreachable && this.#waiting ? UNREACHABLE : this.#failure, unreachable, refused: this.#refused },
      ...{ saving: this.#sending !== null, waits: this.#waiting !== null, held: this.#held !== null },
    };
  }

  // ------------------------------------------------------------------------------------------------------- frame

  /** The frame begins, maybe once more: it is given all that it had. */
  ready(): void {
    this.#life += 1;
    this.#last = 0;
    if (this.#palette) this.#ports.post({ type: "palette", palette: this.#palette });
    this.#give();
  }

  /** The canvas is on screen, maybe once more with the same page: it counts from the start, and lacks what was not saved. */
  mounted(): void {
    this.#life += 1;
    this.#last = 0;
    if (this.#waiting || this.#sending) this.#give();
  }

  /** `asked`: whether a person did it, as far as can be told. */
  edited(edit: number, data: unknown, base: string, asked: boolean): void {
    if (edit <= this.#last) return;
    this.#last = edit;
    const made: Edit = { data, edit, base, life: this.#life };
    if (asked) this.#take(made);
    else this.#held = made;
    this.#go();
  }

  /** Something that the frame sent is not taken: it gets the page back. */
  refuse(edit: number, why: string): void {
    this.#last = Math.max(this.#last, edit);
    this.#failure = why;
    this.#refused = true;
    this.#give();
    this.#tell();
  }

  // ------------------------------------------------------------------------------------------------------ person

  /** Ends a conflict. What is not chosen goes. */
  choose(side: "file" | "mine"): void {
    const theirs = this.#theirs;
    if (!theirs) return;
    this.#theirs = null;
    this.#failure = "";
    this.#held = null;
    if (side === "mine") {
      this.#view = theirs;
      this.#line.add(theirs.hash);
    } else {
      this.#waiting = null;
      this.#foreign(theirs);
    }
    this.#go();
  }

  /** What is to become of an edit that nobody was seen to make. */
  decide(keep: boolean): void {
    const held = this.#held;
    this.#held = null;
    if (held && keep) this.#take(held);
    else if (held) this.#give();
    this.#go();
  }

  /** Tries again what failed. */
  again(): void {
    this.#resume();
    this.#stale = true;
    this.#go();
  }

  // ------------------------------------------------------------------------------------------------------ engine

  /** The app changed: maybe the page, maybe the palette, maybe by an edit of its own. */
  noticed(): void {
    this.#stale = true;
    if (!this.#unreachable) this.#resume();
    this.#go();
  }

  connection(connection: Connection): void {
    if (connection === "open" || connection === "relayed") {
      this.#opened = true;
      if (this.#lost) this.#reconnected();
    } else if (this.#opened || connection === "lost") {
      this.#lost = true;
      this.#tell();
    }
  }

  /** The palette as it is now. */
  async refreshed(): Promise<Palette> {
    await this.#fetch();
    if (!this.#palette) throw new Error("The app's components could not be read.");
    return this.#palette;
  }

  /** What was under way may never be answered, or was lost after it was done. */
  #reconnected(): void {
    this.#lost = false;
    if (this.#sending) this.#unanswered(this.#sending);
    this.#looking = null;
    this.#coming = null;
    this.again();
  }

  #unanswered(edit: Edit): void {
    this.#sending = null;
    this.#unsure = edit;
    // Another object: what may yet be answered is past.
    this.#waiting ??= { ...edit };
  }

  // ------------------------------------------------------------------------------------------------------- steps

  #go(): void {
    this.#send();
    if (this.#stale && !this.#looking && !this.#sending && !this.#lost && !this.#pause) void this.#look();
    this.#tell();
  }

  #tell(): void {
    this.#ports.told(this.state);
  }

  #take(made: Edit): void {
    this.#held = null;
    this.#waiting = made;
    this.#refused = false;
    if (!this.#unreachable) this.#resume();
    // It was made while another's change was on its way to the frame.
    const { base } = made;
    if (base && this.#view && !this.#theirs && !this.#broken && !this.#line.has(base)) this.#meet(this.#view);
  }

  #send(): void {
    const edit = this.#waiting;
    const view = this.#view;
    if (!edit || !view || this.#sending || this.#theirs || this.#broken || this.#lost || this.#pause) return;
    // What was sent and not answered may be in the file: that is looked at first.
    if (this.#unsure && this.#stale) return;
    this.#waiting = null;
    this.#sending = edit;
    this.#sent += 1;
    const { data } = edit;
    const request: EditPage = { type: "edit_page", app: this.#app, path: this.#path, data, base: view.hash };
    this.#ports.call(request).then(
      (result) => {
        if (this.#sending !== edit) return;
        this.#sending = null;
        if (result.type === "page_view") this.#answered(edit, result);
        this.#go();
      },
      (error: Error) => {
        if (this.#sending !== edit) return;
        this.#unanswered(edit);
        if (isAnswer(error)) this.#unsure = null;
        this.#failed(error);
        this.#go();
      },
    );
  }

  #answered(edit: Edit, view: PageView): void {
    this.#worked();
    if (view.palette && this.#palette && view.palette !== this.#palette.name) this.#fetch().catch(() => {});
    const wrong = view.problems.find(({ severity }) => severity === "error");
    if (view.conflict) {
      this.#waiting ??= edit;
      this.#meet(view);
    } else if (wrong && !view.written && !view.data && view.hash !== this.#view?.hash) {
      this.#waiting ??= edit;
      this.#break(view);
    } else if (wrong && !view.written) {
      if (this.#waiting) return; // a newer one may be without what was wrong
      this.#unsure = null;
      this.#failure = wrong.message;
      this.#refused = true;
      if (view.data) this.#view = view;
      this.#give();
    } else {
      this.#unsure = null;
      this.#saved(view, edit);
    }
  }

  #saved(view: PageView, edit: Edit): void {
    this.#view = { ...view, data: view.data ?? (edit.data as object) };
    this.#line.add(view.hash);
    this.#seen(view.hash);
    const own = edit.life === this.#life;
    // A frame that began anew has a newer edit on screen.
    if (own || !this.#waiting) this.#post(this.#view, own ? edit.edit : null);
  }

  async #look(): Promise<void> {
    const token = {};
    this.#looking = token;
    this.#stale = false;
    const { hash, palette } = this.#view ?? {};
    const sent = this.#sent;
    const have = hash === undefined ? "" : `${hash}/${palette}`;
    try {
      const view = await this.#ports.call({ type: "open_page", app: this.#app, path: this.#path, have, canvas: true });
      if (view.type !== "page_view") throw new CallFailed("The engine gave another answer.", "GenericError");
      if (!this.#palette || (view.palette && view.palette !== this.#palette.name)) await this.#paletteFirst();
      if (this.#looking !== token) return;
      this.#looking = null;
      this.#worked();
      // An edit may have been sent meanwhile, and its answer was newer.
      if (sent !== this.#sent) this.#stale = true;
      else this.#looked(view);
    } catch (error) {
      if (this.#looking !== token) return;
      this.#looking = null;
      this.#stale = true;
      this.#failed(error as Error);
      // Who refused once does so again until something changes.
      if (!this.#unreachable) this.#stale = false;
    }
    this.#go();
  }

  /** A page is shown also where its palette cannot be had; without an engine it is asked for again. */
  async #paletteFirst(): Promise<void> {
    try {
      await (this.#coming ?? this.#fetch());
    } catch (error) {
      if (!isAnswer(error as Error)) throw error;
    }
  }

  #looked(view: PageView): void {
    const before = this.#view;
    this.#path = view.path || this.#path;
    if (!view.data && view.hash !== before?.hash) {
      this.#break(view);
      return;
    }
    const mended = this.#broken !== null;
    this.#broken = null;
    if (before && view.hash === before.hash) {
      // As the edits know it: a conflict is over where somebody took the change back.
      this.#theirs = null;
      this.#unsure = null;
      this.#view = view.data ? view : { ...before, palette: view.palette };
      this.#seen(view.hash);
      if (mended || (view.data && !this.#waiting && !this.#held)) this.#give(this.#held);
    } else if (this.#waiting) this.#meet(view);
    else this.#foreign(view);
  }

  /** The file is another one than edits that wait were made from. */
  #meet(view: PageView): void {
    const mine = this.#waiting as Edit;
    this.#theirs = null;
    if (!view.data) {
      this.#break(view);
      return;
    }
    this.#broken = null;
    this.#seen(view.hash);
    if (same(view.data, mine.data)) {
      this.#waiting = null;
      this.#saved(view, mine);
    } else if (
      (this.#unsure && same(view.data, this.#unsure.data)) ||
      (this.#view !== view && same(view.data, this.#view?.data))
    ) {
      // It was written after all; or only what is no data was changed, as a formatter does.
      this.#view = view;
      this.#line.add(view.hash);
    } else this.#theirs = view;
    this.#unsure = null;
  }

  /** The file as somebody else left it. */
  #foreign(view: PageView): void {
    this.#broken = null;
    this.#view = view;
    this.#line = new Set([view.hash]);
    if (this.#refused) this.#failure = "";
    this.#refused = false;
    this.#seen(view.hash);
    this.#post(view);
  }

  #break(view: PageView): void {
    this.#theirs = null;
    this.#broken = view;
    this.#seen(view.hash);
    this.#post(view);
  }

  /** The page as the frame is to show it, with the edits that are in no file yet. */
  #give(also: Edit | null = null): void {
    const newest = also ?? this.#waiting ?? this.#sending;
    if (this.#broken) this.#post(this.#broken);
    else if (this.#view) this.#post({ ...this.#view, data: (newest?.data as object | undefined) ?? this.#view.data });
  }

  #post(page: PageView, edit: number | null = null): void {
    this.#ports.post({ type: "page", page, edit });
  }

  #seen(hash: string): void {
    const before = this.#hash;
    this.#hash = hash;
    if (before !== null && before !== hash) this.#ports.changed(hash);
  }

  #fetch(): Promise<void> {
    const coming = this.#ports.call({ type: "get_palette", app: this.#app }).then((palette) => {
      if (this.#coming === coming) this.#coming = null;
      if (palette.type !== "palette") return;
      const known = this.#palette?.name === palette.name;
      this.#palette = palette;
      if (!known) this.#ports.post({ type: "palette", palette });
      this.#tell();
    });
    coming.catch(() => {
      if (this.#coming === coming) this.#coming = null;
    });
    this.#coming = coming;
    return coming;
  }

  // ---------------------------------------------------------------------------------------------------- failures

  #worked(): void {
    this.#failures = 0;
    this.#unreachable = false;
    this.#failure = this.#refused ? this.#failure : "";
  }

  #failed(error: Error): void {
    this.#unreachable = !isAnswer(error);
    this.#failure = error.message;
    this.#refused = false;
    this.#pause?.();
    if (this.#unreachable) {
      this.#failures += 1;
      this.#stale = true;
      this.#pause = this.#ports.later(() => {
        this.#pause = null;
        this.#go();
      }, backoff(this.#failures));
    } else this.#pause = () => {}; // until something changes
  }

  #resume(): void {
    this.#pause?.();
    this.#pause = null;
  }
}

/** Whether the engine answered, if only that it could not do it. */
const isAnswer = (error: Error): boolean => error instanceof CallFailed && error.kind !== "";
