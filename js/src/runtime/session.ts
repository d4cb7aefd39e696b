/** The life of a frame: one snapshot, then one update after the other. */
import type { Ack, Module, Snapshot, Update } from "../protocol";
import { EditorPlace } from "./editor";
import { clear, failed, rawError } from "./errors";
import { compilePackages, type Packages } from "./factory";
import { emit, Hot } from "./hot";
import { location } from "./location";
import type { Start, Target, ToEditor, ToFrameUpdates } from "./messages";
import { omitOwnerStacks, withoutOwnerStacks } from "./owner_stacks";
import { setPage } from "./page";
import { pageStyles } from "./page_styles";
import { acknowledge, post } from "./post";
import { afterCommit, discard, flush, forget, perform as performRefresh } from "./refresh";
import { type Entry, Registry } from "./registry";
import { Render } from "./render";
import { contentShown } from "./size";
import { styles } from "./styles";
import { perform, type Task } from "./task";
import { setTheme } from "./theme";
import { type Context, type Outcome, update } from "./update";

/** How long the first commit may take before the app counts as shown all the same. */
const PATIENCE = 2000;
/** How long an update may wait for the one before it. */
const OVERDUE = 5000;

export class Session {
  readonly registry = new Registry({
    hot: (entry) => new Hot(entry, (invalid) => this.#invalidate(invalid)),
    loaded: () => this.#loaded(),
  });
  readonly #render = new Render(this.registry, () => this.#seq);
  readonly #client: string;
  readonly #target: Target;
  readonly #theme: () => Start["theme"];
  readonly #editor: EditorPlace | null = null;
  #app = "";
  #build: string | null = null;
  #seq = -1;
  #entries: string[] = [];
  #globals: string[] = [];
  #page = "";
  #vendor = new Set<string>();
  /** Packages that came ahead of what names them: read, and not run. */
  readonly #ahead = new Map<string, Packages>();
  /** Modules that the engine believes to be here: those of updates that failed. */
  #pending = new Map<string, Module>();
  #pendingRemoved = new Set<string>();
  #invalidated = new Set<Entry>();
  /** Something has been on screen. */
  #shown = false;
  #updating = false;
  #applying = false;
  #overdue = 0;
  #later: (Snapshot | Update)[] = [];

  constructor(start: Start, theme: () => Start["theme"]) {
    this.#client = start.client;
    this.#target = start.target;
    this.#theme = theme;
    if (!start.editor) return;
    this.#render.surface = null;
    styles.adapt(pageStyles);
    omitOwnerStacks();
    this.#editor = new EditorPlace(this.registry, (editor) => {
      this.#render.surface = (type) => editor.show(type);
      this.#render.update();
    });
  }

  /** For the visual editor. */
  edit(message: ToEditor): void {
    this.#editor?.receive(message);
  }

  get component(): boolean {
    return this.#target.module !== "";
  }

  receive(message: ToFrameUpdates): void {
    if (message.type === "chunk") {
      this.#ahead.set(message.id, compilePackages(message.code));
      return;
    }
    if (this.#updating) {
      this.#later.push(message);
      // A module that never stops awaiting must not keep its own correction out.
      this.#overdue ||= window.setTimeout(() => this.#restart("a top-level await did not end"), OVERDUE);
      return;
    }
    const done = message.type === "snapshot" ? this.#snapshot(message) : this.#update(message);
    const working = perform(done);
    if (working instanceof Promise) {
      this.#updating = true;
      void working.finally(() => {
        this.#updating = false;
        clearTimeout(this.#overdue);
        this.#overdue = 0;
        const next = this.#later.shift();
        if (next) this.receive(next);
      });
    }
  }

  /** New props or functions. */
  rerender(): void {
    if (this.component && this.#render.shown !== null) this.#render.update();
  }

  *#snapshot(snapshot: Snapshot): Task<void> {
    if (this.#build !== null) {
      yield* this.#resume(snapshot);
      return;
    }
    const from = performance.now();
    this.#app = snapshot.app;
    this.#build = snapshot.build;
    this.#seq = snapshot.seq;
    this.#entries = snapshot.entries;
    this.#globals = snapshot.globals;
    this.#page = JSON.stringify(snapshot.page);
    setPage(snapshot.page, this.component);
    setTheme(this.#theme(), this.component);
    this.#addVendor(snapshot.vendor);
    for (const module of snapshot.modules) this.registry.define(module);
    yield* this.#first(from);
  }

  *#first(from: number): Task<void> {
    let error: unknown;
    let wrong = false;
    try {
      yield* this.#complete();
      performRefresh();
      this.#show();
    } catch (thrown) {
      wrong = true;
      error = thrown;
      discard();
    }
    forget();
    this.#editor?.updated();
    if (wrong) failed(rawError("module", error), this.#seq, false);
    const outcome: Ack["outcome"] = wrong || this.#render.broken ? "failed" : "reloaded";
    if (outcome === "failed" || this.#isEmpty()) this.#acknowledge(outcome, from);
    else this.#whenShown(() => this.#live(outcome, from));
  }

  /** A target that does not compile yet is not there; an update will bring it. */
  #isEmpty(): boolean {
    return this.component && this.#render.shown === null;
  }

  #whenShown(then: () => void): void {
    if (this.component || !this.#render.hasRoots) {
      then();
      return;
    }
    let waiting = true;
    const once = () => {
      if (!waiting) return;
      waiting = false;
      clearTimeout(timer);
      if (!this.#render.broken) then();
    };
    const timer = setTimeout(once, PATIENCE);
    afterCommit(once);
  }

  *#update(message: Update): Task<void> {
    const from = performance.now();
    if (this.#build === null || message.build !== this.#build) {
      this.#restart("the engine has started anew");
      return;
    }
    if (message.seq <= this.#seq) return;
    if (message.seq !== this.#seq + 1) {
      this.#restart("an update was lost");
      return;
    }
    this.#seq = message.seq;
    if (message.reload) {
      this.#restart(message.reload);
      return;
    }
    if (message.page && JSON.stringify(message.page) !== this.#page) {
      this.#restart("index.html was changed");
      return;
    }
    const broken = message.diagnostics.find(({ severity }) => severity === "error");
    if (broken) {
      const { message: text, location, frame } = broken;
      emit("vite:error", {
        type: "error",
        err: { message: text, stack: "", id: location?.file, loc: location, frame },
      });
    }
    this.#addVendor(message.vendor);
    if (message.globals) this.#globals = message.globals;
    if (message.modules.length === 0 && message.removed.length === 0 && !message.globals) {
      // It does not compile, or changes nothing: what is on screen stays.
      if (this.#shown && !this.#render.broken && this.#pending.size === 0) this.#live("applied", from);
      else this.#acknowledge("applied", from);
      return;
    }
    yield* this.#apply(message.modules, message.removed, from);
  }

  /** A snapshot for a frame that runs already: the difference is an update. */
  *#resume(snapshot: Snapshot): Task<void> {
    const from = performance.now();
    this.#build = snapshot.build;
    this.#seq = snapshot.seq;
    if (JSON.stringify(snapshot.page) !== this.#page || snapshot.entries.join() !== this.#entries.join()) {
      this.#restart("index.html was changed");
      return;
    }
    const known = snapshot.vendor.slice(0, this.#vendor.size);
    if (known.length < this.#vendor.size || known.some(({ id }) => !this.#vendor.has(id))) {
      this.#restart("packages have changed");
      return;
    }
    this.#addVendor(snapshot.vendor);
    this.#globals = snapshot.globals;
    const there = new Set(snapshot.modules.map(({ id }) => id));
    const removed = [...this.registry.ids()].filter((id) => !there.has(id));
    const changed = snapshot.modules.filter((module) => this.registry.get(module.id)?.module.hash !== module.hash);
    this.#pending.clear();
    this.#pendingRemoved.clear();
    yield* this.#apply(changed, removed, from);
  }

  *#apply(modules: readonly Module[], removed: readonly string[], from: number): Task<void> {
    const all = new Map(this.#pending);
    const gone = new Set([...this.#pendingRemoved, ...removed]);
    for (const module of modules) {
      all.set(module.id, module);
      gone.delete(module.id);
    }
    for (const id of removed) all.delete(id);
    this.registry.begin();
    const changed: Entry[] = [];
    for (const module of all.values()) {
      if (this.registry.define(module)) changed.push(this.registry.get(module.id)!);
    }
    for (const id of gone) this.registry.remove(id);
    this.#applying = true;
    const outcome = yield* update(this.#context(), changed);
    this.#applying = false;
    this.#pending = outcome.type === "failed" ? all : new Map();
    this.#pendingRemoved = outcome.type === "failed" ? gone : new Set();
    this.#settle(outcome, from);
  }

  #settle(outcome: Outcome, from: number): void {
    if (outcome.type === "applied") this.#editor?.updated();
    if (outcome.type === "restart") this.#restart(outcome.reason);
    else if (outcome.type === "failed") {
      const kept = this.#shown && !this.#render.broken;
      failed(rawError(outcome.kind, outcome.error), this.#seq, kept);
      this.#acknowledge("failed", from);
    } else if (this.#render.broken) this.#acknowledge("failed", from);
    else if (this.#isEmpty()) this.#acknowledge("applied", from);
    else {
      clear();
      this.#live("applied", from);
    }
  }

  #context(): Context {
    return {
      registry: this.registry,
      render: this.#render,
      holder: { isEntry: (id) => !this.component && this.#entries.includes(id) },
      invalidated: this.#invalidated,
      complete: () => this.#complete(),
      show: () => this.#show(),
    };
  }

  /** Runs what the target, or the page, needs and what has not run yet. */
  *#complete(): Task<void> {
    const wanted = this.component ? [...this.#globals, this.#target.module] : this.#entries;
    for (const id of wanted) {
      if (this.registry.get(id)?.status !== "idle") continue;
      const wait = this.registry.load(id);
      if (wait) yield wait;
    }
  }

  #show(): void {
    const entry = this.registry.get(this.#target.module);
    if (entry?.status === "ran") this.#render.show(this.#target, entry.exports);
  }

  #addVendor(chunks: Snapshot["vendor"]): void {
    for (const { id, code } of chunks) {
      if (this.#vendor.has(id)) continue;
      const packages = this.#ahead.get(id) ?? (code === null ? null : compilePackages(code));
      if (!packages) continue;
      this.#vendor.add(id);
      // An Error within a chunk has a debugger parse all functions around it again, which are as long as the chunk.
      withoutOwnerStacks(() => start(packages));
      this.#render.prepare();
      this.#editor?.begin();
    }
    this.#ahead.clear();
  }

  /** A module that was imported later, by `import()`, has run. */
  #loaded(): void {
    if (this.#applying) return;
    flush();
    forget();
  }

  /** Outside of an update, `import.meta.hot.invalidate()` is one. */
  #invalidate(entry: Entry): void {
    this.#invalidated.add(entry);
    if (!this.#applying) queueMicrotask(() => void perform(this.#takeInvalidated()));
  }

  *#takeInvalidated(): Task<void> {
    const entries = [...this.#invalidated];
    this.#invalidated.clear();
    if (this.#applying || entries.length === 0) return;
    this.registry.begin();
    this.#applying = true;
    const outcome = yield* update(this.#context(), [], entries);
    this.#applying = false;
    if (outcome.type === "restart") this.#restart(outcome.reason);
    else if (outcome.type === "failed") failed(rawError(outcome.kind, outcome.error), this.#seq, !this.#render.broken);
  }

  #live(outcome: Ack["outcome"], from: number): void {
    this.#shown = true;
    contentShown();
    const ms = this.#acknowledge(outcome, from);
    post({ type: "live", build: this.#build!, seq: this.#seq, ms, outcome });
  }

  #acknowledge(outcome: Ack["outcome"], from: number): number {
    const ms = Math.round((performance.now() - from) * 100) / 100;
    const [client, app, build, seq] = [this.#client, this.#app, this.#build!, this.#seq];
    acknowledge({ type: "ack", client, app, build, seq, outcome, ms });
    return ms;
  }

  #restart(reason: string): void {
    post({ type: "restart", reason });
  }
}

/** A package that throws is missed by those who want it. */
function start(packages: Packages): void {
  try {
    packages(location);
  } catch (error) {
    reportError(error);
  }
}
