/** Compiles what changed and what that reaches, one module at a time, and keeps the graph. */
import { posix } from "node:path";
import { compileOther, compileScript, depsOf, kindOf, missingIn } from "./compile";
import { splice } from "./css";
import { type Diagnostic, diagnostic, Problem } from "./diagnostics";
import { CANVAS, NoCanvas } from "./editor/canvas";
import { Graph, type GraphNode, type Output } from "./graph";
import { importProblem, placeOf } from "./imports";
import type { Outbox } from "./outbox";
import { packageName } from "./packages";
import { INDEX } from "./page";
import type { Project } from "./project";
import { splitQuery } from "./resolve";
import { Sheets } from "./sheets";
import { sourceMapUrl } from "./source_map";
import type { Span } from "./spans";
import { MissingPackage } from "./styles";
import type { Content } from "./tailwind";
import { ToolError } from "./tools";
import { Versions } from "./trace";
import { hashOf } from "./transform";

/** Answers a cancelled request; what was taken in stays, for the next build. */
export class Cancelled extends Error {
  constructor() {
    super("cancelled");
  }
}

/** How long to compile before looking whether the request was cancelled, in milliseconds. */
const SLICE = 40;

export class Compiler {
  readonly graph = new Graph();
  readonly versions = new Versions();
  readonly sheets: Sheets;
  /** Compiled since the last answer, well or not. */
  readonly batch = new Set<string>();
  readonly failed = new Set<string>();
  /** An import was given up: something may be out of reach now. */
  dropped = false;
  /** Packages that could not be installed, and why. */
  readonly unavailable = new Map<string, string>();
  private readonly dirty = new Set<string>();
  /** To be compiled though the text is the same. */
  private readonly forced = new Set<string>();
  private contents: Content[] = [];

  constructor(
    private readonly project: Project,
    private readonly outbox: Outbox,
    /** What to change in a page's text for its canvas; throws `NoCanvas`. */
    private readonly canvas: (path: string, text: string) => Span[],
  ) {
    this.sheets = new Sheets(project);
  }

  /** A file changed: so did what was made of it. */
  fileChanged(path: string): void {
    for (const id of this.graph.affected(path)) {
      this.dirty.add(id);
      if (this.graph.get(id)?.path !== path) this.forced.add(id);
    }
    if (path === INDEX && this.sheets.active) {
      this.contents.push({ text: this.project.textOf(INDEX), extension: "html" });
    }
  }

  force(ids: Iterable<string>): void {
    for (const id of ids) {
      this.dirty.add(id);
      this.forced.add(id);
    }
  }

  /** What stands for their files' texts may be another one. */
  doubt(ids: Iterable<string>): void {
    for (const id of ids) if (this.graph.get(id)) this.dirty.add(id);
  }

  /** Other packages are installed: what wanted some, and what Tailwind made, is compiled again. */
  packagesChanged(): void {
    this.sheets.reset();
    for (const node of this.graph.nodes.values()) {
      if (node.missing.length || node.problems.length || kindOf(node) === "style") this.force([node.id]);
    }
  }

  /** Puts a module into the graph, and in line to be compiled. */
  reach(id: string, file: string | null = null): void {
    if (this.graph.get(id)) return;
    const [path, query] = splitQuery(id);
    this.graph.add(id, file === null ? path : null, file, query);
    this.dirty.add(id);
  }

  async run(cancelled: () => boolean): Promise<void> {
    let slice = performance.now();
    for (const id of this.dirty) {
      const node = this.graph.get(id);
      if (node) {
        const waiting = this.compile(node);
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

  /** Looks for class names in what was compiled, and brings Tailwind's sheets up to date. */
  async finishSheets(): Promise<void> {
    const contents = this.contents;
    this.contents = [];
    if (!this.sheets.active) return;
    const update = this.sheets.update(contents, () => this.allContents());
    for (const { node, output, error } of update instanceof Promise ? await update : update) {
      if (output) this.accept(node, output, node.warnings);
      else this.reject(node, error);
    }
  }

  /** Takes out what the roots do not reach. */
  sweep(roots: Iterable<string>): void {
    this.dropped = false;
    const gone = this.graph.sweep(roots);
    for (const id of gone) {
      this.sheets.close(id);
      this.batch.delete(id);
      this.failed.delete(id);
    }
    if (gone.length) this.outbox.gone();
  }

  private compile(node: GraphNode): Promise<void> | null {
    const kind = kindOf(node);
    if (kind === "style") return this.compileStyle(node);
    try {
      if (kind === "script") this.compileText(node);
      else this.accept(node, compileOther(node, this.project.files));
    } catch (error) {
      this.reject(node, error);
    }
    return null;
  }

  private compileText(node: GraphNode): void {
    const source = this.project.inline.get(node.id) ?? this.project.files.text(node.path!);
    const edits = node.path !== null && node.query === CANVAS ? this.editsOf(node, node.path, source) : [];
    const text = edits.length ? splice(source, edits) : source;
    if (source === node.source && text === node.text && !this.forced.has(node.id)) return;
    node.source = source;
    node.text = text;
    this.contents.push(contentOf(node.path, source));
    const { output, maps } = edits.length
      ? this.compileEdited(node, source, edits)
      : compileScript(node, source, this.project);
    if (!this.accept(node, output) || !node.module) return;
    this.versions.keep(node.id, node.module.hash, maps);
    // Also where only the source is another one, a type say: whoever starts now reads that.
    node.module.map = sourceMapUrl(node.path ?? node.id, maps);
  }

  /** What is wrong with a page is told as it is without a canvas. */
  private editsOf(node: GraphNode, path: string, source: string): Span[] {
    try {
      return this.canvas(path, source);
    } catch (error) {
      node.source = source;
      node.text = null;
      if (error instanceof NoCanvas) compileScript(node, source, this.project);
      throw error;
    }
  }

  private compileEdited(node: GraphNode, source: string, edits: Span[]): ReturnType<typeof compileScript> {
    try {
      return compileScript(node, source, this.project, edits);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      compileScript(node, source, this.project);
      throw new NoCanvas(...error.diagnostics);
    }
  }

  private async compileStyle(node: GraphNode): Promise<void> {
    try {
      const { output, warnings, watches } = await this.sheets.compile(node);
      this.graph.watch(watches, node.id);
      if (output) this.accept(node, output, warnings);
      else this.settle(node, warnings);
    } catch (error) {
      this.graph.watch((error as { watches?: Set<string> }).watches ?? [], node.id);
      this.reject(node, error);
    }
  }

  private settle(node: GraphNode, warnings: Diagnostic[]): void {
    node.problems = [];
    node.missing = [];
    node.warnings = warnings;
    node.alone = false;
    this.graph.note(node);
  }

  /** A module compiled: connect it, and see whether all it imports is there; false where it is not. */
  private accept(node: GraphNode, output: Output, warnings: Diagnostic[] = []): boolean {
    this.batch.add(node.id);
    this.settle(node, warnings);
    const text = () => this.project.textOf(node.path);
    for (const [specifier, resolution] of output.resolutions) {
      if (resolution.kind === "file") this.reach(resolution.id);
      else if (resolution.kind === "package-file") this.reach(resolution.id, resolution.file);
      else if (resolution.kind === "failed") {
        node.problems.push(importProblem("resolve", node.path, text(), specifier, resolution.message, resolution.hint));
      }
    }
    for (const { package: name, specifier, written } of missingIn(output)) this.miss(node, name, specifier, written);
    if (this.graph.connect(node, output)) this.dropped = true;
    this.graph.note(node);
    if (node.problems.length || node.missing.length) {
      this.failed.add(node.id);
      return false;
    }
    const deps = depsOf(output);
    const hash = hashOf(output.code, output.css ?? "\0", JSON.stringify(deps));
    if (node.module?.hash === hash) return true;
    node.module = { id: node.id, code: output.code, deps, css: output.css, is_async: output.isAsync, hash, map: "" };
    this.outbox.put(node.id);
    return true;
  }

  private reject(node: GraphNode, error: unknown): void {
    node.missing = [];
    node.problems = [];
    if (error instanceof MissingPackage) {
      this.miss(node, packageName(error.specifier), error.specifier, error.specifier);
    } else if (error instanceof Problem) {
      node.problems = error.diagnostics;
    } else if (error instanceof ToolError) {
      throw error;
    } else {
      process.stderr.write(`${node.id}: ${(error as Error).stack}\n`);
      node.problems = [diagnostic("internal", `${node.id}: ${(error as Error).message}`)];
    }
    if (node.path !== null && !this.project.files.isFile(node.path) && node.importers.size) {
      // Whoever imports a file that is gone says so, at the import.
      node.problems = [];
      this.force(node.importers);
    }
    this.batch.add(node.id);
    node.alone = error instanceof NoCanvas;
    if (!node.alone) this.failed.add(node.id);
    this.graph.note(node);
  }

  private miss(node: GraphNode, name: string, specifier: string, written: string): void {
    const text = this.project.textOf(node.path);
    const reason = this.unavailable.get(name);
    if (reason === undefined) {
      node.missing.push({ package: name, specifier, location: placeOf(node.path, text, written) });
    } else {
      // The engine's own sentence names the package.
      node.problems.push(importProblem("install", node.path, text, written, reason));
    }
  }

  /** Where class names may stand, all of it. */
  private allContents(): Content[] {
    const out: Content[] = [];
    for (const node of this.graph.nodes.values()) {
      if (node.source !== null && node.path !== null) out.push(contentOf(node.path, node.source));
    }
    if (this.project.files.isFile(INDEX)) out.push({ text: this.project.textOf(INDEX), extension: "html" });
    return out;
  }
}

function contentOf(path: string | null, text: string): Content {
  return { text, extension: posix.extname(path ?? "").slice(1) || "html" };
}
