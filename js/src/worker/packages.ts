/** The app's npm packages: finding files in them, and never outside of them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join, sep } from "node:path";
import { real, within } from "./confine";
import type { Mode } from "./environment";
import { matcher } from "./glob";
import { type PackageResolver, packageResolver, toolsFolder } from "./tools";

export type Found = { file: string } | { missing: true } | { refused: string };

const SCRIPT = {
  conditionNames: ["browser", "import", "module", "default"],
  mainFields: ["browser", "module", "jsnext:main", "jsnext", "main"],
  extensions: [".mjs", ".js", ".mts", ".ts", ".jsx", ".tsx", ".json", ".css"],
};
const STYLE = {
  conditionNames: ["style", "browser", "import", "default"],
  mainFields: ["style", "browser", "module", "main"],
  extensions: [".css"],
};

/** Declarations of types beside scripts. */
const DECLARED: Record<string, string> = { ".js": ".d.ts", ".mjs": ".d.mts", ".cjs": ".d.cts", ".jsx": ".d.ts" };
const TYPES = {
  conditionNames: ["types", "import", "module", "default"],
  mainFields: ["types", "typings", "module", "main"],
  extensions: [".d.ts", ".d.mts", ".ts", ".tsx"],
  extensionAlias: Object.fromEntries(Object.entries(DECLARED).map(([from, to]) => [from, [to, from]])),
};

export class Packages {
  /** Real path of `node_modules`; null where it does not exist yet. */
  modules: string | null = null;
  private script!: PackageResolver;
  private style!: PackageResolver;
  private types!: PackageResolver;
  private found = new Map<string, Found>();
  private declared = new Map<string, string | null>();

  constructor(
    private folder: string,
    private readonly mode: Mode = "development",
  ) {
    this.use(folder);
  }

  /** Looks anew, in this folder: packages were installed. */
  use(folder: string): void {
    this.folder = folder;
    this.modules = real(join(folder, "node_modules"));
    // This folder only: what lies further up belongs to somebody else.
    const modules = [this.modules ?? join(folder, "node_modules")];
    const resolver = (of: typeof SCRIPT | typeof TYPES) =>
      packageResolver({ ...of, conditionNames: [this.mode, ...of.conditionNames], modules });
    this.script = resolver(SCRIPT);
    this.style = resolver(STYLE);
    this.types = resolver(TYPES);
    this.found.clear();
    this.declared.clear();
  }

  /** The folder that holds `node_modules`. */
  get base(): string {
    return this.folder;
  }

  /** The file that a bare specifier means in a script, or in a style sheet. */
  resolve(specifier: string, style = false): Found {
    const key = style ? `style:${specifier}` : specifier;
    let found = this.found.get(key);
    if (!found) {
      found = this.look(specifier, style);
      this.found.set(key, found);
    }
    return found;
  }

  /** The file that declares the types of what a script imports, or of what another such file does. */
  declarations(specifier: string, importer: string | null): string | null {
    const key = `${importer ?? ""}\0${specifier}`;
    let found = this.declared.get(key);
    if (found === undefined) {
      found = this.lookDeclared(specifier, importer);
      this.declared.set(key, found);
    }
    return found;
  }

  private lookDeclared(specifier: string, importer: string | null): string | null {
    const folder = importer === null ? this.folder : dirname(importer);
    const found = this.types.sync(folder, specifier).path;
    const path = found && (isDeclaration(found) ? found : besides(found));
    if (path) {
      const confined = this.confined(path, specifier);
      return "file" in confined ? confined.file : null;
    }
    if (/^[./]|^@types\//.test(specifier)) return null;
    return this.declarations(`@types/${packageName(specifier).replace(/^@(.*)\//, "$1__")}`, importer);
  }

  private look(specifier: string, style: boolean): Found {
    const tool = specifier.startsWith("@oxc-project/runtime/");
    if (tool)
      return this.confined(
        join(toolsFolder, "node_modules", `${specifier.replace("/helpers/", "/src/helpers/esm/")}.js`),
        specifier,
        true,
      );
    const { path } = (style ? this.style : this.script).sync(this.folder, specifier);
    if (!path) return { missing: true };
    return this.confined(path, specifier, tool);
  }

  private confined(path: string, shown: string, tool = false): Found {
    const full = real(path);
    const home = tool ? real(toolsFolder) : this.modules;
    if (full && home && within(home, full)) return { file: full };
    return { refused: `${shown} leads out of the folder node_modules` };
  }

  /** A file named by its path below `node_modules`, such as `leaflet/dist/leaflet.css`. */
  file(path: string): Found {
    const full = join(this.folder, "node_modules", path);
    return existsSync(full) ? this.confined(full, path) : { missing: true };
  }

  /** Whether a package is installed at all. */
  has(name: string): boolean {
    return existsSync(join(this.folder, "node_modules", name, "package.json"));
  }

  /** A package's version; null where it is not installed. */
  version(name: string): string | null {
    try {
      const json = JSON.parse(readFileSync(join(this.folder, "node_modules", name, "package.json"), "utf8"));
      return typeof json.version === "string" ? json.version : null;
    } catch {
      return null;
    }
  }

  /** A file below `node_modules`, shown as `node_modules/…` whatever folder it is in. */
  show(file: string): string {
    const relative = this.modules && within(this.modules, file) ? file.slice(this.modules.length + 1) : null;
    return relative === null ? "a package" : `node_modules/${relative.split(sep).join("/")}`;
  }
}

const isDeclaration = (path: string) => /\.[mc]?tsx?$/.test(path);

function besides(path: string): string | null {
  const extension = extname(path);
  const beside = path.slice(0, -extension.length) + (DECLARED[extension] ?? ".d.ts");
  return existsSync(beside) ? beside : null;
}

/** `@scope/name/sub/path` to `@scope/name`. */
export function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0]!;
}

export function isPackageName(name: string): boolean {
  return /^(@[a-z0-9~-][\w.~-]*\/)?[a-zA-Z0-9~-][\w.~-]*$/.test(name) && name.length <= 214;
}

/** Files of packages that fit a pattern below `node_modules`, with their text; a package's own packages are left out. */
export function filesOfPackages(packages: Packages, pattern: string): { text: string; extension: string }[] {
  const home = packages.modules;
  const fixed = /^[^*?{[(!]*\//.exec(pattern)?.[0] ?? pattern;
  const matches = matcher(pattern);
  const out: { text: string; extension: string }[] = [];
  const visit = (at: string, depth: number) => {
    const full = home && real(join(home, at));
    if (!full || !within(home, full) || depth > 12) return;
    for (const entry of readdirSync(full, { withFileTypes: true })) {
      const path = at ? `${at}/${entry.name}` : entry.name;
      if (entry.isDirectory() && entry.name !== "node_modules") visit(path, depth + 1);
      else if (entry.isFile() && matches(path)) {
        out.push({ text: readFileSync(join(full, entry.name), "utf8"), extension: extname(entry.name).slice(1) });
      }
    }
  };
  if (home && existsSync(join(home, fixed))) visit(fixed.replace(/\/$/, ""), 0);
  return out;
}
