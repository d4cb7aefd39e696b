/** One open app: takes changes in, has them compiled, and says what to send. */
import type { Module, Page } from "../protocol";
import { packagesOf } from "./compile";
import { Compiler } from "./compiler";
import { appPath } from "./confine";
import { type Diagnostic, diagnostic, Problem, tidy } from "./diagnostics";
import { CANVAS, canvasOf } from "./editor/canvas";
import { Catalogue } from "./editor/catalogue";
import { isEnvironmentFile } from "./environment";
import { Globals } from "./globals";
import { type Missing, targetOf } from "./graph";
import { Names } from "./names";
import { Outbox } from "./outbox";
import { packageName } from "./packages";
import { INDEX } from "./page";
import { Project } from "./project";
import { splitQuery } from "./resolve";
import { isSettingsFile } from "./settings";
import { trace } from "./trace";
import { type NamedChunk, named, Vendor } from "./vendor";

export interface Change {
  path: string;
  /** New text, null for deleted; left out where the file changed on disk. */
  content?: string | null;
}

export interface BuildParams {
  /** Module ids or paths; empty for the page's entries. */
  roots?: string[];
  files?: Change[];
  /** Roots that are none any more. */
  forget?: string[];
  /** Read and compile everything again. */
  reload?: boolean;
  installed?: boolean;
  /** Packages that cannot be installed, and why. */
  unavailable?: Record<string, string>;
}

export interface BuildResult {
  modules: Module[];
  removed: string[];
  vendor: NamedChunk[];
  globals: string[] | null;
  page: Page | null;
  reload: string;
  diagnostics: Diagnostic[];
  missing: Missing[];
}

/** One module and what it reaches, compiled. */
export interface Alone {
  diagnostics: Diagnostic[];
  missing: Missing[];
  modules: Module[];
  vendor: { id: string; code: string }[];
}

interface Pending {
  vendor: NamedChunk[];
  page: boolean;
  environment: boolean;
  reload: string;
}

/** Stand for the packages' bundle and for the page among the ids of failing modules. */
const VENDOR = "\0vendor";
const PAGE = "\0page";

export class App {
  readonly project: Project;
  readonly compiler: Compiler;
  private readonly outbox = new Outbox();
  private readonly globals = new Globals();
  private readonly names = new Names();
  private readonly vendor: Vendor;
  private readonly roots = new Set<string>();
  private vendorProblems: Diagnostic[] = [];
  private currentGlobals: string[] = [];
  private sentGlobals: string[] | null = null;
  private found: Catalogue | null = null;
  private pending: Pending = { vendor: [], page: false, environment: false, reload: "" };

  constructor(
    root: string,
    private modules: string,
  ) {
    this.project = new Project(root, modules);
    this.compiler = new Compiler(this.project, this.outbox, (path, text) => canvasOf(path, text, this.catalogue));
    this.vendor = new Vendor(this.project.packages);
  }

  /** Starts on what the first build will want. */
  begin(): void {
    try {
      this.vendor.begin();
    } catch {
      // Told by the build.
    }
  }

  /** The app's components, for who edits pages. */
  get catalogue(): Catalogue {
    this.found ??= new Catalogue(this.project);
    return this.found;
  }

  info() {
    const { entries, page, packages } = this.project;
    return { entries, page, react: packages.version("react"), tailwind: this.compiler.sheets.version(false) };
  }

  // ------------------------------------------------------------------------------------------------ taking changes in

  /** Notes what changed. Nothing is compiled yet, so that a cancelled request loses no change. */
  take(params: BuildParams): void {
    const { files, settings } = this.project;
    const roots = (params.roots ?? []).map((root) => this.rootId(root));
    const paths = (params.files ?? []).map((change) => ({ ...change, path: this.pathOf(change.path) }));
    const generation = files.generation;
    const changed = paths.filter(({ path, content }) => files.change(path, content)).map(({ path }) => path);
    for (const path of changed) {
      this.compiler.fileChanged(path);
      this.globals.changed(path);
    }
    const set = files.generation !== generation;
    if (params.reload) this.compiler.force(this.compiler.graph.nodes.keys());
    if (set) this.fileSetChanged(changed);
    if (params.reload || changed.some((path) => isSettingsFile(path, settings))) this.configure();
    if (params.reload || changed.some((path) => isEnvironmentFile(path, settings))) {
      this.pending.environment = this.project.readEnvironment() || this.pending.environment;
    }
    if (params.reload || set || this.pending.environment || changed.includes(INDEX)) this.readPage();
    if (params.installed) this.modulesChanged(this.modules);
    for (const [name, message] of Object.entries(params.unavailable ?? {})) {
      this.compiler.unavailable.set(packageName(name), message);
      this.compiler.force(this.compiler.graph.troubled);
    }
    if (changed.length || params.reload) {
      this.found?.forget(params.reload ? null : changed);
      this.compiler.doubt(this.canvases());
    }
    for (const root of roots) this.roots.add(root);
    for (const root of params.forget ?? []) {
      if (this.roots.delete(this.rootId(root))) this.compiler.dropped = true;
    }
  }

  private canvases(): string[] {
    return [...this.roots].filter((id) => id.endsWith(CANVAS));
  }

  private pathOf(path: string): string {
    const inApp = appPath(this.project.files.root, path);
    if (inApp === null) throw new Problem(diagnostic("file", `${path} leads out of the app's folder`));
    return inApp;
  }

  private rootId(root: string): string {
    if (root === "") return "";
    const [path, query] = splitQuery(root);
    return this.pathOf(path) + query;
  }

  /** Files came or went: globs, and imports that mean another file now. */
  private fileSetChanged(changed: string[]): void {
    const { graph } = this.compiler;
    const again = new Set(graph.troubled);
    for (const path of changed) for (const id of graph.globsOver(path)) again.add(id);
    for (const node of graph.nodes.values()) {
      if (!node.output || node.path === null) continue;
      for (const [specifier, before] of node.output.resolutions) {
        if (before.kind !== "file" && before.kind !== "failed") continue;
        const now = this.project.resolver.resolve(specifier, node.path);
        if (now.kind !== before.kind || targetOf(now) !== targetOf(before)) again.add(node.id);
      }
    }
    this.compiler.force(again);
    this.globals.reset();
  }

  private configure(): void {
    if (!this.project.configure()) return;
    this.globals.reset();
    this.compiler.force(this.compiler.graph.nodes.keys());
    this.pending.environment = this.project.readEnvironment() || this.pending.environment;
  }

  private readPage(): void {
    const inline = this.project.inline;
    if (this.project.readPage()) {
      this.pending.page = true;
      this.compiler.dropped = true;
    }
    for (const [id, text] of this.project.inline) if (inline.get(id) !== text) this.compiler.force([id]);
    this.globals.reset();
  }

  /** The dependency folder changed. */
  modulesChanged(folder: string): void {
    this.modules = folder;
    this.project.packages.use(folder);
    this.compiler.unavailable.clear();
    this.compiler.packagesChanged();
    this.found?.forget(null);
    this.compiler.doubt(this.canvases());
    this.globals.reset();
    if (this.vendor.isCurrent()) return;
    this.vendor.clear();
    if (this.outbox.live.size) this.pending.reload = "The app's packages changed.";
  }

  // --------------------------------------------------------------------------------------------------------- building

  async build(cancelled: () => boolean): Promise<BuildResult> {
    const { compiler } = this;
    const { entries, inline } = this.project;
    for (const id of this.rootIds()) compiler.reach(id);
    await compiler.run(cancelled);
    if (this.roots.size) {
      this.currentGlobals = this.globals.find(entries, compiler.graph, this.project, inline);
      for (const id of this.currentGlobals) compiler.reach(id);
      await compiler.run(cancelled);
    }
    await compiler.finishSheets();
    await compiler.run(cancelled);
    if (compiler.dropped) compiler.sweep(this.rootIds());
    await this.bundle();
    this.names.check(compiler.graph, compiler.batch, (path) => this.project.textOf(path));
    return this.commit();
  }

  private *rootIds(): Iterable<string> {
    for (const id of this.roots) {
      if (id === "") yield* this.project.entries;
      else yield id;
    }
    yield* this.currentGlobals;
  }

  /** Has the packages bundled that are not yet. */
  private async bundle(): Promise<void> {
    const { graph, batch } = this.compiler;
    const wanted = [...batch].flatMap((id) => [...packagesOf(graph.get(id)?.output)]);
    if (!this.roots.size || (!this.vendor.lacks(wanted) && !this.vendorProblems.length)) return;
    const all = [...graph.nodes.values()].flatMap((node) => [...packagesOf(node.output)]);
    try {
      const { added, rebuilt } = await this.vendor.provide(all);
      this.vendorProblems = [];
      if (rebuilt) this.pending.vendor = [];
      this.pending.vendor.push(...added.map(named));
      if (this.outbox.live.size && rebuilt) this.pending.reload = "The app's packages changed.";
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.vendorProblems = error.diagnostics;
      this.compiler.failed.add(VENDOR);
    }
  }

  private commit(): BuildResult {
    const { compiler, pending } = this;
    const { failed } = compiler;
    if (this.project.pageProblems.length && this.roots.has("")) failed.add(PAGE);
    const clean = failed.size === 0;
    const sent = this.outbox.flush(compiler.graph, failed, (id) => this.isBad(id));
    compiler.batch.clear();
    failed.clear();
    const diagnostics = this.diagnostics();
    const result = { ...sent, vendor: [], globals: null, page: null, reload: "", diagnostics, missing: this.missing() };
    if (!clean) return result;
    if (pending.environment) {
      sent.modules.push(this.project.environmentModule);
      pending.reload ||= "The app's environment changed.";
    }
    this.pending = { vendor: [], page: false, environment: false, reload: "" };
    return {
      ...result,
      vendor: pending.vendor,
      globals: this.changedGlobals(),
      page: pending.page ? this.project.page : null,
      reload: pending.reload,
    };
  }

  private changedGlobals(): string[] | null {
    const before = this.sentGlobals;
    if (before === this.currentGlobals) return null;
    this.sentGlobals = this.currentGlobals;
    return before?.join("\n") === this.currentGlobals.join("\n") ? null : this.currentGlobals;
  }

  private isBad(id: string): boolean {
    if (id === VENDOR) return this.vendorProblems.length > 0;
    if (id === PAGE) return this.project.pageProblems.length > 0;
    const node = this.compiler.graph.get(id);
    return (
      node !== undefined &&
      !node.alone &&
      (node.missing.length > 0 || node.problems.some((p) => p.severity === "error"))
    );
  }

  // --------------------------------------------------------------------------------------------------------- checking

  /**
   * Compiles one module with all that it reaches and nothing else, packages beyond its own included. For an app that
   * stands in for another one, whose bundled packages it uses.
   */
  async compileAlone(root: string, packages: string[], lender: App, cancelled: () => boolean): Promise<Alone> {
    const { compiler } = this;
    this.roots.clear();
    this.roots.add(root);
    this.vendor.borrow(lender.vendor);
    compiler.reach(root);
    await compiler.run(cancelled);
    await compiler.finishSheets();
    await compiler.run(cancelled);
    compiler.sweep([root]);
    const own = [...compiler.graph.nodes.values()].flatMap((node) => [...packagesOf(node.output)]);
    this.vendorProblems = [];
    try {
      await this.vendor.provide([...own, ...packages]);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.vendorProblems = error.diagnostics;
    }
    this.names.check(compiler.graph, compiler.batch, (path) => this.project.textOf(path));
    compiler.batch.clear();
    compiler.failed.clear();
    const modules = [...compiler.graph.nodes.values()].flatMap((node) => node.module ?? []);
    return {
      diagnostics: this.diagnostics(),
      missing: this.missing(),
      modules: [this.project.environmentModule, ...modules],
      vendor: this.vendor.texts,
    };
  }

  // ---------------------------------------------------------------------------------------------------------- telling

  private diagnostics(): Diagnostic[] {
    const all = [...this.project.diagnostics, ...this.vendorProblems, ...this.vendor.diagnostics];
    if (this.roots.has("")) all.push(...this.project.pageProblems);
    for (const node of this.troubled()) all.push(...node.problems, ...node.warnings);
    return all.length ? tidy(all) : all;
  }

  private missing(): Missing[] {
    const out = new Map<string, Missing>();
    for (const node of this.troubled())
      for (const m of node.missing) if (!out.has(m.specifier)) out.set(m.specifier, m);
    return [...out.values()];
  }

  private troubled() {
    const { graph } = this.compiler;
    return [...graph.troubled].flatMap((id) => graph.get(id) ?? []);
  }

  snapshot() {
    return {
      page: this.project.page,
      entries: this.project.entries,
      globals: this.currentGlobals,
      modules: [this.project.environmentModule, ...[...this.outbox.live.values()].map((sent) => sent.module)],
      vendor: this.vendor.list,
      diagnostics: this.diagnostics(),
    };
  }

  trace(kind: Diagnostic["kind"], message: string, stack: string): Diagnostic {
    return trace(kind, message, stack, this.compiler.versions, (id) => this.vendor.code(id));
  }
}
