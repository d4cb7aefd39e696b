/** Packages to one script, by esbuild. */
import { createHash } from "node:crypto";
import { basename, dirname, isAbsolute, join, posix, resolve } from "node:path";
import type { BuildFailure, Loader, Message, Metafile } from "esbuild";
import { virtualPackages } from "../runtime/places";
import { real, within } from "./confine";
import { type Diagnostic, diagnostic, Problem } from "./diagnostics";
import type { Packages } from "./packages";
import { build, toolsFolder } from "./tools";
import type { Format } from "./vendor";
import type { CachedChunk } from "./vendor_cache";
import { resolving } from "./vendor_resolve";

const LOADERS: Record<string, Loader> = Object.fromEntries([
  ...[
    "png",
    "jpg",
    "jpeg",
    "gif",
    "webp",
    "avif",
    "svg",
    "ico",
    "woff",
    "woff2",
    "ttf",
    "otf",
    "eot",
    "mp3",
    "mp4",
    "webm",
  ].map((e) => [`.${e}`, "dataurl"]),
  [".wasm", "binary"],
  [".js", "jsx"],
  [".mjs", "jsx"],
  [".cjs", "jsx"],
]);

type Absent = CachedChunk["absent"][number];

/** `absent` is what is known to be wanted and not there. */
export async function bundle(
  specifiers: string[],
  provided: Map<string, Format>,
  packages: Packages,
  absent: Absent[] = [],
): Promise<CachedChunk> {
  const lines = specifiers.flatMap((s, i) => [
    `import * as m${i} from ${JSON.stringify(s)};`,
    `__overskill__.provide(${JSON.stringify(s)}, m${i});`,
  ]);
  const base = real(packages.base) ?? packages.base;
  try {
    const result = await build({
      stdin: { contents: lines.join("\n"), resolveDir: base, loader: "js", sourcefile: "vendor" },
      absWorkingDir: base,
      outdir: join(base, "out"),
      bundle: true,
      write: false,
      metafile: true,
      format: "iife",
      platform: "browser",
      target: "es2022",
      // A browser holds and reads text of one byte a character in half the memory and time.
      charset: "ascii",
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
    const { inputs, versions, strays } = readInputs(result.metafile, base, packages);
    if (strays.length) return await bundle(specifiers, provided, packages, withMore(absent, strays));
    const formats: Record<string, Format> = {};
    const entry = result.metafile.inputs.vendor;
    for (const { original, path } of entry?.imports ?? []) {
      if (original) formats[original] = result.metafile.inputs[path]?.format === "esm" ? "esm" : "cjs";
    }
    const script = result.outputFiles.find((f) => f.path.endsWith(".js"))!.text;
    const sheet = result.outputFiles.find((f) => f.path.endsWith(".css"))?.text;
    const named = (sheet ? withStyle(script, sheet) : script).replaceAll(
      /^(\s*\/\/ )(?:\.\.\/)*node_modules\//gm,
      "$1",
    );
    const code = virtualPackages(named);
    const id = createHash("sha256").update(code).digest("hex").slice(0, 20);
    return {
      id,
      code: `${code}\n//# sourceURL=overskill:///vendor/${id}`,
      inputs,
      formats,
      packages: versions,
      absent,
    };
  } catch (error) {
    const errors = (error as BuildFailure).errors;
    if (!errors) throw error;
    const more = errors.flatMap((e) => absentOf(e, packages, base));
    if (more.some((m) => !absent.some((a) => a.specifier === m.specifier))) {
      return bundle(specifiers, provided, packages, withMore(absent, more));
    }
    throw new Problem(...errors.slice(0, 10).map((e) => failure(e, packages, base)));
  }
}

function withMore(absent: Absent[], more: Absent[]): Absent[] {
  return [...new Map([...absent, ...more].map((a) => [a.specifier, a])).values()];
}

/** What went in. `strays` lie outside of `node_modules`, in a folder further up: for us they are not there. */
function readInputs(metafile: Metafile, base: string, packages: Packages) {
  const home = packages.modules ?? base;
  const tools = real(toolsFolder) ?? toolsFolder;
  const inputs: string[] = [];
  const versions: Record<string, string | null> = {};
  const strays: Absent[] = [];
  const realFolder = remembered((folder) => real(folder) ?? folder);
  const place = remembered((name) => {
    if (isVirtual(name)) return home;
    // esbuild names the files that links lead to.
    const full = resolve(base, name);
    return join(realFolder(dirname(full)), basename(full));
  });
  const mine = (full: string) => within(home, full) || within(tools, full);
  for (const [name, input] of Object.entries(metafile.inputs)) {
    const full = place(name);
    if (!mine(full)) continue;
    for (const { path, original } of input.imports) {
      if (original && metafile.inputs[path] && !mine(place(path))) {
        strays.push({ specifier: original, importer: packageDirectory(name) ?? "the app" });
      }
    }
    if (isVirtual(name) || !within(home, full)) continue;
    inputs.push(posix.relative(home, full));
    const owner = packageDirectory(name);
    if (owner && !(owner in versions)) versions[owner] = packages.version(owner);
  }
  return { inputs, versions, strays };
}

/** Thousands of files import each other, and share their folders. */
function remembered(find: (name: string) => string): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    let found = known.get(name);
    if (found === undefined) {
      found = find(name);
      known.set(name, found);
    }
    return found;
  };
}

function isVirtual(name: string): boolean {
  return name === "vendor" || /^[\w-]+:/.test(name);
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
