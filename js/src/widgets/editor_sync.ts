// One page between the frame that edits it and the engine that writes its file: edits go one way, the file's views the
// other. Pure: who calls, posts and waits is given. Nothing that a person did is dropped but by that person.
import type { EditPage, GetPalette, OpenPage, PageView, Palette } from "../protocol";
import type { ToEditor } from "../runtime/messages";
import { same } from "../worker/editor/data";
import { PaletteSource } from "./editor_palette";
import type { SyncState } from "./editor_state";
import { isAnswer, type Later, Tries } from "./editor_tries";
import { CallFailed } from "./pending";
import type { Connection, Result } from "./transport";

export interface SyncPorts {
  call(request: OpenPage | EditPage | GetPalette): Promise<Result>;
  post(message: ToEditor): void;
  /** What is shown of it may be another. */
  told(state: SyncState): void;
  /** The file has another text than the one that was known, of this hash. */
  changed(hash: string): void;
  later: Later;
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

/** How often a file that is gone is looked for: one that nothing compiles any more may come back unnoticed. */
const GONE = 2000;
const UNREACHABLE = "The engine cannot be reached; your edits are kept, and sent when it is back.";

export class EditorSync {
  readonly #ports: SyncPorts;
  readonly #app: string;
  #path: string;
  readonly #palette: PaletteSource;
  readonly #tries: Tries;
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
  #watch: (() => void) | null = null;
  #lost = false;
  #opened = false;

  constructor(app: string, path: string, ports: SyncPorts) {
    this.#app = app;
    this.#path = path;
    this.#ports = ports;
    this.#tries = new Tries(ports.later);
    this.#palette = new PaletteSource(app, ports.call, (palette) => {
      ports.post({ type: "palette", palette });
      this.#tell();
    });
  }

  start(): void {
    this.#palette.fetch().catch(() => {});
    this.#go();
  }

  stop(): void {
    this.#looking = null;
    this.#sending = null;
    this.#lost = true;
    this.#tries.resume();
    this.#watch?.();
  }

  get state(): SyncState {
    const { failure, refused } = this.#tries;
    const unreachable = this.#lost || this.#tries.unreachable;
    return {
      ...{ palette: this.#palette.current, hash: this.#hash, theirs: this.#theirs, broken: this.#broken },
      ...{ failure: unreachable && this.#waiting ? UNREACHABLE : failure, unreachable, refused },
      ...{ saving: this.#sending !== null, waits: this.#waiting !== null, held: this.#held !== null },
    };
  }

  // ------------------------------------------------------------------------------------------------------- frame

  /** The frame begins, maybe once more: it is given all that it had. */
  ready(): void {
    this.#life += 1;
    this.#last = 0;
    const palette = this.#palette.current;
    if (palette) this.#ports.post({ type: "palette", palette });
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
    this.#tries.refuse(why);
    this.#give();
    this.#tell();
  }

  // ------------------------------------------------------------------------------------------------------ person

  /** Ends a conflict. What is not chosen goes. */
  choose(side: "file" | "mine"): void {
    const theirs = this.#theirs;
    if (!theirs) return;
    this.#theirs = null;
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
    this.#tries.resume();
    this.#stale = true;
    this.#go();
  }

  // ------------------------------------------------------------------------------------------------------ engine

  /** The app changed: maybe the page, maybe the palette, maybe by an edit of its own. */
  noticed(): void {
    this.#stale = true;
    this.#tries.changed();
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
    await this.#palette.fetch();
    if (!this.#palette.current) throw new Error("The app's components could not be read.");
    return this.#palette.current;
  }

  /** What was under way may never be answered, or was lost after it was done. */
  #reconnected(): void {
    this.#lost = false;
    if (this.#sending) this.#unanswered(this.#sending);
    this.#looking = null;
    this.#palette.lost();
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
    if (this.#stale && !this.#looking && !this.#sending && !this.#lost && !this.#tries.pausing) void this.#look();
    this.#tell();
  }

  #tell(): void {
    this.#ports.told(this.state);
  }

  #take(made: Edit): void {
    this.#held = null;
    this.#waiting = made;
    this.#tries.forget();
    this.#tries.changed();
    // It was made while another's change was on its way to the frame.
    const { base } = made;
    if (base && this.#view && !this.#theirs && !this.#broken && !this.#line.has(base)) this.#meet(this.#view);
  }

  #send(): void {
    const edit = this.#waiting;
    const view = this.#view;
    if (!edit || !view || this.#sending || this.#theirs || this.#broken || this.#lost || this.#tries.pausing) return;
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
    this.#tries.worked();
    this.#palette.follow(view).catch(() => {});
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
      this.#tries.refuse(wrong.message);
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
      await this.#palette.follow(view);
      if (this.#looking !== token) return;
      this.#looking = null;
      this.#tries.worked();
      // An edit may have been sent meanwhile, and its answer was newer.
      if (sent !== this.#sent) this.#stale = true;
      else this.#looked(view);
    } catch (error) {
      if (this.#looking !== token) return;
      this.#looking = null;
      this.#failed(error as Error);
    }
    this.#go();
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
    this.#tries.forget();
    this.#seen(view.hash);
    this.#post(view);
  }

  #break(view: PageView): void {
    const known = this.#broken?.hash === view.hash;
    this.#theirs = null;
    this.#broken = view;
    this.#seen(view.hash);
    if (!known) this.#post(view);
    this.#watch?.();
    this.#watch = view.hash ? null : this.#ports.later(() => this.noticed(), GONE);
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

  #failed(error: Error): void {
    // Who answered is asked again once something changes.
    this.#stale ||= !isAnswer(error);
    this.#tries.failed(error, () => this.#go());
  }
}
