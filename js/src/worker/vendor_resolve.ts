/** How esbuild finds what a bundle of packages imports. */
import { isAbsolute } from "node:path";
import type { Plugin } from "esbuild";
import { real, within } from "./confine";
import type { Mode } from "./environment";
import type { Packages } from "./packages";
import type { Format } from "./vendor";

const NODE =
  /^(?:node:)?(?:assert|async_hooks|buffer|child_process|cluster|console|constants|crypto|dgram|diagnostics_channel|dns|domain|events|fs|http|http2|https|inspector|module|net|os|path|perf_hooks|process|punycode|querystring|readline|repl|stream|string_decoder|sys|timers|tls|tty|url|util|v8|vm|wasi|worker_threads|zlib)(?:\/[\w/]+)?$/;

const processCode = (mode: Mode) => `export var process = globalThis.process ?? {
  env: { NODE_ENV: "${mode}" }, browser: true, version: "", versions: {}, argv: [], platform: "browser",
  cwd: () => "/", on() {}, nextTick: (f, ...a) => queueMicrotask(() => f(...a)),
};`;

/** Provided packages from the registry; what is absent, or Node's own, as an empty module. */
export function resolving(
  provided: Map<string, Format>,
  absent: Set<string>,
  packages: Packages,
  mode: Mode = "development",
): Plugin {
  return {
    name: "overskill",
    setup(build) {
      build.onResolve({ filter: /^overskill:process$/ }, () => ({ path: "process", namespace: "overskill-process" }));
      build.onLoad({ filter: /.*/, namespace: "overskill-process" }, () => ({
        contents: processCode(mode),
        loader: "js",
      }));
      build.onResolve({ filter: /^@oxc-project\/runtime\// }, (args) => {
        const found = packages.resolve(args.path);
        return "file" in found ? { path: found.file } : undefined;
      });
      if (provided.size) {
        const filter = new RegExp(`^(?:${[...provided.keys()].map(quoteForRegExp).join("|")})$`);
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
        const filter = new RegExp(`^(?:${[...absent].map(quoteForRegExp).join("|")})$`);
        build.onResolve({ filter }, async (args) => {
          if (args.pluginData === "tried") return undefined;
          const { path, errors } = await build.resolve(args.path, {
            kind: args.kind,
            importer: args.importer,
            resolveDir: args.resolveDir,
            pluginData: "tried",
          });
          const file = errors.length ? null : real(path);
          const mine = file && packages.modules && within(packages.modules, file);
          return mine ? { path } : { path: args.path, namespace: "empty" };
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
        // A path that is not absolute: the package's `browser` field says that there is none.
        if (found && !found.errors.length && isAbsolute(found.path)) {
          return { path: found.path, namespace: found.namespace, suffix: found.suffix };
        }
        return { path: args.path, namespace: "empty" };
      });
      build.onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "module.exports = {};", loader: "js" }));
    },
  };
}

function quoteForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
