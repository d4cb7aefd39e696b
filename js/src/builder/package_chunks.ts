/** The app's packages as chunks of their own, made again only where another export is used or another version is there. */
import { statSync } from "node:fs";
import { join, posix, relative, resolve } from "node:path";
import type { BuildContext, BuildFailure, BuildOptions, BuildResult, Message, Metafile, Plugin } from "esbuild";
import { real, within } from "../worker/confine";
import { type Diagnostic, diagnostic, Problem } from "../worker/diagnostics";
import { readLimited } from "../worker/files";
import { Graph, type GraphNode } from "../worker/graph";
import { type Packages, packageName } from "../worker/packages";
import type { Project } from "../worker/project";
import { localNames } from "../worker/styles";
import { esbuild, oxcMinify } from "../worker/tools";
import { confinedInputs } from "./confined_inputs";
import { Emitted } from "./emitted";
import { entryOf, type Wanted } from "./links";
import { PackageCache } from "./package_cache";
import { type PackageFinder, packageFinder } from "./package_finder";
import { namesModule } from "./stylesheets";
import { TARGET } from "./target";

const MINIFIER = "oxc-minify 0.145.0";
const FILES = /\.(?:png|jpe?g|gif|webp|avif|svg|ico|woff2?|ttf|otf|eot|mp3|mp4|webm|wasm)$/i;

export interface PackageChunks {
  /** Its inputs are left out where there are no style sheets among them. */
  metafile: Metafile;
  /** File name to its content. */
  files: Map<string, Uint8Array>;
  /** Path under which a file is served that packages name, to its content. */
  emitted: Map<string, Uint8Array>;
  /** Of the packages that went in, relative to the folder that holds `node_modules`. */
  folders: string[];
  /** What packages want and nobody installed. */
  absent: Absent[];
  /** File names of the entries, in their order. */
  entries: string[];
  /** Paths of style sheets that packages import, as the metafile has them. */
  styles: string[];
}

interface Absent {
  specifier: string;
  importer: string;
}

interface Made {
  key: string;
  /** Of the packages when it was made. */
  stamp: string;
  chunks: PackageChunks;
}

export class PackageBundler {
  /** What was parsed of an app's packages takes hundreds of megabytes: it is kept for one app only. */
  private static last: PackageBundler | null = null;
  private readonly cache = new PackageCache<Made>();
  private context: BuildContext | null = null;
  private contextKey = "";
  private contents: string[] = [];
  private emitted = new Emitted();
  private made: Made | null = null;
  private absent: Absent[] = [];
  private project!: Project;

  async provide(project: Project, wanted: Wanted[], options: BuildOptions): Promise<PackageChunks> {
    this.project = project;
    this.contents = wanted.map(entryOf);
    const { packages } = project;
    const key = JSON.stringify([this.contents, options, packages.modules, MINIFIER, esbuild().version]);
    if (this.made?.key !== key) {
      const found = this.cache.find(key);
      if (found) this.made = found;
    }
    if (this.made?.key === key && this.made.stamp === this.stamp(this.made.chunks)) return this.made.chunks;
    this.absent = this.absent.filter(({ specifier }) => !packages.has(packageName(specifier)));
    const chunks = await this.bundle(options);
    this.made = { key, stamp: this.stamp(chunks), chunks };
    this.cache.store(key, this.made);
    return chunks;
  }

  /** What packages want and nobody installed, as far as it is known. */
  get missing(): string[] {
    return this.absent.map(({ specifier }) => specifier);
  }

  private async bundle(options: BuildOptions): Promise<PackageChunks> {
    for (;;) {
      const context = await this.contextFor(options);
      this.emitted = new Emitted();
      try {
        const result = (await context.rebuild()) as BuildResult<{ write: false; metafile: true }>;
        confinedInputs(result.metafile, this.project);
        return await this.taken(result);
      } catch (error) {
        const failure = error as BuildFailure;
        if (!failure.errors) throw error;
        const more = failure.errors.flatMap((e) => absentOf(e));
        const fresh = more.filter((m) => !this.absent.some((a) => a.specifier === m.specifier));
        if (!fresh.length) throw new Problem(...failure.errors.slice(0, 10).map(problem));
        // What a package wants and nobody installed stands for an empty module, as in previews.
        this.absent.push(...fresh);
      }
    }
  }

  private async contextFor(options: BuildOptions): Promise<BuildContext> {
    const { packages } = this.project;
    const absent = this.absent.map((a) => a.specifier);
    const key = JSON.stringify([options, absent, packages.modules, this.contents.length]);
    if (this.context && key === this.contextKey) return this.context;
    if (PackageBundler.last !== this) await PackageBundler.last?.forget();
    PackageBundler.last = this;
    await this.context?.dispose();
    const finder = packageFinder(packages, absent);
    this.contextKey = key;
    this.context = await esbuild().context({
      ...options,
      entryPoints: this.contents.map((_, i) => ({ in: `packages:${i}`, out: i ? `packages-${i}` : "packages" })),
      // Traces of packages say little, and the maps are five times as large as the code.
      sourcemap: false,
      // Part of the files' hashes: they change as well with what minifies them.
      banner: { js: `/*${MINIFIER}*/` },
      plugins: [this.entriesPlugin(finder), finder.plugin],
    });
    return this.context;
  }

  private entriesPlugin(finder: PackageFinder): Plugin {
    return {
      name: "entries",
      setup: (build) => {
        build.onResolve({ filter: /^packages:\d+$/ }, ({ path }) => ({
          path: path.slice("packages:".length),
          namespace: "packages",
        }));
        build.onLoad({ filter: /.*/, namespace: "packages" }, ({ path }) => ({
          contents: this.contents[Number(path)],
          loader: "js",
        }));
        build.onResolve({ filter: /.*/, namespace: "packages" }, async ({ path, kind }) => {
          const found = await finder.resolve(path, kind);
          return found ?? { errors: [{ text: `'${path}' leads out of the folder node_modules` }] };
        });
        build.onLoad({ filter: /\.css$/i, namespace: "file" }, ({ path }) => ({
          contents: /\.module\.css$/i.test(path) ? this.styleModule(path) : "",
          loader: "js",
        }));
        build.onLoad({ filter: FILES, namespace: "file" }, ({ path }) => {
          const full = real(path);
          const { modules } = this.project.packages;
          if (!full || !modules || !within(modules, full)) return { errors: [{ text: OUTSIDE }] };
          return {
            contents: this.emitted.address(path, readLimited(full, this.project.packages.show(full))),
            loader: "text",
          };
        });
      },
    };
  }

  private styleModule(path: string): string {
    const { packages } = this.project;
    const { id } = styleNode(relative(real(packages.base) ?? packages.base, path), packages);
    const css = readLimited(path, packages.show(path)).toString("utf8");
    return namesModule(localNames(id, css, css).names);
  }

  private async taken(result: BuildResult<{ write: false; metafile: true }>): Promise<PackageChunks> {
    const { metafile } = result;
    const files = new Map(
      await Promise.all(result.outputFiles.map(async (f) => [posix.basename(f.path), await smaller(f.text)] as const)),
    );
    const entries = this.contents.map((_, i) => {
      const [path] = Object.entries(metafile.outputs).find(([, o]) => o.entryPoint === `packages:${i}`)!;
      return posix.basename(path);
    });
    const names = Object.keys(metafile.inputs);
    const styles = names.filter((name) => /\.css$/i.test(name));
    const folders = new Set<string>();
    for (const name of names) {
      const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(name)?.[1];
      if (folder) folders.add(folder);
    }
    return {
      metafile: styles.length ? metafile : { inputs: {}, outputs: metafile.outputs },
      files,
      emitted: this.emitted.files,
      folders: [...folders],
      absent: this.absent,
      entries,
      styles,
    };
  }

  /** Changes when a package is installed, removed or changed. */
  private stamp({ folders, absent }: PackageChunks): string {
    const { packages } = this.project;
    const base = real(packages.base) ?? packages.base;
    return [
      packagesStamp(packages),
      ...folders.map((folder) => stampOf(resolve(base, folder, "package.json"))),
      ...absent.map(({ specifier }) => String(packages.has(packageName(specifier)))),
    ].join("\n");
  }

  private async forget(): Promise<void> {
    await this.context?.dispose();
    this.context = null;
  }

  async close(): Promise<void> {
    await this.forget();
    this.made = null;
  }
}

/** What esbuild minified is made smaller once more: a twentieth, for a time that is spent once. */
async function smaller(code: string): Promise<Uint8Array> {
  const options = { module: true, compress: { target: TARGET }, mangle: { toplevel: true } };
  const made = await oxcMinify().minify("packages.js", code, options);
  return Buffer.from(made.errors.length ? code : made.code);
}

export function absentWarnings({ absent }: PackageChunks): Diagnostic[] {
  return absent.map(({ specifier, importer }) =>
    diagnostic("install", `The package '${importer}' wants '${specifier}', which is not installed`, {
      severity: "warning",
      hint: "Where it is needed, install it: it stands for an empty module.",
    }),
  );
}

/** A style sheet of a package as a module, by the name that the metafile has for it. */
export function styleNode(name: string, packages: Packages): GraphNode {
  return new Graph().add(`package:${name}`, null, resolve(real(packages.base) ?? packages.base, name), "");
}

/** Changes when npm installs. */
export function packagesStamp(packages: Packages): string {
  return stampOf(join(packages.base, "node_modules", ".package-lock.json"));
}

function stampOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return "";
  }
}

function absentOf(error: Message): Absent[] {
  const specifier = /^Could not resolve "([^"]+)"/.exec(error.text)?.[1];
  const file = error.location?.file ?? "";
  const at = file.lastIndexOf("node_modules/");
  const importer = at < 0 ? null : /^(?:@[^/]+\/)?[^/]+/.exec(file.slice(at + 13))?.[0];
  return specifier && importer ? [{ specifier, importer }] : [];
}

/** What esbuild says of packages, without the lines of their files. */
function problem(error: Message): Diagnostic {
  const file = error.location?.file ?? "";
  const at = file.lastIndexOf("node_modules/");
  if (error.location && at < 0 && error.location.namespace !== "packages") {
    return diagnostic("resolve", "A package imports a file outside of the app's packages", { hint: OUTSIDE });
  }
  const place = at >= 0 ? ` (${file.slice(at)})` : "";
  // The text may quote what the file says, which is public for packages only.
  return diagnostic("install", `Bundling packages: ${error.text}${place}`);
}

const OUTSIDE = "A build reads the app's folder and its node_modules, and nothing else.";
