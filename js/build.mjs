// Builds what the Python package ships: the worker (Node), and the loader, the widgets' bundle and its socket worker (browser).
// The runtime and the socket worker travel inside the preview bundle as text, because a sandboxed frame can fetch nothing.
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const python = resolve(here, "../overskill_nb");
const minify = !process.argv.includes("--debug");
const common = { bundle: true, minify, target: "es2022", charset: "utf8", legalComments: "none", logLevel: "warning" };

/** `import code from "text:../runtime/inner.ts"` gives the bundled, minified script as a string. */
const text = {
  name: "text",
  setup(b) {
    b.onResolve({ filter: /^text:/ }, (a) => ({ path: resolve(a.resolveDir, a.path.slice(5)), namespace: "text" }));
    b.onLoad({ filter: /.*/, namespace: "text" }, async (a) => {
      const r = await build({
        ...common,
        entryPoints: [a.path],
        format: "iife",
        write: false,
        metafile: true,
        define: { "process.env.NODE_ENV": '"development"' },
      });
      return {
        contents: r.outputFiles[0].text,
        loader: "text",
        watchFiles: Object.keys(r.metafile.inputs).map((f) => resolve(f)),
      };
    });
  },
};

/** `import css from "./theme.css"` gives the minified stylesheet as a string. */
const styles = {
  name: "styles",
  setup(b) {
    b.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify, charset: "utf8" });
      return { contents: code, loader: "text", watchFiles: [path] };
    });
  },
};

/** Puck without its editor of rich text, which no field here uses, and without the font that it fetches. */
const lean = {
  name: "lean",
  setup(b) {
    b.onResolve({ filter: /.*/ }, ({ kind, path }) => (kind === "dynamic-import" ? { path, namespace: "none" } : null));
    b.onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: "export default {}" }));
    b.onLoad({ filter: /@puckeditor\/core\/dist\/.*\.mjs$/ }, async ({ path }) => {
      const code = await readFile(path, "utf8");
      return { contents: code.replace(/@import "https:[^"]*";/g, "") };
    });
  },
};

await mkdir(`${python}/widgets/static`, { recursive: true });
await mkdir(`${python}/pipeline/static`, { recursive: true });
await Promise.all([
  build({
    ...common,
    minify: false,
    entryPoints: { worker: `${here}/src/worker/main.ts`, builder: `${here}/src/builder/main.ts` },
    outdir: `${python}/pipeline/static`,
    outExtension: { ".js": ".mjs" },
    platform: "node",
    target: "node20",
    format: "esm",
    // Native tools are loaded from the toolchain's folder at run time; see worker/tools.ts.
    external: [
      "esbuild",
      "oxc-parser",
      "oxc-transform",
      "oxc-resolver",
      "oxc-minify",
      "@tailwindcss/*",
      "tailwindcss",
      "@jridgewell/*",
    ],
  }),
  build({
    ...common,
    entryPoints: [`${here}/src/checker/main.ts`],
    outfile: `${python}/pipeline/static/checker.mjs`,
    platform: "node",
    target: "node20",
    format: "esm",
    // happy-dom holds packages that still say `require`.
    banner: {
      js: 'import{createRequire as overskillRequire}from"node:module";const require=overskillRequire(import.meta.url);',
    },
  }),
  build({
    ...common,
    minify: false,
    entryPoints: [`${here}/src/local_cloudflare/main.ts`],
    outfile: `${python}/pipeline/static/local_cloudflare.mjs`,
    format: "esm",
    // Cloudflare's own asset Worker comes from its package at run time, as a module beside this one.
    external: ["cloudflare:*", "asset-worker"],
  }),
  build({
    ...common,
    entryPoints: [`${here}/src/widgets/loader.ts`],
    outfile: `${python}/widgets/static/loader.js`,
    format: "esm",
  }),
  build({
    ...common,
    entryPoints: [`${here}/src/widgets/preview.tsx`],
    outfile: `${python}/widgets/static/preview.js`,
    format: "esm",
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [text, styles],
  }),
  build({
    ...common,
    entryPoints: [`${here}/src/handover/main.ts`],
    outfile: `${python}/widgets/static/handover.js`,
    format: "iife",
    plugins: [text],
  }),
  build({
    ...common,
    entryPoints: [`${here}/src/canvas/main.ts`],
    outfile: `${python}/widgets/static/editor.js`,
    format: "cjs",
    // These are the app's.
    external: ["react", "react-dom", "react/jsx-runtime"],
    banner: { js: '__overskill__.define("editor",function(require){const module={exports:{}};' },
    footer: { js: "return module.exports});" },
    jsx: "automatic",
    jsxImportSource: "react",
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [styles, lean],
  }),
]);
// As it is: its licence asks that it stays in a file of its own.
await copyFile(`${here}/node_modules/axe-core/axe.min.js`, `${python}/widgets/static/axe.js`);
await writeFile(`${python}/widgets/static/.built`, "");
