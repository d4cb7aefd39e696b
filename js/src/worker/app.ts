/** One open app: takes changes in, compiles what they reach, and says what to send. */
import { posix } from "node:path";
import type { Module, Page } from "../protocol";
import { exportsOf, literal } from "./assets";
import { type Context, compileOther, compileScript, depsOf, kindOf, missingIn, packagesOf } from "./compile";
import { appPath, real } from "./confine";
import { type Diagnostic, diagnostic, diagnosticAt, Problem, tidy } from "./diagnostics";
import { ENVIRONMENT, isEnvironmentFile, readEnvironment } from "./environment";
import { Files } from "./files";
import { Globals } from "./globals";
import { Graph, type GraphNode, type Missing, type Output, targetOf } from "./graph";
import { findImport, findName } from "./imports";
import { Outbox } from "./outbox";
import { Packages, packageName } from "./packages";
import { type AppPage, INDEX, readPage } from "./page";
import { Resolver, splitQuery } from "./resolve";
import { isSettingsFile, readSettings, type Settings } from "./settings";
import { MissingPackage, Sheets } from "./sheets";
import type { Content } from "./tailwind";
import { trace, Versions } from "./trace";
import { hashOf } from "./transform";
import { Vendor } from "./vendor";

export interface Change {
  path: string;
  /** New text, null for deleted; left out where the file changed on disk. */
  content?: string | null;
}

export interface BuildParams {
  roots?: string[];
  files?: Change[];
  reload?: boolean;
  installed?: boolean;
  unavailable?: Record<string, string>;
}

export interface BuildResult {
  modules: Module[];
  removed: string[];
  vendor: { id: string; code: string }[];
  globals: string[] | null;
  page: Page | null;
  reload: string;
  diagnostics: Diagnostic[];
  missing: Missing[];
}

/** Answers a cancelled request; what was taken in stays, for the next build. */
export class Cancelled extends Error {
  constructor() {
    super("cancelled");
  }
}

/** How long to compile before looking whether the request was cancelled, in milliseconds. */
const SLICE = 40;

/** Stands for the packages' bundle and for the page among the ids of failing modules. */
const VENDOR = "\0vendor";
const PAGE = "\0page";

export class App {
  readonly files: Files;
  readonly packages: Packages;
  readonly versions = new Versions();
  readonly graph = new Graph();
  readonly resolver: Resolver;
  settings: Settings;
  private readonly outbox = new Outbox();
  private readonly globals = new Globals();
  private readonly vendor: Vendor;
  private readonly sheets: Sheets;
  private environment: Record<string, string | boolean> = {};
  private environmentModule!: Module;
  private appPage!: AppPage;
  private entryIds: string[] = [];
  private readonly roots = new Set<string>();
  /** Waiting to be compiled, and why a module is compiled though its text is the same. */
  private readonly dirty = new Set<string>();
  private readonly forced = new Set<string>();
  private readonly batch = new Set<string>();
  private batchFailed = new Set<string>();
  private dropped = false;
  private readonly unavailable = new Map<string, string>();
  private pageProblems: Diagnostic[] = [];
  private vendorProblems: Diagnostic[] = [];
  /** Not sent yet. */
  private pending = { vendor: [] as { id: string; code: string }[], page: false, reload: "", environment: false };
  private sentGlobals: string[] = [];

  constructor(
    root: string,
    private modules: string,
  ) {
    const at = real(root);
    if (!at) throw new Error(`The folder ${root} does not exist`);
    this.files = new Files(at);
    this.packages = new Packages(modules);
    this.settings = readSettings(this.files);
    this.resolver = new Resolver(this.files, this.packages, this.settings);
    this.sheets = new Sheets(this.files, this.resolver, () => this.settings.dependencies.get("tailwindcss"));
    this.vendor = new Vendor(this.packages);
    this.readEnvironment();
    this.readPage();
  }

  info() {
    const { entryIds: entries } = this;
    const tailwind = this.sheets.tailwindVersion(false);
    return { entries, page: this.appPage.page, react: this.packages.version("react"), tailwind };
  }

  private get context(): Context {
    return this;
  }

  // ------------------------------------------------------------------------------------------------ taking changes in

  /** Notes what changed. Nothing is compiled yet, so that a cancelled request loses no change. */
  take(params: BuildParams): void {
    const changed = new Set<string>();
    const generation = this.files.generation;
    for (const { path, content } of params.files ?? []) {
      const inApp = appPath(this.files.root, path);
      if (inApp === null) {
        throw new Problem(diagnostic("file", `${path} leads out of the app's folder`));
      }
      if (this.files.change(inApp, content)) changed.add(inApp);
    }
    for (const path of changed) {
      for (const id of this.graph.affected(path)) {
        this.dirty.add(id);
        if (this.graph.get(id)?.path !== path) this.forced.add(id);
      }
      this.globals.changed(path);
    }
    if (params.reload) for (const id of this.graph.nodes.keys()) this.force(id);
    if (this.files.generation !== generation) this.fileSetChanged(changed);
    if (params.reload || some(changed, (path) => isSettingsFile(path, this.settings))) this.configure();
    if (params.reload || some(changed, (path) => isEnvironmentFile(path, this.settings))) this.readEnvironment();
    const pageFiles = params.reload || changed.has(INDEX) || this.files.generation !== generation;
    if (pageFiles || this.pending.environment) this.readPage();
    if (params.installed) this.usePackages(this.modules);
    for (const [name, message] of Object.entries(params.unavailable ?? {})) {
      this.unavailable.set(packageName(name), message);
      for (const id of this.graph.troubled) this.force(id);
    }
    for (const root of params.roots ?? []) this.addRoot(root);
  }

  private force(id: string): void {
    this.dirty.add(id);
    this.forced.add(id);
  }

  /** Files came or went: globs, and imports that mean another file now. */
  private fileSetChanged(changed: Set<string>): void {
    for (const path of changed) for (const id of this.graph.globsOver(path)) this.force(id);
    for (const id of this.graph.troubled) this.force(id);
    for (const node of this.graph.nodes.values()) {
      if (!node.output || node.path === null) continue;
      for (const [specifier, before] of node.output.resolutions) {
        if (before.kind !== "file" && before.kind !== "failed") continue;
        const now = this.resolver.resolve(specifier, node.path);
        if (now.kind !== before.kind || targetOf(now) !== targetOf(before)) this.force(node.id);
      }
    }
    this.globals.reset();
  }

  private configure(): void {
    const before = JSON.stringify(comparable(this.settings));
    this.settings = readSettings(this.files);
    if (JSON.stringify(comparable(this.settings)) === before) return;
    this.resolver.configure(this.settings);
    this.globals.reset();
    for (const id of this.graph.nodes.keys()) this.force(id);
    this.readEnvironment();
  }

  private readEnvironment(): void {
    try {
      this.environment = readEnvironment(this.files, this.settings);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.settings.diagnostics.push(...error.diagnostics);
    }
    const code = exportsOf({ default: literal(this.environment) });
    const hash = hashOf(code);
    if (this.environmentModule && this.environmentModule.hash !== hash) this.pending.environment = true;
    this.environmentModule = { id: ENVIRONMENT, code, deps: {}, css: null, is_async: false, hash };
  }

  private readPage(): void {
    const before = this.appPage ? JSON.stringify(this.appPage.page) : null;
    const entriesBefore = this.entryIds.join("\n");
    this.pageProblems = [];
    try {
      this.appPage = readPage(this.files, this.environment);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.pageProblems = error.diagnostics;
      this.appPage ??= { page: { title: "", head: "", body: "" } as Page, entries: [], inline: new Map() };
      return;
    }
    for (const [id, text] of this.appPage.inline) {
      this.graph.setVirtual(id, text);
      if (this.graph.get(id)) this.dirty.add(id);
    }
    this.entryIds = [];
    for (const { specifier, offset } of this.appPage.entries) {
      const found = this.appPage.inline.has(specifier)
        ? ({ kind: "file", id: specifier } as const)
        : this.resolver.resolve(specifier, INDEX);
      if (found.kind === "file") this.entryIds.push(found.id);
      else {
        const text = this.files.isFile(INDEX) ? this.files.text(INDEX) : "";
        const message = found.kind === "failed" ? found.message : `Cannot find '${specifier}' imported by ${INDEX}`;
        const at = Math.max(offset, text.indexOf(specifier.slice(1), offset));
        const hint = found.kind === "failed" ? found.hint : "";
        this.pageProblems.push(diagnosticAt("resolve", message, INDEX, text, at, specifier.length - 1, { hint }));
      }
    }
    if (before !== null && JSON.stringify(this.appPage.page) !== before) this.pending.page = true;
    if (before !== null && this.entryIds.join("\n") !== entriesBefore) this.pending.page = true;
    this.globals.reset();
    if (this.roots.has("")) this.dropped = true;
  }

  /** The dependency folder changed. */
  usePackages(folder: string): void {
    this.modules = folder;
    this.packages.use(folder);
    this.unavailable.clear();
    this.sheets.reset();
    for (const node of this.graph.nodes.values()) {
      const style = kindOf(node) === "style";
      if (style || node.missing.length || node.problems.length) this.force(node.id);
    }
    if (!this.vendor.isCurrent()) this.vendor.clear();
  }

  private addRoot(root: string): void {
    if (root === "") {
      this.roots.add("");
      return;
    }
    const [path, query] = splitQuery(root);
    const inApp = appPath(this.files.root, path);
    if (inApp === null) throw new Problem(diagnostic("file", `${root} leads out of the app's folder`));
    this.roots.add(inApp + query);
  }

  // -------------------------------------------------------------------------------------------------------- compiling

  async build(cancelled: () => boolean): Promise<BuildResult> {
    const contents: Content[] = [];
    await this.compileAll(cancelled, contents);
    this.findGlobals();
    await this.compileAll(cancelled, contents);
    const update = this.sheets.active ? this.sheets.update(contents, () => this.contents()) : [];
    for (const { node, output, error } of update instanceof Promise ? await update : update) {
      if (output) this.accept(node, output, node.warnings);
      else this.reject(node, error);
    }
    await this.compileAll(cancelled, contents);
    if (this.dropped) this.sweep();
    await this.bundle();
    this.checkNames();
    return this.commit();
  }

  private rootIds(): string[] {
    const ids = [...this.roots].filter((id) => id !== "");
    return this.roots.has("") ? [...this.entryIds, ...ids, ...this.sentGlobals] : [...ids, ...this.sentGlobals];
  }

  private findGlobals(): void {
    if (!this.roots.size) return;
    const found = this.globals.find(this.entryIds, this.graph, this.context, this.appPage.inline);
    this.currentGlobals = found;
  }

  private currentGlobals: string[] = [];

  private async compileAll(cancelled: () => boolean, contents: Content[]): Promise<void> {
    for (const id of this.roots.has("") ? this.entryIds : []) this.reach(id);
    for (const id of this.roots) if (id !== "") this.reach(id);
    for (const id of this.currentGlobals) this.reach(id);
    let slice = performance.now();
    for (const id of this.dirty) {
      const node = this.graph.get(id);
      if (node) {
        const waiting = this.compile(node, contents);
        if (waiting) await waiting;
      }
      this.dirty.delete(id);
      this.forced.delete(id);
      if (performance.now() - slice > SLICE) {
        await new Promise((done) => setImmediate(done));
        if (cancelled()) throw new Cancelled();
        slice = performance.now();
      }
    }
  }

  /** Puts a module into the graph and in line to be compiled. */
  private reach(id: string, file: string | null = null): void {
    if (this.graph.get(id)) return;
    const [path, query] = splitQuery(id);
    this.graph.add(id, file === null ? path : null, file, query);
    this.dirty.add(id);
  }

  private compile(node: GraphNode, contents: Content[]): Promise<void> | null {
    const kind = kindOf(node);
    if (kind === "style") return this.compileStyle(node);
    try {
      if (kind === "script") this.compileText(node, contents);
      else this.accept(node, compileOther(node, this.files));
    } catch (error) {
      this.reject(node, error);
    }
    return null;
  }

  private compileText(node: GraphNode, contents: Content[]): void {
    const source = this.graph.virtualText(node.id) ?? this.files.text(node.path!);
    if (source === node.source && !this.forced.has(node.id)) return;
    node.source = source;
    contents.push({ text: source, extension: posix.extname(node.path ?? "").slice(1) || "html" });
    const { output, maps } = compileScript(node, source, this.context);
    this.accept(node, output);
    if (node.module) this.versions.keep(node.id, node.module.hash, maps);
  }

  private async compileStyle(node: GraphNode): Promise<void> {
    try {
      const { output, warnings, watches } = await this.sheets.compile(node);
      this.graph.watchAll(watches, node.id);
      node.warnings = warnings;
      if (output) this.accept(node, output, warnings);
      else {
        node.problems = [];
        node.missing = [];
        this.graph.note(node);
      }
    } catch (error) {
      this.graph.watchAll((error as { watches?: Set<string> }).watches ?? [], node.id);
      this.reject(node, error);
    }
  }

  /** A module compiled: connect it, and see whether all it imports is there. */
  private accept(node: GraphNode, output: Output, warnings: Diagnostic[] = []): void {
    this.batch.add(node.id);
    node.problems = [];
    node.warnings = warnings;
    node.missing = [];
    for (const [specifier, resolution] of output.resolutions) {
      if (resolution.kind === "file") this.reach(resolution.id);
      else if (resolution.kind === "package-file") this.reach(resolution.id, resolution.file);
      else if (resolution.kind === "failed") {
        node.problems.push(this.importProblem(node, specifier, resolution.message, resolution.hint));
      }
    }
    for (const { package: name, specifier, written } of missingIn(output)) this.miss(node, name, specifier, written);
    if (this.graph.connect(node, output)) this.dropped = true;
    this.graph.note(node);
    if (node.problems.length || node.missing.length) {
      this.batchFailed.add(node.id);
      return;
    }
    const deps = depsOf(output);
    const hash = hashOf(output.code, output.css ?? "\0", JSON.stringify(deps));
    if (node.module?.hash === hash) return;
    node.module = { id: node.id, code: output.code, deps, css: output.css, is_async: output.isAsync, hash };
    this.outbox.put(node.id);
  }

  private reject(node: GraphNode, error: unknown): void {
    node.missing = [];
    node.problems = [];
    if (error instanceof MissingPackage) this.miss(node, packageName(error.specifier), error.specifier, error.specifier);
    else if (error instanceof Problem) node.problems = error.diagnostics;
    else throw error;
    if (!this.files.isFile(node.path ?? "") && node.path !== null && node.importers.size) {
      // Whoever imports a file that is gone says so at the import.
      node.problems = [];
      for (const id of node.importers) this.force(id);
    }
    this.batch.add(node.id);
    this.batchFailed.add(node.id);
    this.graph.note(node);
  }

  private miss(node: GraphNode, name: string, specifier: string, written: string): void {
    const location = node.path === null ? null : findImport(node.path, this.textOf(node), written);
    const message = this.unavailable.get(name);
    if (message === undefined) {
      const place = location ?? (node.path === null ? null : { file: node.path, line: 1, column: 1, length: 0 });
      node.missing.push({ package: name, specifier, location: place });
    } else {
      const text = `The package '${name}' could not be installed: ${message}`;
      node.problems.push(this.importProblem(node, written, text, "", "install"));
    }
  }

  private importProblem(
    node: GraphNode,
    specifier: string,
    message: string,
    hint: string,
    kind: Diagnostic["kind"] = "resolve",
  ): Diagnostic {
    const text = this.textOf(node);
    const location = node.path === null ? null : findImport(node.path, text, specifier);
    if (!location) {
      const place = node.path === null ? null : { file: node.path, line: 1, column: 1, length: 0 };
      return diagnostic(kind, message, { hint, location: place });
    }
    return { ...diagnosticAt(kind, message, location.file, text, offsetOf(text, location), location.length, { hint }) };
  }

  private textOf(node: GraphNode): string {
    if (node.path === null) return "";
    try {
      return this.files.text(node.path);
    } catch {
      return "";
    }
  }

  /** Where class names may stand, all of it. */
  private contents(): Content[] {
    const out: Content[] = [];
    for (const node of this.graph.nodes.values()) {
      if (node.source === null || node.path === null) continue;
      out.push({ text: node.source, extension: posix.extname(node.path).slice(1) || "html" });
    }
    if (this.files.isFile(INDEX)) out.push({ text: this.files.text(INDEX), extension: "html" });
    return out;
  }

  private sweep(): void {
    this.dropped = false;
    this.sentGlobals = this.currentGlobals;
    const gone = this.graph.sweep(this.rootIds());
    for (const id of gone) {
      this.sheets.close(id);
      this.batch.delete(id);
      this.batchFailed.delete(id);
    }
    if (gone.length) this.outbox.gone();
  }

  private async bundle(): Promise<void> {
    const wanted = new Set<string>();
    for (const id of this.batch) {
      const output = this.graph.get(id)?.output;
      if (output) for (const specifier of packagesOf(output)) wanted.add(specifier);
    }
    if (!this.vendor.lacks(wanted) && !this.vendorProblems.length) return;
    if (this.roots.size === 0) return;
    const all = new Set<string>();
    for (const node of this.graph.nodes.values()) {
      if (node.output) for (const specifier of packagesOf(node.output)) all.add(specifier);
    }
    const first = this.vendor.list.length === 0 && this.outbox.live.size === 0;
    try {
      const { added, rebuilt } = await this.vendor.provide(all);
      this.vendorProblems = [];
      if (rebuilt) this.pending.vendor = [];
      this.pending.vendor.push(...added.map(({ id, code }) => ({ id, code })));
      const fresh = rebuilt || (added.length > 0 && this.vendor.list.length === added.length);
      if (fresh && !first && this.outbox.live.size) this.pending.reload = "The app's packages changed.";
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.vendorProblems = error.diagnostics;
      this.batchFailed.add(VENDOR);
    }
  }

  /** Names that a module imports and that its target does not export: `undefined` at run time. */
  private checkNames(): void {
    const affected = new Set<string>();
    for (const id of this.batch) {
      affected.add(id);
      const node = this.graph.get(id);
      if (!node?.output) continue;
      const exports = node.output.exports?.join() ?? "";
      if (this.exportLists.get(id) !== exports) {
        if (this.exportLists.has(id)) for (const importer of node.importers) affected.add(importer);
        this.exportLists.set(id, exports);
      }
    }
    for (const id of affected) {
      const node = this.graph.get(id);
      if (!node?.output || node.path === null || kindOf(node) !== "script") continue;
      node.warnings = this.absentNames(node, node.output);
      this.graph.note(node);
    }
  }

  private readonly exportLists = new Map<string, string>();

  private absentNames(node: GraphNode, output: Output): Diagnostic[] {
    const out: Diagnostic[] = [];
    for (const [specifier, names] of output.imported) {
      const target = names && targetOf(output.resolutions.get(specifier));
      const exported = target ? this.graph.exportsOf(target) : null;
      if (!names || !exported || !target) continue;
      for (const name of names) {
        if (exported.has(name)) continue;
        const text = this.textOf(node);
        const location = findName(node.path!, text, specifier, name);
        const what = name === "default" ? "has no default export" : `does not export '${name}'`;
        const others = [...exported].filter((e) => e !== "default").join(", ");
        const hint = others ? `It exports: ${others}.` : exported.has("default") ? "It has a default export." : "";
        const at = location ? offsetOf(text, location) : 0;
        const more = { severity: "warning" as const, hint };
        out.push(
          diagnosticAt("resolve", `'${splitQuery(target)[0]}' ${what}`, node.path!, text, at, location?.length ?? 1, more),
        );
      }
    }
    return out;
  }

  // ---------------------------------------------------------------------------------------------------------- sending

  private commit(): BuildResult {
    if (this.pageProblems.length && this.roots.has("")) this.batchFailed.add(PAGE);
    const failed = [...this.batchFailed];
    const { modules, removed } = this.outbox.flush(this.graph, failed, (id) => this.isBad(id));
    this.batch.clear();
    this.batchFailed = new Set();
    const clean = failed.length === 0;
    const result: BuildResult = {
      modules,
      removed,
      vendor: [],
      globals: null,
      page: null,
      reload: "",
      diagnostics: this.diagnostics(),
      missing: this.missing(),
    };
    if (!clean) return result;
    const { pending } = this;
    if (pending.environment) {
      result.modules.push(this.environmentModule);
      pending.reload ||= "The app's environment changed.";
    }
    if (pending.page) result.page = this.appPage.page;
    result.vendor = pending.vendor;
    result.reload = pending.reload;
    this.pending = { vendor: [], page: false, reload: "", environment: false };
    if (this.currentGlobals !== this.sentGlobals || this.firstGlobals) {
      if (this.firstGlobals || this.currentGlobals.join("\n") !== this.sentGlobals.join("\n")) {
        result.globals = this.currentGlobals;
      }
      this.sentGlobals = this.currentGlobals;
      this.firstGlobals = false;
    }
    return result;
  }

  private firstGlobals = true;

  private isBad(id: string): boolean {
    if (id === VENDOR) return this.vendorProblems.length > 0;
    if (id === PAGE) return this.pageProblems.length > 0;
    const node = this.graph.get(id);
    return node !== undefined && (node.missing.length > 0 || node.problems.some((p) => p.severity === "error"));
  }

  diagnostics(): Diagnostic[] {
    const all = [...this.settings.diagnostics, ...this.vendorProblems, ...this.vendor.diagnostics];
    if (this.roots.has("")) all.push(...this.pageProblems);
    for (const id of this.graph.troubled) {
      const node = this.graph.get(id);
      if (node) all.push(...node.problems, ...node.warnings);
    }
    return tidy(all);
  }

  private missing(): Missing[] {
    const out = new Map<string, Missing>();
    for (const id of this.graph.troubled) {
      for (const m of this.graph.get(id)?.missing ?? []) if (!out.has(m.specifier)) out.set(m.specifier, m);
    }
    return [...out.values()];
  }

  snapshot() {
    return {
      page: this.appPage.page,
      entries: this.entryIds,
      globals: this.currentGlobals,
      modules: [this.environmentModule, ...[...this.outbox.live.values()].map((sent) => sent.module)],
      vendor: this.vendor.list,
      diagnostics: this.diagnostics(),
    };
  }

  trace(kind: Diagnostic["kind"], message: string, stack: string): Diagnostic {
    return trace(kind, message, stack, this.versions, (id) => this.vendor.chunk(id)?.code ?? null);
  }
}

function some<T>(items: Iterable<T>, test: (item: T) => boolean): boolean {
  for (const item of items) if (test(item)) return true;
  return false;
}

function comparable(settings: Settings): unknown {
  const alias = settings.alias.map((a) => ({ ...a, find: String(a.find) }));
  return { ...settings, alias, dependencies: null, sources: null, diagnostics: null };
}

function offsetOf(text: string, location: { line: number; column: number }): number {
  let offset = 0;
  for (let n = 1; n < location.line; n++) offset = text.indexOf("\n", offset) + 1;
  return offset + location.column - 1;
}
