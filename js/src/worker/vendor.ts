/**
 * npm packages, bundled once into scripts that register them: React first, the app's other packages after it, and what
 * is added later in chunks of its own. A chunk takes what an earlier one provides from there, so that there is one React.
 */
import { createHash } from "node:crypto";
import { isAbsolute, join, posix, resolve } from "node:path";
import type { BuildFailure, Loader, Message, Plugin } from "esbuild";
import { real, within } from "./confine";
import { type Diagnostic, diagnostic, Problem } from "./diagnostics";
import type { Packages } from "./packages";
import { esbuild, toolsFolder } from "./tools";
import { type CachedChunk, findChunk, storeChunk } from "./vendor-cache";

export type Format = "esm" | "cjs";

export interface Chunk extends CachedChunk {
  specifiers: string[];
}

const CORE = ["react", "react-dom", "react-dom/client", "react/jsx-runtime", "react/jsx-dev-runtime"];

const LOADERS: Record<string, Loader> = Object.fromEntries([
  ...["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico", "woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4", "webm"].map(
    (e) => [`.${e}`, "dataurl"],
  ),
  [".wasm", "binary"],
  [".js", "jsx"],
  [".mjs", "jsx"],
  [".cjs", "jsx"],
]);

export class Vendor {
  private chunks: Chunk[] = [];
  private readonly provided = new Map<string, Format>();
  private warnings: Diagnostic[] = [];

  constructor(private readonly packages: Packages) {}

  get list(): { id: string; code: string }[] {
    return this.chunks.map(({ id, code }) => ({ id, code }));
  }

  get diagnostics(): Diagnostic[] {
    return this.warnings;
  }

  /** A chunk by id, for tracing. */
  chunk(id: string): Chunk | undefined {
    return this.chunks.find((c) => c.id === id);
  }

  lacks(specifiers: Iterable<string>): boolean {
    for (const specifier of specifiers) if (!this.provided.has(specifier)) return true;
    return this.chunks.length === 0;
  }

  /** Bundles what is not provided yet. `rebuilt` where earlier chunks had to be made anew. */
  async provide(specifiers: Iterable<string>): Promise<{ added: Chunk[]; rebuilt: boolean }> {
    const before = this.chunks.length;
    const core = CORE.filter((s) => "file" in this.packages.resolve(s));
    const added: Chunk[] = [];
    const want = [...new Set(specifiers)].filter((s) => !this.provided.has(s) && !core.includes(s)).sort();
    if (before === 0 && core.length) added.push(await this.add(core));
    if (want.length) {
      const chunk = await this.build(want, this.provided);
      if (this.overlaps(chunk)) {
        const everything = [...new Set([...core, ...this.provided.keys(), ...want])].sort();
        const whole = await this.build(everything, new Map());
        this.chunks = [];
        this.provided.clear();
        this.keep(whole);
        return { added: [whole], rebuilt: before > 0 };
      }
      this.keep(chunk);
      added.push(chunk);
    }
    return { added, rebuilt: false };
  }

  /** Forgets all chunks: the packages on disk are others now. */
  clear(): void {
    this.chunks = [];
    this.provided.clear();
    this.warnings = [];
  }

  /** Whether the packages on disk are still those that the chunks were made of. */
  isCurrent(): boolean {
    return this.chunks.every((c) => Object.entries(c.packages).every(([name, v]) => this.packages.version(name) === v));
  }

  private async add(specifiers: string[]): Promise<Chunk> {
    const chunk = await this.build(specifiers, this.provided);
    this.keep(chunk);
    return chunk;
  }

  private keep(chunk: Chunk): void {
    this.chunks.push(chunk);
    for (const specifier of chunk.specifiers) this.provided.set(specifier, chunk.formats[specifier] ?? "cjs");
    this.warnings.push(...chunk.absent.map((a) => absentWarning(a.specifier, a.importer)));
  }

  /** Whether a chunk holds files that an earlier one holds too: two copies of a package share no state. */
  private overlaps(chunk: Chunk): boolean {
    const files = new Set(chunk.inputs);
    return this.chunks.some((c) => c.inputs.some((file) => files.has(file)));
  }

  private async build(specifiers: string[], provided: Map<string, Format>): Promise<Chunk> {
    const externals = [...provided].sort(([a], [b]) => (a < b ? -1 : 1));
    const key = createHash("sha256")
      .update(JSON.stringify(["1", esbuild().version, specifiers, externals]))
      .digest("hex");
    const cached = findChunk(key, (name) => this.packages.version(name));
    if (cached) return { ...cached, specifiers };
    const chunk = await bundle(specifiers, provided, this.packages, []);
    storeChunk(key, chunk);
    return { ...chunk, specifiers };
  }
}

interface Absent {
  specifier: string;
  importer: string;
}

async function bundle(
  specifiers: string[],
  provided: Map<string, Format>,
  packages: Packages,
  absent: Absent[],
): Promise<CachedChunk> {
  const lines = specifiers.flatMap((s, i) => [
    `import * as m${i} from ${JSON.stringify(s)};`,
    `__overskill__.provide(${JSON.stringify(s)}, m${i});`,
  ]);
  const base = real(packages.base) ?? packages.base;
  try {
    const result = await esbuild().build({
      stdin: { contents: lines.join("\n"), resolveDir: base, loader: "js", sourcefile: "vendor" },
      absWorkingDir: base,
      outdir: join(base, "out"),
      bundle: true,
      write: false,
      metafile: true,
      format: "iife",
      platform: "browser",
      target: "es2022",
      charset: "utf8",
      logLevel: "silent",
      legalComments: "none",
      jsx: "automatic",
      jsxDev: true,
      conditions: ["browser", "development", "module"],
      mainFields: ["browser", "module", "main"],
      define: { "process.env.NODE_ENV": '"development"', global: "globalThis" },
      inject: ["overskill:process"],
      loader: LOADERS,
      plugins: [resolving(provided, new Set(absent.map((a) => a.specifier)), packages)],
    });
    const inputs: string[] = [];
    const formats: Record<string, Format> = {};
    const versions: Record<string, string | null> = {};
    const entry = result.metafile.inputs.vendor;
    const home = packages.modules ?? base;
    for (const name of Object.keys(result.metafile.inputs)) {
      if (name === "vendor" || /^[\w-]+:/.test(name)) continue;
      const full = real(resolve(base, name)) ?? resolve(base, name);
      if (!within(home, full) && !within(real(toolsFolder) ?? toolsFolder, full)) {
        throw new Problem(diagnostic("install", "A package leads out of the folder node_modules"));
      }
      inputs.push(within(home, full) ? posix.relative(home, full) : full);
      const owner = packageDirectory(name);
      if (owner && !(owner in versions)) versions[owner] = packages.version(owner);
    }
    for (const { original, path } of entry?.imports ?? []) {
      if (original) formats[original] = result.metafile.inputs[path]?.format === "esm" ? "esm" : "cjs";
    }
    const script = result.outputFiles.find((f) => f.path.endsWith(".js"))!.text;
    const sheet = result.outputFiles.find((f) => f.path.endsWith(".css"))?.text;
    const code = (sheet ? withStyle(script, sheet) : script).replaceAll(/^(\s*\/\/ )(?:\.\.\/)*node_modules\//gm, "$1");
    const id = createHash("sha256").update(code).digest("hex").slice(0, 20);
    return { id, code: `${code}\n//# sourceURL=overskill:///vendor/${id}`, inputs, formats, packages: versions, absent };
  } catch (error) {
    const errors = (error as BuildFailure).errors;
    if (!errors) throw error;
    const more = errors.flatMap((e) => absentOf(e, packages, base));
    const known = new Set(absent.map((a) => a.specifier));
    const fresh = more.filter((a) => !known.has(a.specifier));
    if (fresh.length && absent.length < 200) return bundle(specifiers, provided, packages, [...absent, ...fresh]);
    throw new Problem(...errors.slice(0, 10).map((e) => failure(e, packages, base)));
  }
}

/** `node_modules/a/node_modules/b/x.js` to `a/node_modules/b`. */
function packageDirectory(input: string): string | null {
  const start = input.indexOf("node_modules/");
  const last = input.lastIndexOf("node_modules/");
  if (start < 0) return null;
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(input.slice(last + 13))?.[0];
  return name ? input.slice(start + 13, last + 13) + name : null;
}

/** Packages that another package wants and that are not there become empty; saying so is for the diagnostics. */
function absentOf(error: Message, packages: Packages, base: string): Absent[] {
  const specifier = /^Could not resolve "([^"]+)"/.exec(error.text)?.[1];
  const file = error.location?.file;
  if (!specifier || !file || file === "vendor") return [];
  const full = isAbsolute(file) ? file : resolve(base, file);
  return [{ specifier, importer: packageDirectory(packages.show(real(full) ?? full)) ?? "a package" }];
}

function absentWarning(specifier: string, importer: string): Diagnostic {
  return diagnostic("install", `The package '${importer}' wants '${specifier}', which is not installed`, {
    severity: "warning",
    hint: `Where it is needed, install it: it stands for an empty module.`,
  });
}

/** What esbuild says, without the lines of the packages' files. */
function failure(error: Message, packages: Packages, base: string): Diagnostic {
  const file = error.location?.file;
  const place = file && file !== "vendor" ? ` (${packages.show(real(resolve(base, file)) ?? file)})` : "";
  return diagnostic("install", `Bundling packages: ${error.text}${place}`);
}

function withStyle(script: string, css: string): string {
  const style = `{const s=document.createElement("style");s.dataset.overskill="npm:vendor";s.textContent=${JSON.stringify(css)};document.head.append(s)}`;
  return `${script}\n${style}`;
}

const NODE = /^(?:node:)?(?:assert|async_hooks|buffer|child_process|cluster|console|constants|crypto|dgram|diagnostics_channel|dns|domain|events|fs|http|http2|https|inspector|module|net|os|path|perf_hooks|process|punycode|querystring|readline|repl|stream|string_decoder|sys|timers|tls|tty|url|util|v8|vm|wasi|worker_threads|zlib)(?:\/[\w/]+)?$/;

const PROCESS = `export var process = globalThis.process ?? {
  env: { NODE_ENV: "development" }, browser: true, version: "", versions: {}, argv: [], platform: "browser",
  cwd: () => "/", on() {}, nextTick: (f, ...a) => queueMicrotask(() => f(...a)),
};`;

/** Provided packages from the registry; what is absent, or Node's own, as an empty module. */
function resolving(provided: Map<string, Format>, absent: Set<string>, packages: Packages): Plugin {
  return {
    name: "overskill",
    setup(build) {
      build.onResolve({ filter: /^overskill:process$/ }, () => ({ path: "process", namespace: "overskill-process" }));
      build.onLoad({ filter: /.*/, namespace: "overskill-process" }, () => ({ contents: PROCESS, loader: "js" }));
      build.onResolve({ filter: /^@oxc-project\/runtime\// }, (args) => {
        const found = packages.resolve(args.path);
        return "file" in found ? { path: found.file } : undefined;
      });
      if (provided.size) {
        const filter = new RegExp(`^(?:${[...provided.keys()].map(escape).join("|")})$`);
        build.onResolve({ filter }, (args) => {
          const required = args.kind === "require-call" && provided.get(args.path) === "cjs";
          return { path: args.path, namespace: required ? "provided-exports" : "provided" };
        });
        // Names are not known here: `export *` from a CommonJS module lets esbuild look them up at run time.
        build.onLoad({ filter: /.*/, namespace: "provided" }, ({ path }) => ({
          contents: `export * from ${JSON.stringify(`raw:${path}`)};\nexport default __overskill__.provided(${JSON.stringify(path)}).default;`,
          loader: "js",
        }));
        build.onResolve({ filter: /^raw:/, namespace: "provided" }, (args) => ({
          path: args.path.slice(4),
          namespace: "provided-names",
        }));
        build.onLoad({ filter: /.*/, namespace: "provided-names" }, ({ path }) => ({
          contents: `module.exports = __overskill__.provided(${JSON.stringify(path)});`,
          loader: "js",
        }));
        build.onLoad({ filter: /.*/, namespace: "provided-exports" }, ({ path }) => ({
          contents: `const m = __overskill__.provided(${JSON.stringify(path)});\nmodule.exports = m.__esModule ? m : m.default;`,
          loader: "js",
        }));
      }
      if (absent.size) {
        const filter = new RegExp(`^(?:${[...absent].map(escape).join("|")})$`);
        build.onResolve({ filter }, async (args) => {
          if (args.pluginData === "tried") return undefined;
          const { path, errors } = await build.resolve(args.path, {
            kind: args.kind,
            importer: args.importer,
            resolveDir: args.resolveDir,
            pluginData: "tried",
          });
          return errors.length ? { path: args.path, namespace: "empty" } : { path };
        });
      }
      build.onResolve({ filter: NODE }, async (args) => {
        if (args.pluginData === "tried" || args.namespace !== "file" || args.importer === "") return undefined;
        const found = args.path.startsWith("node:")
          ? null
          : await build.resolve(args.path, {
              kind: args.kind,
              importer: args.importer,
              resolveDir: args.resolveDir,
              pluginData: "tried",
            });
        if (found && !found.errors.length) {
          return { path: found.path, namespace: found.namespace, suffix: found.suffix };
        }
        return { path: args.path, namespace: "empty" };
      });
      build.onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "module.exports = {};", loader: "js" }));
    },
  };
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
