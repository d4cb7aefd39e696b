/** One of esbuild's contexts: it keeps what it parsed, and reads again what changed. */
import type { BuildContext, BuildFailure, BuildOptions, BuildResult, Plugin } from "esbuild";
import { Problem, tidy } from "../worker/diagnostics";
import type { Project } from "../worker/project";
import { esbuild } from "../worker/tools";
import { confinedInputs } from "./confined_inputs";
import type { Emitted } from "./emitted";
import { toDiagnostic } from "./messages";
import { packagesStamp } from "./package_chunks";
import { type PackageFinder, packageFinder } from "./package_finder";
import { ENTRY, Sources, sourcesPlugin } from "./sources";

export type Result = BuildResult<{ write: false; metafile: true }>;

export class Context {
  private context: BuildContext | null = null;
  private key = "";
  private finder!: PackageFinder;
  private sources!: Sources;

  /** `apart`: whether packages stay outside of the bundle. */
  constructor(
    private readonly apart: boolean,
    private readonly more: Plugin[] = [],
  ) {}

  async build(
    project: Project,
    entry: string,
    emitted: Emitted,
    options: BuildOptions,
    /** Packages that others want and that are not there. */
    absent: string[] = [],
  ): Promise<{ result: Result; sources: Sources }> {
    const context = await this.of(project, options, absent);
    this.sources = new Sources(project, entry, emitted, this.finder, this.apart);
    let result: Result;
    try {
      result = (await context.rebuild()) as Result;
    } catch (error) {
      const { errors } = error as BuildFailure;
      if (!errors) throw error;
      throw new Problem(...tidy(errors.map((m) => toDiagnostic(m, project, "error"))).slice(0, 20));
    }
    confinedInputs(result.metafile, project);
    return { result, sources: this.sources };
  }

  private async of(project: Project, options: BuildOptions, absent: string[]): Promise<BuildContext> {
    const { packages } = project;
    const key = JSON.stringify([options, packages.modules, packagesStamp(packages), absent]);
    if (this.context && key === this.key) return this.context;
    await this.close();
    this.finder = packageFinder(packages, absent);
    this.context = await esbuild().context({
      ...options,
      entryPoints: [{ in: ENTRY, out: "index" }],
      plugins: [...this.more, sourcesPlugin(() => this.sources), this.finder.plugin],
    });
    this.key = key;
    return this.context;
  }

  async close(): Promise<void> {
    await this.context?.dispose();
    this.context = null;
  }
}
