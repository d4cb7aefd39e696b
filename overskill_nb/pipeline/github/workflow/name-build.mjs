// Lists what the build made in dist/_overskill/build.json and prints that list's hash, by which overskill_nb knows at the
// app's address that this build is the one that is served. Written by overskill_nb.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const { DEPLOYMENT = "", COMMIT = "" } = process.env;
const ROOT = "dist";
const LIST = "_overskill/build.json";
/** Cloudflare reads these and serves them to nobody. */
const RULES = ["_headers", "_redirects", ".assetsignore"];

if (!existsSync(join(ROOT, "index.html"))) {
  console.error("::error::The build left no dist/index.html; let `npm run build` write to dist/, as Vite does by itself.");
  process.exit(1);
}

const sha256 = (content) => createHash("sha256").update(content).digest("hex");
const text = (name) => (existsSync(join(ROOT, name)) ? readFileSync(join(ROOT, name), "utf8") : "");

const files = readdirSync(ROOT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name).replaceAll("\\", "/").slice(ROOT.length + 1))
  .filter((path) => path !== LIST && !RULES.includes(path))
  .sort((one, other) => (one < other ? -1 : 1))
  .map((path) => {
    const content = readFileSync(join(ROOT, path));
    return { path: `/${path}`, sha256: sha256(content), size: content.length };
  });

const build = {
  version: 1,
  deployment: DEPLOYMENT,
  commit: COMMIT,
  worker: ["ts", "mts", "tsx", "js", "mjs", "jsx"].some((extension) => existsSync(`worker/index.${extension}`)),
  headers: text("_headers"),
  redirects: text("_redirects"),
  files,
};
const list = `${JSON.stringify(build, null, 1)}\n`;
mkdirSync(join(ROOT, "_overskill"), { recursive: true });
writeFileSync(join(ROOT, LIST), list);
console.log(`${files.length} files`);
console.log(`overskill-build ${sha256(list)}`);
