/** What an import means: a file of the app, a package, or nothing. */
import { builtinModules } from "node:module";
import { join, posix } from "node:path";
import { real, within } from "./confine";
import { closest } from "./diagnostics";
import { type Files, folderOf } from "./files";
import { isPackageName, type Packages, packageName } from "./packages";
import type { Settings } from "./settings";
import { type PackageResolver, packageResolver } from "./tools";

export type Resolution =
  /** A file of the app; `id` is its path and query. */
  | { kind: "file"; id: string }
  /** A package's script: part of the vendor chunks. */
  | { kind: "package"; specifier: string }
  /** A style sheet, image or other file of a package: a module of its own. */
  | { kind: "package-file"; id: string; file: string }
  | { kind: "missing"; package: string; specifier: string }
  | { kind: "failed"; message: string; hint: string };

export const EXTENSIONS = [".mjs", ".js", ".mts", ".ts", ".jsx", ".tsx", ".json"];
const ASSET =
  /\.(css|svg|png|jpe?g|gif|webp|avif|ico|bmp|woff2?|ttf|otf|eot|mp3|mp4|webm|ogg|wav|pdf|txt|wasm|glb|gltf)$/i;
const BUILTIN = new Set(builtinModules);

export class Resolver {
  private imports: PackageResolver | null = null;

  constructor(
    private readonly files: Files,
    readonly packages: Packages,
    private settings: Settings,
  ) {}

  configure(settings: Settings): void {
    this.settings = settings;
    this.imports?.clearCache();
  }

  resolve(written: string, importer: string): Resolution {
    const [specifier, query] = splitQuery(written);
    if (/^(https?:)?\/\//.test(specifier) || specifier.startsWith("data:")) {
      return failed(`'${short(written)}' is an address: modules can be imported from files and packages only`);
    }
    if (/^virtual:|^\0/.test(specifier)) {
      return failed(`'${written}' comes from a Vite plugin, which is not run`);
    }
    const aliased = this.alias(specifier);
    if (aliased) {
      return aliased.local
        ? this.required(aliased.path, query, written, importer)
        : this.plain(aliased.path, query, written, importer);
    }
    return this.plain(specifier, query, written, importer);
  }

  private alias(specifier: string): { path: string; local: boolean } | null {
    for (const { find, replacement, local } of this.settings.alias) {
      if (find instanceof RegExp) {
        if (find.test(specifier)) {
          return { path: clean(specifier.replace(find, replacement), local), local };
        }
      } else if (specifier === find) {
        return { path: replacement, local };
      } else if (specifier.startsWith(find.endsWith("/") ? find : `${find}/`)) {
        const path = replacement + specifier.slice(find.length);
        return { path: clean(replacement.endsWith("/") || !find.endsWith("/") ? path : path, local), local };
      }
    }
    return null;
  }

  private plain(specifier: string, query: string, written: string, importer: string): Resolution {
    if (/^\.\.?(\/|$)/.test(specifier)) {
      return this.required(posix.normalize(posix.join(folderOf(importer), specifier)), query, written, importer);
    }
    if (specifier.startsWith("/")) return this.absolute(specifier, query, written, importer);
    const mapped = this.mapped(specifier);
    if (mapped) return { kind: "file", id: mapped + query };
    if (specifier.startsWith("#")) return this.internal(specifier, query, importer);
    return this.bare(specifier, query, written);
  }

  private absolute(specifier: string, query: string, written: string, importer: string): Resolution {
    const path = posix.normalize(specifier).slice(1);
    const found = this.lookup(path) ?? this.lookup(posix.join(this.settings.publicDir, path));
    if (found) return { kind: "file", id: found + query };
    return this.required(path, query, written, importer);
  }

  /** tsconfig's `paths` and `baseUrl`. */
  private mapped(specifier: string): string | null {
    for (const [pattern, targets] of this.settings.paths) {
      const star = pattern.indexOf("*");
      let middle = "";
      if (star < 0) {
        if (pattern !== specifier) continue;
      } else {
        const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
        if (specifier.length < before.length + after.length) continue;
        if (!specifier.startsWith(before) || !specifier.endsWith(after)) continue;
        middle = specifier.slice(before.length, specifier.length - after.length);
      }
      for (const target of targets) {
        const found = this.lookup(posix.normalize(target.replace("*", () => middle)));
        if (found) return found;
      }
    }
    return this.settings.baseUrl === null ? null : this.lookup(posix.join(this.settings.baseUrl, specifier));
  }

  /** `#name`, from the `imports` of the app's package.json. */
  private internal(specifier: string, query: string, importer: string): Resolution {
    this.imports ??= packageResolver({
      conditionNames: ["browser", "development", "import", "module", "default"],
      extensions: EXTENSIONS,
    });
    const { path } = this.imports.sync(join(this.files.root, folderOf(importer)), specifier);
    const full = path ? real(path) : null;
    if (full && within(this.files.root, full)) {
      return {
        kind: "file",
        id: posix.normalize(full.slice(this.files.root.length + 1).replaceAll("\\", "/")) + query,
      };
    }
    const home = this.packages.modules;
    if (full && home && within(home, full)) return this.inPackage(specifier, full, query);
    return failed(
      `Cannot find '${specifier}' imported by ${importer}`,
      "Names that start with # come from `imports` in package.json or `paths` in tsconfig.json.",
    );
  }

  private bare(specifier: string, query: string, written: string): Resolution {
    const name = packageName(specifier);
    if (specifier.startsWith("node:") || (BUILTIN.has(name) && !this.packages.has(name))) {
      return failed(`'${specifier}' is a module of Node.js and does not exist in the browser`);
    }
    if (!isPackageName(name)) {
      return failed(`Cannot find '${written}'`, aliasHint(specifier));
    }
    const found = this.packages.resolve(specifier);
    if ("file" in found) return this.inPackage(specifier, found.file, query);
    if ("refused" in found) return failed(found.refused);
    if (this.packages.has(name)) {
      const sub = specifier.slice(name.length + 1);
      return failed(
        sub ? `The package '${name}' has no '${sub}'` : `The package '${name}' has no script for the browser`,
      );
    }
    return { kind: "missing", package: name, specifier };
  }

  private inPackage(specifier: string, file: string, query: string): Resolution {
    if (query || ASSET.test(file)) return { kind: "package-file", id: `npm:${specifier}${query}`, file };
    return { kind: "package", specifier };
  }

  /** A path in the app that must be there. */
  private required(path: string, query: string, written: string, importer: string): Resolution {
    const packaged = /(?:^|\/)node_modules\/(.+)$/.exec(path);
    if (packaged) {
      const found = this.packages.file(packaged[1]!);
      if ("file" in found) return this.inPackage(packaged[1]!, found.file, query);
      return { kind: "missing", package: packageName(packaged[1]!), specifier: packaged[1]! };
    }
    if (path === ".." || path.startsWith("../")) {
      return failed(`'${written}' imported by ${importer} leads out of the app's folder`);
    }
    const at = path === "." ? "" : path.replace(/\/$/, "");
    let found = this.lookup(at);
    if (!found) {
      this.files.refresh(folderOf(at));
      this.files.refresh(at);
      found = this.lookup(at);
    }
    if (found) return { kind: "file", id: found + query };
    return failed(`Cannot find '${written}' imported by ${importer}`, this.suggest(at, written));
  }

  /** A file as written, with an extension, or a folder's index. */
  lookup(path: string): string | null {
    const { files } = this;
    const kind = files.kind(path);
    if (kind === "file") return path;
    if (path !== "") {
      for (const extension of EXTENSIONS) if (files.isFile(path + extension)) return path + extension;
      // TypeScript writes the extension that the output would have.
      const js = /^(.+)\.([mc]?)js(x?)$/.exec(path);
      if (js) {
        for (const extension of js[3] ? [".tsx"] : [`.${js[2]}ts`, ".tsx"]) {
          if (files.isFile(js[1] + extension)) return js[1] + extension;
        }
      }
    }
    if (kind === "folder") {
      for (const extension of EXTENSIONS) {
        const index = posix.join(path, `index${extension}`);
        if (files.isFile(index)) return index;
      }
    }
    return null;
  }

  private suggest(path: string, written: string): string {
    const folder = folderOf(path);
    const name = posix.basename(path);
    const names = [...this.files.list(folder).keys()];
    if (!names.length && folder) return `The folder ${folder} does not exist.`;
    const stem = (file: string) => file.replace(/\.\w+$/, "");
    const same = names.find((n) => n.toLowerCase() === name.toLowerCase());
    const other = same ?? names.find((n) => stem(n).toLowerCase() === stem(name).toLowerCase());
    const near = other ?? closest(name, [...names, ...names.map(stem)]);
    if (!near) return "";
    const base = written.slice(0, written.length - posix.basename(splitQuery(written)[0]).length);
    const explicit = /\.\w+$/.test(name) || !/\.[mc]?[jt]sx?$/.test(near);
    return `Did you mean '${base}${explicit ? near : stem(near)}'?`;
  }
}

function aliasHint(specifier: string): string {
  const first = specifier.split("/")[0];
  if (first !== "@" && first !== "~") return "";
  return `Add "${first}/*": ["./src/*"] to \`paths\` in tsconfig.json, or an alias in vite.config.`;
}

function clean(path: string, local: boolean): string {
  return local ? posix.normalize(path).replace(/^\//, "") : path;
}

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function failed(message: string, hint = ""): Resolution {
  return { kind: "failed", message, hint };
}

/** `a.svg?url` to `a.svg` and `?url`. */
export function splitQuery(specifier: string): [path: string, query: string] {
  const mark = specifier.indexOf("?");
  return mark < 0 ? [specifier, ""] : [specifier.slice(0, mark), specifier.slice(mark)];
}
