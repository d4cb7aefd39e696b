/** One app's production build. What esbuild knows of the app is kept from one build to the next. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { gzipSync } from "node:zlib";
import type { BuildOptions, Message, Metafile } from "esbuild";
import { contentType } from "../worker/assets";
import { real } from "../worker/confine";
import { type Diagnostic, diagnostic, Problem, tidy } from "../worker/diagnostics";
import { Project } from "../worker/project";
import { Chunks } from "./chunks";
import { Context } from "./context";
import { sha256 } from "./digest";
import { Emitted } from "./emitted";
import { toDiagnostic } from "./messages";
import { absentWarnings, PackageBundler, type PackageChunks } from "./package_chunks";
import { writePage } from "./page";
import { type Digests, MAX_FILES, type PublicFile, publicFiles, tooLarge, tooMany } from "./public_files";
import { firstLoadWarning, type PackageSize, packageSizes } from "./report";
import { Sheets } from "./sheets";
import type { Sources } from "./sources";
import { TARGET } from "./target";
import { WorkerCode } from "./worker_code";

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
  /** Warnings. */
  diagnostics: Diagnostic[];
}

/** What esbuild made of the app, and of its packages where these are apart. */
interface Bundled {
  sources: Sources;
  chunks: Chunks;
  packages: PackageChunks | null;
  messages: Message[];
}

export class AppBuild {
  /** With the packages apart, and with them inside. */
  private readonly apart = new Context(true);
  private readonly whole = new Context(false);
  private readonly bundler = new PackageBundler();
  private readonly worker = new WorkerCode();
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
    const bundled = await this.bundle(project, emitted);
    const warnings = [...problems, ...bundled.messages.map((w) => toDiagnostic(w, project, "warning"))];
    if (bundled.packages) warnings.push(...absentWarnings(bundled.packages));
    const built = await this.finish(project, emitted, bundled, new Store(out, have), warnings);
    return { ...built, diagnostics: tidy(warnings) };
  }

  private async bundle(project: Project, emitted: Emitted): Promise<Bundled> {
    const options = optionsFor(project);
    const entry = project.entries.map((id) => `import ${JSON.stringify(id)};`).join("\n");
    const { result, sources } = await this.apart.build(project, entry, emitted, options);
    const chunks = new Chunks(result.outputFiles, result.metafile);
    if (!chunks.entangled && !sources.entangled) {
      try {
        const packages = chunks.wanted.length ? await this.bundler.provide(project, chunks.wanted, options) : null;
        return { sources, chunks, packages, messages: result.warnings };
      } catch (error) {
        // With all in one bundle, what is wrong is said where the app imports it.
        if (!(error instanceof Problem)) throw error;
      }
    }
    const inside = await this.whole.build(project, entry, emitted, options, this.bundler.missing);
    const all = new Chunks(inside.result.outputFiles, inside.result.metafile);
    return { sources: inside.sources, chunks: all, packages: null, messages: inside.result.warnings };
  }

  private async finish(
    project: Project,
    emitted: Emitted,
    { sources, chunks, packages }: Bundled,
    store: Store,
    warnings: Diagnostic[],
  ): Promise<Omit<Built, "diagnostics">> {
    const { metafile } = chunks;
    const contents = new Map<string, Uint8Array>();
    const maps: OutputFile[] = [];
    const [entry] = Object.entries(metafile.outputs).find(([, o]) => o.entryPoint?.startsWith("entry:"))!;
    const sheets = await new Sheets(project, sources, metafile, packages).written(emitted);
    const { names, scripts } = chunks.finished(packages, sheets.later);
    for (const [name, { code, map }] of scripts) {
      contents.set(served(name), Buffer.from(code));
      if (map) maps.push(store.put(`${served(name)}.map`, Buffer.from(map)));
    }
    for (const [name, bytes] of packages?.files ?? []) contents.set(served(name), bytes);
    const own = closure(entry, metafile);
    const theirs = packagesOf(own, chunks, packages);
    const first = [...[...own].map((o) => served(names.get(o)!)), ...[...theirs].map((o) => served(posix.basename(o)))];
    const usesEnv = sources.withEnvironment.size > 0;
    const page = writePage(project, emitted, {
      entry: first[0]!,
      preload: first.slice(1),
      styles: sheets.first,
      environment: usesEnv,
    });
    contents.set("/index.html", Buffer.from(page));
    for (const [path, bytes] of [...emitted.files, ...(packages?.emitted ?? [])]) contents.set(path, bytes);
    const worker = await this.worker.build(project, optionsFor(project));
    const publics = publicFiles(project, this.digests, warnings);
    const firstLoad = ["/index.html", ...first, ...sheets.first];
    const size = firstLoad.reduce((sum, path) => sum + this.gzipSize(contents.get(path)!), 0);
    const sizes = packageSizes([
      { metafile, outputs: own },
      ...(packages ? [{ metafile: packages.metafile, outputs: theirs }] : []),
    ]);
    const large = firstLoadWarning(size, sizes);
    if (large) warnings.push(large);
    const text = (path: string) => (publics.some((f) => f.path === path) ? publicText(project, path) : "");
    return {
      files: allFiles(contents, publics, store),
      maps,
      worker: worker ? store.put("/worker.js", worker) : null,
      first_load: firstLoad,
      first_load_gzip: size,
      headers: text("/_headers"),
      redirects: text("/_redirects"),
      uses_env: usesEnv,
      packages: sizes,
    };
  }

  private gzipSize(bytes: Uint8Array): number {
    const key = createHash("sha1").update(bytes).digest("base64");
    let size = this.gzipped.get(key);
    if (size === undefined) {
      if (this.gzipped.size > 1000) this.gzipped.clear();
      size = gzipSync(bytes).length;
      this.gzipped.set(key, size);
    }
    return size;
  }

  async close(): Promise<void> {
    await Promise.all([this.apart.close(), this.whole.close(), this.bundler.close(), this.worker.close()]);
  }
}

/** The outputs of the packages that these chunks load. */
function packagesOf(outputs: Iterable<string>, chunks: Chunks, packages: PackageChunks | null): Set<string> {
  const all = new Set<string>();
  if (!packages) return all;
  const byName = new Map(Object.keys(packages.metafile.outputs).map((path) => [posix.basename(path), path]));
  for (const output of outputs) {
    const index = chunks.entryOf(output);
    if (index < 0) continue;
    for (const path of closure(byName.get(packages.entries[index]!)!, packages.metafile)) all.add(path);
  }
  return all;
}

function allFiles(contents: Map<string, Uint8Array>, publics: PublicFile[], store: Store): OutputFile[] {
  const files = publics
    .filter(({ path }) => path !== "/_headers" && path !== "/_redirects" && !contents.has(path))
    .map((file) => ({ ...file, content_type: contentType(file.path) }));
  if (files.length + contents.size > MAX_FILES) throw tooMany();
  for (const [path, bytes] of contents) {
    tooLarge(path, bytes.length);
    files.push(store.put(path, bytes));
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function publicText(project: Project, path: string): string {
  return project.textOf(posix.join(project.settings.publicDir, path));
}

function served(name: string): string {
  return `/assets/${name}`;
}

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

function noEntry(): Problem {
  return new Problem(
    diagnostic("file", "The app has no entry: index.html names no module script, and there is no src/main.tsx", {
      hint: 'Add <script type="module" src="/src/main.tsx"></script> to index.html.',
    }),
  );
}
