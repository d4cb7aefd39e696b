/** What an app is before anything of it is compiled: its files, settings, packages, environment and page. */
import type { Module, Page } from "../protocol";
import { exportsOf, literal } from "./assets";
import { real } from "./confine";
import { type Diagnostic, diagnosticAt, Problem } from "./diagnostics";
import { ENVIRONMENT, type Mode, readEnvironment } from "./environment";
import { Files } from "./files";
import { Packages } from "./packages";
import { type AppPage, INDEX, readPage } from "./page";
import { Resolver } from "./resolve";
import { readSettings, type Settings } from "./settings";
import { hashOf } from "./transform";

const EMPTY: Page = { title: "", head: "", body: "", html_attributes: {}, body_attributes: {} };

export class Project {
  readonly files: Files;
  readonly packages: Packages;
  readonly resolver: Resolver;
  settings: Settings;
  /** The module that holds `import.meta.env`. */
  environmentModule!: Module;
  page: Page = EMPTY;
  /** Module ids that the page loads, in order. */
  entries: string[] = [];
  /** Text of the page's inline scripts, by module id. */
  inline = new Map<string, string>();
  pageProblems: Diagnostic[] = [];
  environment: Record<string, string | boolean> = {};
  private environmentProblems: Diagnostic[] = [];

  constructor(
    root: string,
    modules: string,
    readonly mode: Mode = "development",
  ) {
    const at = real(root);
    if (!at) throw new Error(`The folder ${root} does not exist`);
    this.files = new Files(at);
    this.packages = new Packages(modules, mode);
    this.settings = readSettings(this.files);
    this.resolver = new Resolver(this.files, this.packages, this.settings);
    this.readEnvironment();
    this.readPage();
  }

  get diagnostics(): Diagnostic[] {
    return [...this.settings.diagnostics, ...this.environmentProblems];
  }

  /** Reads the configuration files again; true where what they say is something else. */
  configure(): boolean {
    const before = JSON.stringify(comparable(this.settings));
    this.settings = readSettings(this.files);
    this.resolver.configure(this.settings);
    return JSON.stringify(comparable(this.settings)) !== before;
  }

  /** Reads the .env files again; true where they say something else. */
  readEnvironment(): boolean {
    this.environmentProblems = [];
    try {
      this.environment = readEnvironment(this.files, this.settings, this.mode);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.environmentProblems = error.diagnostics;
    }
    const code = exportsOf({ default: literal(this.environment) });
    const hash = hashOf(code);
    const same = this.environmentModule?.hash === hash;
    this.environmentModule = { id: ENVIRONMENT, code, deps: {}, css: null, is_async: false, hash, map: "" };
    return !same;
  }

  /** Reads index.html again; true where a preview must load it anew. */
  readPage(): boolean {
    const before = JSON.stringify([this.page, this.entries]);
    this.pageProblems = [];
    let read: AppPage;
    try {
      read = readPage(this.files, this.environment);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.pageProblems = error.diagnostics;
      return false;
    }
    this.page = read.page;
    this.inline = read.inline;
    this.entries = [];
    for (const entry of read.entries) this.addEntry(entry);
    return JSON.stringify([this.page, this.entries]) !== before;
  }

  private addEntry({ specifier, offset }: AppPage["entries"][number]): void {
    if (this.inline.has(specifier)) {
      this.entries.push(specifier);
      return;
    }
    const found = this.resolver.resolve(specifier, INDEX);
    if (found.kind === "file") {
      this.entries.push(found.id);
      return;
    }
    const text = this.files.isFile(INDEX) ? this.files.text(INDEX) : "";
    const { message, hint } =
      found.kind === "failed" ? found : { message: `Cannot find '${specifier}' imported by ${INDEX}`, hint: "" };
    const at = Math.max(offset, text.indexOf(specifier.slice(1), offset));
    this.pageProblems.push(diagnosticAt("resolve", message, INDEX, text, at, specifier.length - 1, { hint }));
  }

  /** A file's text; empty where it cannot be read, which is told elsewhere. */
  textOf(path: string | null): string {
    if (path === null) return "";
    try {
      return this.files.text(path);
    } catch {
      return "";
    }
  }
}

/** Settings without what has no effect on compiled modules. */
function comparable(settings: Settings): unknown {
  const alias = settings.alias.map((a) => ({ ...a, find: String(a.find) }));
  return { ...settings, alias, dependencies: null, sources: null, diagnostics: null };
}
