/** Versions of an app's files that nobody has accepted yet: mended, compiled and rendered beside what previews show. */
import type { PropSet, RenderParams, RenderResult, Report, Step } from "../checker/messages";
import { App, type BuildParams, type Change } from "./app";
import type { Checker } from "./checker";
import { appPath } from "./confine";
import { codeFrame, type Diagnostic, diagnostic, locate, Problem, tidy } from "./diagnostics";
import type { Missing } from "./graph";
import { component, propSets } from "./prop_sets";
import { type Mended, mend } from "./repair/repair";
import { Sources } from "./repair/sources";
import { findTarget } from "./target";
import { merge } from "./types/merge";
import { type TypeCheck, Types } from "./types/types";

export interface CheckParams {
  files: Change[];
  /** A component's name, or a path with an optional `#Export`. */
  target: string;
  /** Whether the obvious is to be mended first. */
  mend: boolean;
  /** Whether the component must do without props. */
  bare: boolean;
  /** Whether to render it at all, and to use its controls. */
  render: boolean;
  poke: boolean;
  /** Whether its text is not to be cut short as it is for models. */
  whole?: boolean;
  steps?: Step[];
  /** To render it with; where they are not given, what its source says of them. */
  props?: PropSet;
}

export interface CheckResult {
  module: string;
  export: string;
  diagnostics: Diagnostic[];
  missing: Missing[];
  /** Files that were mended, and what was done to them. */
  mended: Mended[];
  console: string[];
  text: string;
  after: string[];
  rendered: number;
  /** Why types were not checked; empty where they were. */
  untyped: string;
  /** Milliseconds by step; types are checked while it is rendered. */
  timings: { mend: number; compile: number; render: number; types: number };
}

/** An answer whose last part does not keep the app's other requests waiting. */
export class Later {
  constructor(readonly result: Promise<CheckResult>) {}
}

const SERVER = "react-dom/server";

export class Candidates {
  private shadow: App | null = null;
  private readonly types: Types;

  constructor(
    private readonly app: App,
    private readonly root: string,
    private readonly checker: Checker,
  ) {
    this.types = new Types(app);
  }

  /** Starts what a check needs, while a model is still writing. */
  begin(): void {
    this.checker.begin();
    this.types.begin();
  }

  close(): void {
    this.types.end();
  }

  /** Follows what happens to the app. */
  take(params: BuildParams): void {
    if (params.installed) this.types.end();
    this.shadow?.take({ ...params, roots: [] });
  }

  modulesChanged(folder: string): void {
    this.types.end();
    this.shadow?.modulesChanged(folder);
  }

  async check(params: CheckParams, cancelled: () => boolean): Promise<CheckResult | Later> {
    this.checker.begin();
    this.shadow ??= new App(this.root, this.app.project.packages.base);
    const shadow = this.shadow;
    const overlay = params.files.map(({ path, content }) => ({ path, content: content ?? null }));
    const began = performance.now();
    try {
      shadow.take({ files: overlay });
      const sources = new Sources(shadow.project);
      const mended = params.mend ? mend(overlay, params.target, sources, (path) => this.own(path)) : [];
      if (mended.length) shadow.take({ files: mended });
      const found = findTarget(shadow, params.target);
      const compiling = performance.now();
      const result: CheckResult = {
        module: found.module,
        export: found.export,
        diagnostics: found.diagnostics,
        missing: [],
        mended,
        console: [],
        text: "",
        after: [],
        rendered: 0,
        untyped: "",
        timings: { mend: compiling - began, compile: 0, render: 0, types: 0 },
      };
      if (!found.module) return result;
      const alone = await shadow.compileAlone(found.module, this.serverPackages(shadow), this.app, cancelled);
      const absent = alone.missing.map((missing) => notInstalled(missing, shadow));
      result.diagnostics = tidy([...found.diagnostics, ...alone.diagnostics, ...absent]);
      result.missing = alone.missing;
      result.timings.compile = performance.now() - compiling;
      const broken = result.diagnostics.some((d) => d.severity === "error");
      if (broken || !params.render) return result;
      const source = sources.read(found.module);
      const sets = params.props ? [params.props] : propSets(source, found.export, params.bare);
      const { modules, vendor } = alone;
      const request = {
        modules,
        vendor,
        module: found.module,
        export: found.export,
        props: sets,
        poke: params.poke,
        whole: params.whole ?? false,
        steps: params.steps ?? [],
      };
      const start = component(source.body, found.export)?.start ?? 0;
      const place = locate(found.module, source.text, start, source.text.indexOf("\n", start) - start);
      const frame = codeFrame(source.text, place);
      const changed = new Map([...overlay, ...mended].map((file) => [this.pathOf(file.path), file.content]));
      const typed = changed.size ? this.types.check(changed, found.module, found.export) : null;
      return new Later(this.render(request, result, shadow, { location: place, frame }, typed));
    } finally {
      shadow.take({ files: overlay.map(({ path }) => ({ path, content: this.own(path) })) });
    }
  }

  /** `standard` is the component's own place, for what React says of no place. */
  private async render(
    request: RenderParams,
    result: CheckResult,
    shadow: App,
    standard: Pick<Diagnostic, "location" | "frame">,
    typed: Promise<TypeCheck> | null,
  ): Promise<CheckResult> {
    const began = performance.now();
    const rendered = await this.checker.render(request);
    result.timings.render = performance.now() - began;
    const types = await typed;
    result.timings.types = types?.ms ?? 0;
    result.untyped = types?.skipped ?? "Nothing changed.";
    result.diagnostics = merge(
      [...result.diagnostics, ...rendered.reports.map((report) => traced(report, shadow, standard))],
      types?.diagnostics ?? [],
    );
    const { console, text, after, rendered: count } = rendered as RenderResult;
    return { ...result, export: rendered.export || result.export, console, text, after, rendered: count };
  }

  private pathOf(path: string): string {
    return appPath(this.app.project.files.root, path) ?? path;
  }

  /** What the app itself has at a path. */
  private own(path: string): string | null {
    const { files } = this.app.project;
    try {
      return files.isFile(path) ? files.text(path) : null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return null;
    }
  }

  private serverPackages(shadow: App): string[] {
    return "file" in shadow.project.packages.resolve(SERVER) ? [SERVER] : [];
  }
}

function notInstalled({ package: name, location }: Missing, shadow: App): Diagnostic {
  return diagnostic("install", `The package '${name}' is not installed`, {
    location,
    frame: location ? codeFrame(shadow.project.textOf(location.file), location) : "",
    hint: "Use what is installed, or write that part yourself.",
  });
}

function traced(
  { severity, kind, message, stack, hint }: Report,
  shadow: App,
  standard: Pick<Diagnostic, "location" | "frame">,
): Diagnostic {
  const found = stack ? shadow.trace(kind, message, stack) : diagnostic(kind, message);
  return { ...found, ...(found.location ? {} : standard), severity, hint: hint || found.hint };
}
