/** Runs a configuration file of the app that is code, as Tailwind v3's and PostCSS's are. */
import { createRequire } from "node:module";
import { dirname, join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import type { BuildFailure } from "esbuild";
import { within } from "./confine";
import { diagnostic, diagnosticAt, fromBytes, lineOffset, Problem } from "./diagnostics";
import type { Files } from "./files";
import type { Packages } from "./packages";
import { MissingPackage } from "./styles";
import { build } from "./tools";

/** The file's default export. What it imports relatively is bundled in; packages come from the modules folder. */
export async function runConfig(
  path: string,
  files: Files,
  packages: Packages,
  watches: Set<string>,
): Promise<unknown> {
  watches.add(path);
  const full = join(files.root, path);
  if (path.endsWith(".json") || path.endsWith("rc")) return JSON.parse(files.text(path));
  const code = await bundleConfig(path, files, watches);
  const require = createRequire(join(packages.base, "package.json"));
  const module = { exports: {} as Record<string, unknown> };
  try {
    compileFunction(code, ["module", "exports", "require", "__filename", "__dirname"], { filename: full })(
      module,
      module.exports,
      require,
      full,
      dirname(full),
    );
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, path);
  }
  const { default: value } = module.exports;
  return module.exports.__esModule && value !== undefined ? value : module.exports;
}

async function bundleConfig(path: string, files: Files, watches: Set<string>): Promise<string> {
  const full = join(files.root, path);
  try {
    const result = await build({
      entryPoints: [full],
      absWorkingDir: files.root,
      bundle: true,
      write: false,
      metafile: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      packages: "external",
      logLevel: "silent",
      define: { "import.meta.url": JSON.stringify(pathToFileURL(full).href), "import.meta.dirname": "__dirname" },
      plugins: [
        {
          name: "files",
          setup(build) {
            build.onLoad({ filter: /.*/ }, ({ path: at }) => {
              const inApp = within(files.root, at) ? posix.relative(files.root, at) : null;
              if (inApp === null) return { errors: [{ text: `${posix.basename(at)} leads out of the app's folder` }] };
              watches.add(inApp);
              const extension = posix.extname(at).slice(2, -1) === "t" ? "ts" : posix.extname(at).slice(1);
              const loader = extension === "json" ? "json" : /^[mc]?ts$/.test(extension) ? "ts" : "js";
              return { contents: files.text(inApp), loader };
            });
          },
        },
      ],
    });
    return result.outputFiles[0]!.text;
  } catch (error) {
    const first = (error as BuildFailure).errors?.[0];
    if (!first) throw error;
    const at = first.location;
    if (!at || !files.isFile(at.file)) throw new Problem(diagnostic("config", `${path}: ${first.text}`));
    const text = files.text(at.file);
    const start = lineOffset(text, at.line);
    const offset = start + fromBytes(text.slice(start), at.column);
    throw new Problem(diagnosticAt("config", first.text, at.file, text, offset, at.length));
  }
}

function explain(error: NodeJS.ErrnoException, path: string): Error {
  const location = { file: path, line: 1, column: 1, length: 0 };
  const missing = /^Cannot find (?:module|package) '([^']+)'/.exec(error.message)?.[1];
  if (missing && !missing.startsWith(".") && !missing.startsWith("/")) {
    return new MissingPackage(missing, diagnostic("resolve", `Cannot find '${missing}' imported by ${path}`));
  }
  return new Problem(diagnostic("config", `${path}: ${error.message.split("\n")[0]}`, { location }));
}
