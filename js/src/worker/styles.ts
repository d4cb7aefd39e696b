/** Style sheets: imports put in place, addresses to data URLs, CSS modules, Tailwind. */
import { posix } from "node:path";
import { dataUrl, exportsOf, literal, namesModule } from "./assets";
import { conditioned, scanCss, splice } from "./css";
import { type Diagnostic, diagnostic, diagnosticAt, fromBytes, lineOffset, Problem } from "./diagnostics";
import { readLimited } from "./files";
import type { Packages } from "./packages";
import type { Resolver } from "./resolve";
import { lightning } from "./tools";

/** Where a sheet's text is: a file of the app, or one of a package. */
export type Origin = { path: string } | { file: string };

/** Gives the address under which a file is loaded: its content itself, or where it will be served. */
export type Address = (path: string, bytes: Buffer) => string;

export interface StyleText {
  css: string;
  tailwind: boolean;
}

/** Thrown where a style sheet needs a package that is not installed. */
export class MissingPackage extends Error {
  constructor(
    readonly specifier: string,
    readonly diagnostic: Diagnostic,
  ) {
    super(`The package ${specifier} is not installed`);
  }
}

const TAILWIND =
  /@(?:tailwind|apply|theme|utility|custom-variant|variant|reference|plugin|config|source|screen|responsive)\b|@import\s+(?:url\()?["']tailwindcss|\btheme\(|--(?:alpha|spacing)\(/;

export class StyleReader {
  /** Paths of the app that were read. */
  readonly watches = new Set<string>();
  readonly warnings: Diagnostic[] = [];
  private readonly remote: string[] = [];

  constructor(
    private readonly resolver: Resolver,
    private readonly read: (path: string) => { text(): string; bytes(): Buffer },
    /** Whether Tailwind brings its own sheets, as v4 does; those of v3 are put in place as others are. */
    private readonly keepTailwind: boolean,
    /** The address of a file that a sheet names. */
    private readonly address: Address = dataUrl,
  ) {}

  private get packages(): Packages {
    return this.resolver.packages;
  }

  shown(origin: Origin): string {
    return "path" in origin ? origin.path : this.packages.show(origin.file);
  }

  text(origin: Origin): string {
    if ("file" in origin) return readLimited(origin.file, this.shown(origin)).toString("utf8");
    this.watches.add(origin.path);
    return this.read(origin.path).text();
  }

  /** A sheet with everything it imports in place. */
  flatten(origin: Origin): StyleText {
    const body = this.inline(origin, []);
    return { css: [...this.remote, body.css].join("\n"), tailwind: body.tailwind };
  }

  private inline(origin: Origin, above: string[]): StyleText {
    const shown = this.shown(origin);
    const text = this.text(origin);
    let tailwind = TAILWIND.test(text);
    const { imports, css } = this.checked(origin, text);
    if (tailwind && this.keepTailwind && imports.some((i) => /^tailwindcss(\/|$)/.test(i.specifier)))
      return { css: text, tailwind };
    if (!imports.length) return { css: this.rewriteUrls(origin, css), tailwind };
    const spans = imports.map((found) => {
      const { start, end, specifier, condition } = found;
      if (/^(?:https?:)?\/\//.test(specifier)) {
        this.remote.push(text.slice(start, end).replace(/;?$/, ";"));
        return { start, end, text: "" };
      }
      const target = this.find(specifier, origin, text, start);
      const name = this.shown(target);
      if (above.includes(name) || name === shown) return { start, end, text: "" };
      const inner = this.inline(target, [...above, shown]);
      tailwind ||= inner.tailwind;
      return { start, end, text: conditioned(inner.css, condition) };
    });
    // Addresses are relative to the file they stand in, so those of this file go first, outside of the imports.
    const pieces: string[] = [];
    let at = 0;
    for (const span of spans) {
      pieces.push(this.rewriteUrls(origin, text.slice(at, span.start)), span.text);
      at = span.end;
    }
    pieces.push(this.rewriteUrls(origin, text.slice(at)));
    return { css: pieces.join(""), tailwind };
  }

  private checked(origin: Origin, text: string) {
    const parts = scanCss(text);
    if (parts.error && "path" in origin) {
      throw new Problem(diagnosticAt("css", parts.error.message, origin.path, text, parts.error.offset, 1));
    }
    return { ...parts, css: text };
  }

  /** The sheet that an `@import` means. */
  find(specifier: string, from: Origin, text = "", offset = 0): Origin {
    const written = specifier.replace(/^~(?=[^/])/, "").split("?")[0]!;
    const where = (message: string, hint = "") =>
      "path" in from
        ? diagnosticAt("resolve", message, from.path, text, offset, specifier.length, { hint })
        : diagnostic("resolve", message, { hint });
    const relative = /^\.{0,2}\//.test(written) || written.startsWith(".");
    if ("file" in from) {
      if (relative || !this.isPackage(written)) {
        const home = this.packages.modules ?? "";
        const near = posix.relative(home, posix.join(posix.dirname(from.file), written));
        const found = this.packages.file(near);
        if ("file" in found) return found;
        if (relative) throw new Problem(where(`Cannot find '${specifier}' imported by ${this.shown(from)}`));
      }
    } else {
      if (!relative) {
        const beside = posix.join(posix.dirname(from.path), written);
        const local = this.resolver.lookup(beside);
        if (local) return { path: local };
      }
      if (relative || !this.isPackage(written)) {
        const found = this.resolver.resolve(written, from.path);
        if (found.kind === "file") return { path: found.id };
        if (found.kind === "package-file") return { file: found.file };
        if (found.kind === "failed") throw new Problem(where(found.message, found.hint));
      }
    }
    const found = this.packages.resolve(written, true);
    if ("file" in found) return found;
    if ("refused" in found) throw new Problem(where(found.refused));
    throw new MissingPackage(written, where(`Cannot find '${specifier}' imported by ${this.shown(from)}`));
  }

  private isPackage(specifier: string): boolean {
    return "file" in this.packages.resolve(specifier, true);
  }

  rewriteUrls(origin: Origin, css: string): string {
    if (!/url\(/i.test(css)) return css;
    const spans = scanCss(css).urls.flatMap(({ start, end, url }) => {
      const data = this.inlineUrl(origin, url, css, start);
      return data === null ? [] : [{ start, end, text: `url("${data}")` }];
    });
    return splice(css, spans);
  }

  private inlineUrl(origin: Origin, url: string, css: string, offset: number): string | null {
    if (url === "" || /^(?:[a-z][a-z0-9+.-]*:|#|\/\/)/i.test(url) || /\bvar\(/.test(url)) return null;
    const [path, hash] = /^([^?#]*)(?:\?[^#]*)?(#.*)?$/.exec(url)?.slice(1) ?? [url];
    try {
      const bytes = this.bytesOf(origin, decodeURI(path!));
      if (bytes) return this.address(path!, bytes) + (hash ?? "");
    } catch (error) {
      if (error instanceof Problem && error.diagnostics[0]?.message.includes("MB")) throw error;
    }
    if ("path" in origin) {
      const text = this.read(origin.path).text();
      const at = text.includes(css) ? text.indexOf(css) + offset : Math.max(0, text.indexOf(url));
      this.warnings.push(
        diagnosticAt("css", `Cannot find ${url}`, origin.path, text, at, url.length + 5, { severity: "warning" }),
      );
    }
    return null;
  }

  private bytesOf(origin: Origin, path: string): Buffer | null {
    if ("file" in origin) {
      const home = this.packages.modules ?? "";
      const found = this.packages.file(posix.relative(home, posix.join(posix.dirname(origin.file), path)));
      return "file" in found ? readLimited(found.file, this.packages.show(found.file)) : null;
    }
    const beside = this.resolver.lookup(posix.join(posix.dirname(origin.path), path));
    const found = beside && !path.startsWith("/") ? null : this.resolver.resolve(path, origin.path);
    if (found?.kind === "package-file") return readLimited(found.file, this.packages.show(found.file));
    const id = found ? (found.kind === "file" ? found.id : null) : beside;
    if (!id) return null;
    this.watches.add(id);
    return this.read(id).bytes();
  }
}

/** A class of a CSS module: its own name, and those that it is composed of, here or in another sheet. */
export type LocalName = [name: string, parts: (string | { specifier: string; name: string })[]];

/** Local names for `*.module.css`; they derive from the file's path and the name, never from what it says. */
export function localNames(id: string, css: string, source: string): { css: string; names: LocalName[] } {
  let result: ReturnType<ReturnType<typeof lightning>["transform"]>;
  try {
    result = lightning().transform({
      filename: id,
      code: Buffer.from(css),
      errorRecovery: true,
      cssModules: { pattern: "[name]_[local]_[hash]", dashedIdents: false },
    });
  } catch (error) {
    throw lightningProblem(id, css, source, error);
  }
  const names = Object.entries(result.exports ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, local]): LocalName => {
      const others = local.composes.map((c) =>
        c.type === "dependency" ? { specifier: c.specifier, name: c.name } : c.name,
      );
      return [name, [local.name, ...others]];
    });
  return { css: Buffer.from(result.code).toString("utf8"), names };
}

/** A CSS module as a module of the preview's registry. */
export function cssModule(id: string, css: string, source: string) {
  const local = localNames(id, css, source);
  const imports: string[] = [];
  const deps: string[] = [];
  const variable = (specifier: string) => {
    let index = deps.indexOf(specifier);
    if (index < 0) {
      index = deps.push(specifier) - 1;
      imports.push(
        `const __vite_ssr_import_${index}__ = __vite_ssr_import__(${literal(specifier)}, { importedNames: ["default"] });\n`,
      );
    }
    return `__vite_ssr_import_${index}__.default`;
  };
  const entries = local.names.map(([name, all]): [string, string] => [name, joined(all, variable)]);
  return { css: local.css, deps, ...namesModule(imports.join(""), entries) };
}

/** The expression for a class's names; `variable` gives the one that holds another sheet's. */
export function joined(all: LocalName[1], variable: (specifier: string) => string): string {
  const parts = all.map((part) =>
    typeof part === "string" ? literal(part) : `${variable(part.specifier)}[${literal(part.name)}]`,
  );
  return parts.length > 1 ? `[${parts.join(", ")}].join(" ")` : parts[0]!;
}

function lightningProblem(id: string, css: string, source: string, error: unknown): Problem {
  const { loc, message } = error as { loc?: { line: number; column: number }; message: string };
  const same = css === source && loc;
  if (!same) return new Problem(diagnostic("css", `${id}: ${message}`));
  const line = lineOffset(source, loc.line);
  const offset = line + fromBytes(source.slice(line), loc.column - 1);
  return new Problem(diagnosticAt("css", message, id, source, offset, 1));
}

/** The module of a sheet that is imported as text. */
export function inlineModule(css: string): string {
  return exportsOf({ default: literal(css) });
}
