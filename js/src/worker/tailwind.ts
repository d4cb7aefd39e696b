/** Tailwind v4: one compiler for each sheet, kept warm; an edit scans only what was edited. */

import { createRequire } from "node:module";
import { posix } from "node:path";
import { real, within } from "./confine";
import { diagnostic, diagnosticAt, Problem } from "./diagnostics";
import { type Packages, packageName } from "./packages";
import { MissingPackage, type Origin, type StyleReader } from "./styles";
import { oxide, type Scanner, type TailwindCompiler, type TailwindCore, tailwindNode, toolsFolder } from "./tools";

interface Sheet {
  compiler: TailwindCompiler;
  scanner: Scanner | null;
  /** Whether the folders of its sources were read. */
  scanned: boolean;
  seen: Set<string>;
  css: string;
}

/** A text in which class names are looked for. */
export interface Content {
  text: string;
  extension: string;
}

/** A sheet with another text, or one that could not be made. */
export interface Updated {
  id: string;
  error?: unknown;
}

/** The compiler's feature bit for `@tailwind utilities`. */
const UTILITIES = 16;

export class Tailwind4 {
  private readonly sheets = new Map<string, Sheet>();

  constructor(
    private readonly root: string,
    private readonly packages: Packages,
  ) {}

  /** Prepares a sheet; its text comes from `update`, once all sources are known. */
  async open(id: string, origin: Origin, reader: StyleReader): Promise<void> {
    const text = reader.text(origin);
    const base = "path" in origin ? posix.join(this.root, posix.dirname(origin.path)) : posix.dirname(origin.file);
    const origins = new Map<string, Origin>();
    let compiler: TailwindCompiler;
    try {
      compiler = await this.core().compile(reader.rewriteUrls(origin, text), {
        base,
        loadModule: (name, from) => this.loadModule(name, from, reader),
        loadStylesheet: async (name, from) => {
          const target = this.findSheet(name, origins.get(from) ?? origin, text, reader);
          const content = reader.rewriteUrls(target, reader.text(target));
          const file = "path" in target ? posix.join(this.root, target.path) : target.file;
          const folder = posix.dirname(file);
          origins.set(folder, target);
          return { path: file, base: folder, content };
        },
      });
    } catch (error) {
      throw this.explain(error, origin, text, reader);
    }
    this.sheets.set(id, { compiler, scanner: this.scanner(compiler), scanned: false, seen: new Set(), css: "" });
  }

  close(id: string): void {
    this.sheets.delete(id);
  }

  get ids(): Iterable<string> {
    return this.sheets.keys();
  }

  css(id: string): string {
    return this.sheets.get(id)?.css ?? "";
  }

  /** Looks for class names in what changed; gives the sheets whose text is another now. */
  update(changed: Content[], all: () => Content[]): Updated[] {
    const out: Updated[] = [];
    for (const [id, sheet] of this.sheets) {
      const fresh: string[] = [];
      const take = (names: string[]) => {
        for (const name of names) {
          if (sheet.seen.has(name)) continue;
          sheet.seen.add(name);
          fresh.push(name);
        }
      };
      const first = !sheet.scanned;
      sheet.scanned = true;
      if (sheet.scanner) {
        if (first) take(sheet.scanner.scan());
        const contents = first ? all() : changed;
        if (contents.length) {
          take(sheet.scanner.scanFiles(contents.map((c) => ({ content: c.text, extension: c.extension }))));
        }
      }
      if (!first && !fresh.length) continue;
      const css = sheet.compiler.build(fresh);
      if (css === sheet.css) continue;
      sheet.css = css;
      out.push({ id });
    }
    return out;
  }

  private core(): TailwindCore {
    const own = this.packages.version("tailwindcss");
    const from = own && Number.parseInt(own, 10) >= 4 ? this.packages.base : toolsFolder;
    return createRequire(posix.join(from, "package.json"))("tailwindcss") as TailwindCore;
  }

  private scanner(compiler: TailwindCompiler): Scanner | null {
    if (!(compiler.features & UTILITIES)) return null;
    const { root } = compiler;
    const own = root === "none" ? [] : [root ?? { base: this.root, pattern: "**/*" }];
    const sources = [...own.flatMap(withoutPackages), ...compiler.sources];
    return new (oxide().Scanner)({ sources: sources.filter((s) => s.negated || this.mayRead(s.base, s.pattern)) });
  }

  /** `@source` reaches into the app and its packages only. */
  private mayRead(base: string, pattern: string): boolean {
    const fixed = pattern.split(/[*?[{(]/)[0]!;
    let at: string | null = null;
    for (let path = posix.resolve(base, fixed); at === null && path !== "/"; path = posix.dirname(path))
      at = real(path);
    if (at === null) return false;
    return within(this.root, at) || (this.packages.modules !== null && within(this.packages.modules, at));
  }

  private findSheet(name: string, from: Origin, text: string, reader: StyleReader): Origin {
    if (name === "tailwindcss" || name.startsWith("tailwindcss/")) {
      const found = this.packages.resolve(name, true);
      if ("file" in found) return found;
      const sub =
        name === "tailwindcss" ? "index.css" : `${name.slice("tailwindcss/".length).replace(/\.css$/, "")}.css`;
      return { file: posix.join(toolsFolder, "node_modules/tailwindcss", posix.normalize(`/${sub}`)) };
    }
    const offset = "path" in from ? Math.max(0, text.indexOf(name)) : 0;
    return reader.find(name, from, text, offset);
  }

  private async loadModule(name: string, base: string, reader: StyleReader) {
    const folder = this.packages.has(packageName(name)) ? this.packages.base : base;
    if (name.startsWith(".") || name.startsWith("/")) {
      const full = real(posix.resolve(base, name));
      if (full && !within(this.root, full)) throw new Error(`${name} leads out of the app's folder`);
    } else if (!this.packages.has(packageName(name)) && !this.resolvable(name)) {
      throw new MissingPackage(name, diagnostic("resolve", `Cannot find '${name}', a plugin of Tailwind`));
    }
    return tailwindNode().loadModule(name, folder, (path) => {
      if (within(this.root, path)) reader.watches.add(path.slice(this.root.length + 1));
    });
  }

  private resolvable(name: string): boolean {
    return "file" in this.packages.resolve(name);
  }

  private explain(error: unknown, origin: Origin, text: string, reader: StyleReader): Error {
    if (error instanceof MissingPackage || error instanceof Problem) return error;
    const message = (error as Error).message.split("\n")[0]!;
    // The text that the message quotes is the place to point at.
    const quoted = [...message.matchAll(/[`'"]([^`'"]+)[`'"]/g)].map((m) => m[1]!);
    for (const path of ["path" in origin ? origin.path : null, ...reader.watches]) {
      if (!path?.endsWith(".css")) continue;
      const source = path === ("path" in origin ? origin.path : "") ? text : reader.text({ path });
      const found = quoted.find((q) => source.includes(q));
      if (found) return new Problem(diagnosticAt("css", message, path, source, source.indexOf(found), found.length));
    }
    const file = "path" in origin ? origin.path : null;
    return new Problem(diagnostic("css", message, { location: file ? { file, line: 1, column: 1, length: 0 } : null }));
  }
}

/** In a folder that git ignores as a whole, the scanner would read all packages. An `@source` of one still counts. */
function withoutPackages(source: { base: string; pattern: string }) {
  const packages = { base: source.base, pattern: "**/node_modules", negated: true };
  return [{ ...source, negated: false }, packages];
}
