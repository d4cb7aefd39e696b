// Compiles what the tests of the runtime feed to it: JSON lines in, JSON lines out. Scripts go through the worker's own
// transform, without its resolver; the tools come from the folder named by OVERSKILL_TOOLS.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, posix, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.OVERSKILL_TOOLS}/package.json`);
const esbuild = require("esbuild");
const runtime = process.env.OVERSKILL_RUNTIME;

const shared = { bundle: true, target: "es2022", legalComments: "none", logLevel: "error", write: false };

const worker = await load(
  'export { transform } from "./transform"; export { rewrite } from "./rewrite"; export { virtualPackages } from "../runtime/places";',
);

async function load(contents) {
  const folder = mkdtempSync(join(tmpdir(), "overskill-compiler-"));
  const outfile = join(folder, "worker.mjs");
  const stdin = { contents, resolveDir: resolve(runtime, "../worker"), loader: "ts" };
  const external = ["esbuild", "oxc-transform", "oxc-resolver", "@tailwindcss/*", "@jridgewell/*"];
  await esbuild.build({ ...shared, stdin, outfile, write: true, platform: "node", format: "esm", external });
  const loaded = await import(pathToFileURL(outfile));
  rmSync(folder, { recursive: true });
  return loaded;
}

const actions = {
  /** `files`: all paths of the app, to resolve imports by. */
  modules({ sources, files }) {
    const all = new Set(files);
    return sources.map(([id, source]) => (id.endsWith(".css") ? sheet(id, source) : script(id, source, all)));
  },

  async vendor({ specifiers, folder }) {
    const lines = specifiers.map(
      (s, i) => `import * as m${i} from ${JSON.stringify(s)}; __overskill__.provide(${JSON.stringify(s)}, m${i});`,
    );
    const result = await esbuild.build({
      ...shared,
      stdin: { contents: lines.join("\n"), resolveDir: folder, loader: "js" },
      format: "iife",
      platform: "browser",
      define: { "process.env.NODE_ENV": '"development"' },
    });
    const code = result.outputFiles[0].text;
    return { id: hash(code), code: `${worker.virtualPackages(code)}\n//# sourceURL=overskill:///vendor/${hash(code)}` };
  },

  /** The runtime as the preview bundle holds it, and a page's script that makes its outer document. */
  async runtime() {
    const define = { "process.env.NODE_ENV": '"development"' };
    const bundle = (entry, more) =>
      esbuild.build({ ...shared, minify: true, define, entryPoints: [resolve(runtime, entry)], ...more });
    const inner = await bundle("inner.ts", { format: "iife" });
    const documents = await bundle("documents.ts", { format: "iife", globalName: "documents" });
    return { inner: inner.outputFiles[0].text, documents: documents.outputFiles[0].text };
  },
};

const settings = {
  ...{ define: {}, jsxClassic: false, jsxImportSource: "react", keepUnusedImports: false },
  ...{ useDefineForClassFields: true, experimentalDecorators: false, emitDecoratorMetadata: false },
};

function script(id, source, files) {
  const name = id.replace(/^virtual:(\w+)$/, "$1.ts");
  const out = { globs: [], watches: new Set() };
  const { code, isAsync, specifiers } = worker.transform(name, source, settings, (code) =>
    worker.rewrite(code, { id, guard: true, out }),
  );
  const deps = {};
  for (const s of specifiers) deps[s] = s.startsWith(".") ? local(id, s, files) : `npm:${s}`;
  return { id, code, deps, css: null, is_async: isAsync, hash: hash(code) };
}

function sheet(id, css) {
  return { id, code: "", deps: {}, css, is_async: false, hash: hash(css) };
}

function local(from, specifier, files) {
  const path = posix.join(posix.dirname(from), specifier);
  for (const ending of ["", ".tsx", ".ts", "/index.tsx"]) if (files.has(path + ending)) return path + ending;
  return path;
}

function hash(text) {
  return createHash("sha1").update(text).digest("hex").slice(0, 16);
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  const { action, ...params } = JSON.parse(line);
  let answer;
  try {
    answer = { result: await actions[action](params) };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
