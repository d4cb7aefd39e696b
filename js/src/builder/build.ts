/** One app's production build. What esbuild knows of the app is kept from one build to the next. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { gzipSync } from "node:zlib";
import type { BuildContext, BuildFailure, BuildOptions, BuildResult, Metafile, OnResolveResult } from "esbuild";
import { contentType } from "../worker/assets";
import { real } from "../worker/confine";
import { type Diagnostic, diagnostic, Problem, tidy } from "../worker/diagnostics";
import { Project } from "../worker/project";
import { esbuild } from "../worker/tools";
import { confinedInputs } from "./confined_inputs";
import { sha256 } from "./digest";
import { Emitted } from "./emitted";
import { APP, toDiagnostic } from "./messages";
import { writePage } from "./page";
import { type Digests, MAX_FILES, type PublicFile, publicFiles, tooLarge, tooMany } from "./public_files";
import { firstLoadWarning, type PackageSize, packageSizes } from "./report";
import { ENTRY, Sources, sourcesPlugin } from "./sources";
import { packagesPlugin } from "./packages_plugin";
import { bundleWorker } from "./worker_code";

/** Of esbuild's targets, Vite's own: what every browser has had since 2023. */
const TARGET = ["chrome111", "edge111", "firefox114", "safari16.4", "ios16.4"];

export interface OutputFile extends PublicFile {
  content_type: string;
}

export interface Built {
  files: OutputFile[];
  maps: OutputFile[];
  /** The Worker's module; null where the app has no code of its own to run there. */
  worker: OutputFile | null;
  first_load: string[];
  first_load_gzip: number;
  headers: string;
  redirects: string;
  uses_env: boolean;
  packages: PackageSize[];
  warnings: Diagnostic[];
}

export class AppBuild {
  private context: BuildContext | null = null;
  private key = "";
  private current!: Sources;
  private absent: string[] = [];
  private readonly digests: Digests = new Map();
  private readonly gzipped = new Map<string, number>();

  constructor(
    private readonly root: string,
    private readonly modules: string,
  ) {}

  /** `out` is where files go that `have` does not hold yet. */
  async build(out: string, have: string): Promise<Built> {
    const project = new Project(this.root, this.modules, "production");
    const problems = [...project.pageProblems, ...project.diagnostics];
    if (problems.some((p) => p.severity === "error")) throw new Problem(...problems);
    if (!project.entries.length) throw noEntry();
    const emitted = new Emitted();
    const warnings = [...problems];
    const result = await this.bundle(project, emitted);
    warnings.push(...result.warnings.map((w) => toDiagnostic(w, project, "warning")));
    const store = new Store(out, have);
    const pack = await this.finish(project, emitted, result, store, warnings);
    return { ...pack, warnings: tidy(warnings) };
  }

  private async bundle(project: Project, emitted: Emitted): Promise<BuildResult<{ write: false; metafile: true }>> {
    for (let round = 0; ; round++) {
      const context = await this.contextFor(project);
      this.current = new Sources(project, emitted, project.entries, (specifier, kind) =>
        this.resolvePackage(specifier, kind),
      );
      let result: BuildResult<{ write: false; metafile: true }>;
      try {
        result = (await context.rebuild()) as BuildResult<{ write: false; metafile: true }>;
      } catch (error) {
        const failure = error as BuildFailure;
        if (!failure.errors) throw error;
        throw new Problem(...tidy(failure.errors.map((m) => toDiagnostic(m, project, "error"))).slice(0, 20));
      }
      confinedInputs(result.metafile, project);
      return result;
    }
  }

  private resolvePackage: (specifier: string, kind: OnResolveArgsKind) => Promise<OnResolveResult | null> = async () => null;

  /** The context is made anew where the settings ask for other options. */
  private async contextFor(project: Project): Promise<BuildContext> {
    const options = optionsFor(project);
    const key = JSON.stringify([options, this.absent]);
    if (this.context && key === this.key) return this.context;
    await this.context?.dispose();
    const { plugin, resolve } = packagesPlugin(project.packages, this.absent);
    this.resolvePackage = resolve;
    this.key = key;
    this.context = await esbuild().context({
      ...options,
      plugins: [sourcesPlugin(() => this.current), plugin],
    });
    return this.context;
  }

  private async finish(
    project: Project,
    emitted: Emitted,
    result: BuildResult<{ write: false; metafile: true }>,
    store: Store,
    warnings: Diagnostic[],
  ): Promise<Omit<Built, "warnings">> {
    const sources = this.current;
    const { metafile } = result;
    await sources.styles.finish([...sources.texts].map(([id, text]) => ({ text, extension: extensionOf(id) })));
    const files: OutputFile[] = [];
    const maps: OutputFile[] = [];
    const contents = new Map<string, Uint8Array>();
    const name = (path: string) => `/assets/${posix.basename(path)}`;
    for (const file of result.outputFiles) {
      const served = name(file.path);
      if (served.endsWith(".map")) maps.push(store.put(served, file.contents));
      else contents.set(served, file.contents);
    }
    const [entry, output] = Object.entries(metafile.outputs).find(([, o]) => o.entryPoint?.startsWith("entry:"))!;
    const statics = closure(entry, metafile);
    const css = sources.styles.joined(styleOrder(`entry:${ENTRY}`, metafile, (id) => sources.styles.has(id)));
    const styles = css ? [emitted.file("index.css", Buffer.from(css))] : [];
    const usesEnv = sources.withEnvironment.size > 0;
    void output;
    const page = writePage(project, emitted, {
      entry: name(entry),
      preload: [...statics].filter((s) => s !== entry).map(name),
      styles,
      environment: usesEnv,
    });
    const publics = publicFiles(project, this.digests, warnings);
    const special = (path: string) => publics.find((f) => f.path === path);
    const worker = await bundleWorker(project, TARGET);
    contents.set("/index.html", Buffer.from(page));
    for (const [path, bytes] of emitted.files) contents.set(path, bytes);
    for (const [path, bytes] of contents) {
      tooLarge(path, bytes.length);
      files.push(store.put(path, bytes));
    }
    for (const file of publics) {
      if (file.path === "/_headers" || file.path === "/_redirects") continue;
      if (contents.has(file.path)) continue;
      files.push({ ...file, content_type: contentType(file.path) });
    }
    if (files.length > MAX_FILES) throw tooMany();
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    const firstLoad = ["/index.html", ...[...statics].map(name), ...styles];
    const size = firstLoad.reduce((sum, path) => sum + this.gzipSize(contents.get(path)!), 0);
    const packages = packageSizes(metafile, statics);
    const large = firstLoadWarning(size, packages);
    if (large) warnings.push(large);
    const text = (file: PublicFile | undefined) => (file ? project.textOf(posix.join(project.settings.publicDir, file.path)) : "");
    return {
      files,
      maps,
      worker: worker ? store.put("/worker.js", worker) : null,
      first_load: firstLoad,
      first_load_gzip: size,
      headers: text(special("/_headers")),
      redirects: text(special("/_redirects")),
      uses_env: usesEnv,
      packages,
    };
  }

  private gzipSize(bytes: Uint8Array): number {
    const key = createHash("sha1").update(bytes).digest("base64");
    let size = this.gzipped.get(key);
    if (size === undefined) {
      size = gzipSync(bytes).length;
      this.gzipped.set(key, size);
    }
    return size;
  }

  async close(): Promise<void> {
    await this.context?.dispose();
    this.context = null;
  }
}

type OnResolveArgsKind = Parameters<ReturnType<typeof packagesPlugin>["resolve"]>[1];

function optionsFor(project: Project): BuildOptions {
  const { settings, environment, packages } = project;
  // Paths in what esbuild writes count from here: the same wherever the app's folder and its packages are.
  const base = real(packages.base) ?? packages.base;
  const define: Record<string, string> = {
    "process.env.NODE_ENV": '"production"',
    global: "globalThis",
    // What packages ask for that is not listed here is not there.
    "import.meta.env": "true",
    "import.meta.hot": "undefined",
  };
  for (const [name, value] of Object.entries(environment)) define[`import.meta.env.${name}`] = JSON.stringify(value);
  for (const [name, value] of Object.entries(settings.define)) define[name] = value;
  return {
    entryPoints: [{ in: ENTRY, out: "index" }],
    absWorkingDir: base,
    outdir: join(base, "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: TARGET,
    minify: true,
    charset: "utf8",
    legalComments: "none",
    write: false,
    metafile: true,
    sourcemap: "external",
    logLevel: "silent",
    conditions: ["module", "browser", "production"],
    mainFields: ["browser", "module", "jsnext:main", "jsnext", "main"],
    define,
    tsconfigRaw: {
      compilerOptions: {
        jsx: settings.jsxClassic ? "react" : "react-jsx",
        jsxImportSource: settings.jsxClassic ? undefined : settings.jsxImportSource,
        experimentalDecorators: settings.experimentalDecorators,
        useDefineForClassFields: settings.useDefineForClassFields,
        verbatimModuleSyntax: settings.keepUnusedImports,
      },
    },
  };
}

/** Keeps what was built, by its content. */
class Store {
  constructor(
    private readonly out: string,
    private readonly have: string,
  ) {
    mkdirSync(out, { recursive: true });
  }

  put(path: string, bytes: Uint8Array): OutputFile {
    const digest = sha256(bytes);
    const source = join(this.out, digest);
    if (!existsSync(join(this.have, digest.slice(0, 2), digest)) && !existsSync(source)) {
      writeFileSync(`${source}.part`, bytes);
      renameSync(`${source}.part`, source);
    }
    return { path, sha256: digest, size: bytes.length, content_type: contentType(path), source };
  }
}

/** A chunk and all that it imports before it runs, itself first. */
export function closure(entry: string, metafile: Metafile): Set<string> {
  const seen = new Set<string>([entry]);
  for (const path of seen) {
    for (const { path: next, kind, external } of metafile.outputs[path]?.imports ?? []) {
      if (kind === "import-statement" && !external) seen.add(next);
    }
  }
  return seen;
}

/** The style modules that a module imports, in the order in which a browser would run them. */
function styleOrder(from: string, metafile: Metafile, isStyle: (id: string) => boolean): string[] {
  const out: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const { path, kind, external } of metafile.inputs[name]?.imports ?? []) {
      if (kind !== "dynamic-import" && !external) visit(path);
    }
    const id = name.startsWith(`${APP}:`) ? name.slice(APP.length + 1) : name;
    if (isStyle(id)) out.push(id);
  };
  visit(from);
  return out;
}

function extensionOf(id: string): string {
  return posix.extname(id.split("?")[0]!).slice(1) || "html";
}

function noEntry(): Problem {
  return new Problem(
    diagnostic("file", "The app has no entry: index.html names no module script, and there is no src/main.tsx", {
      hint: 'Add <script type="module" src="/src/main.tsx"></script> to index.html.',
    }),
  );
}
