/**
 * Tailwind v3, for apps whose configuration asks for it: the app's own copy, run in this process. Its context is kept
 * between runs, and is told the new class names only.
 */
import { createRequire } from "node:module";
import { join, posix } from "node:path";
import { runConfig } from "./config_file";
import { diagnostic, diagnosticAt, lineOffset, Problem } from "./diagnostics";
import type { Files } from "./files";
import { matcher } from "./glob";
import { filesOfPackages, type Packages } from "./packages";
import { MissingPackage, type Origin, type StyleReader } from "./styles";
import type { Content, Updated } from "./tailwind";

const CONFIGS = ["js", "cjs", "mjs", "ts", "cts", "mts"].map((e) => `tailwind.config.${e}`);
const POSTCSS = [
  ...["js", "cjs", "mjs", "ts", "cts", "mts"].map((e) => `postcss.config.${e}`),
  ".postcssrc",
  ".postcssrc.json",
];
/** What we do ourselves, and what is for other browsers than the one at hand or for production. */
const LEFT_OUT = new Set(["tailwindcss", "@tailwindcss/postcss", "autoprefixer", "postcss-import", "cssnano"]);

interface Context {
  tailwindConfig: { content: ContentConfig };
  changedContent: { content: string; extension: string }[];
}

interface ContentConfig {
  files: (string | { raw: string; extension?: string })[];
  extract?: Record<string, unknown>;
  transform?: Record<string, unknown>;
}

type Plugin = unknown;
/** Stands among the plugins for Tailwind itself. */
const TAILWIND = Symbol("tailwind");
type Processor = { process(css: string, options: { from: string }): Promise<{ css: string }> };

interface Engine {
  postcss: (plugins: Plugin[]) => Processor;
  features: (
    setup: (tools: { createContext(config: unknown, content: unknown[]): Context }) => () => Context,
  ) => (root: unknown, result: unknown) => Promise<void>;
  resolveConfig: (...configs: unknown[]) => Context["tailwindConfig"];
  extractor: (context: Context) => (text: string) => string[];
}

interface Sheet {
  origin: Origin;
  /** With imports in place. */
  text: string;
  source: string;
  plugins: Plugin[];
  config: Context["tailwindConfig"];
  context: Context | null;
  extract: ((text: string) => string[]) | null;
  seen: Set<string>;
  css: string;
}

export class Tailwind3 {
  private readonly sheets = new Map<string, Sheet>();
  private loaded: Engine | null = null;

  constructor(
    private readonly files: Files,
    private readonly packages: Packages,
  ) {}

  async open(id: string, origin: Origin, reader: StyleReader, flat: string): Promise<void> {
    const engine = this.engine();
    const named = /@config\s+["']([^"']+)["']\s*;?/.exec(flat);
    const folder = "path" in origin ? posix.dirname(origin.path) : "";
    const path = named ? posix.join(folder, named[1]!) : CONFIGS.find((name) => this.files.isFile(name));
    const own = path ? await runConfig(path, this.files, this.packages, reader.watches) : {};
    for (const name of CONFIGS) reader.watches.add(name);
    this.sheets.set(id, {
      origin,
      text: named ? flat.replace(named[0], "") : flat,
      source: reader.text(origin),
      plugins: await this.plugins(reader),
      config: engine.resolveConfig(own),
      context: null,
      extract: null,
      seen: new Set(),
      css: "",
    });
  }

  close(id: string): void {
    this.sheets.delete(id);
  }

  css(id: string): string {
    return this.sheets.get(id)?.css ?? "";
  }

  async update(changed: Content[], all: () => Content[]): Promise<Updated[]> {
    const out: Updated[] = [];
    for (const [id, sheet] of this.sheets) {
      const first = sheet.context === null;
      const contents = first ? [...this.configured(sheet), ...all()] : changed;
      const fresh = first ? contents : this.fresh(sheet, contents);
      if (!first && !fresh.length) continue;
      try {
        const css = await this.run(sheet, fresh);
        if (first) this.fresh(sheet, contents);
        if (css === sheet.css) continue;
        sheet.css = css;
        out.push({ id });
      } catch (error) {
        out.push({ id, error });
      }
    }
    return out;
  }

  private engine(): Engine {
    if (this.loaded) return this.loaded;
    const require = createRequire(join(this.packages.base, "package.json"));
    const load = (name: string, from = require): unknown => {
      try {
        const found = from(name) as { default?: unknown };
        return found.default ?? found;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
        throw new MissingPackage(name, diagnostic("resolve", `Cannot find '${name}'`));
      }
    };
    load("tailwindcss");
    this.loaded = {
      postcss: load("postcss", createRequire(require.resolve("tailwindcss"))) as Engine["postcss"],
      features: load("tailwindcss/lib/processTailwindFeatures") as Engine["features"],
      resolveConfig: load("tailwindcss/resolveConfig") as Engine["resolveConfig"],
      extractor: (
        createRequire(require.resolve("tailwindcss"))("./lib/defaultExtractor") as {
          defaultExtractor: Engine["extractor"];
        }
      ).defaultExtractor,
    };
    return this.loaded;
  }

  /** Tailwind among the app's other PostCSS plugins, in the order of its configuration. */
  private async plugins(reader: StyleReader): Promise<Plugin[]> {
    const path = POSTCSS.find((name) => this.files.isFile(name));
    const own = path ? await runConfig(path, this.files, this.packages, reader.watches) : {};
    const config = typeof own === "function" ? own({ env: "development", mode: "development" }) : own;
    const listed = (config as { plugins?: unknown } | null)?.plugins ?? {};
    if (Array.isArray(listed)) {
      const others = listed.filter((p) => p && !LEFT_OUT.has(nameOf(p)));
      return [TAILWIND, ...others];
    }
    const require = createRequire(join(this.packages.base, "package.json"));
    const before: Plugin[] = [];
    const after: Plugin[] = [];
    let list = Object.keys(listed as object).includes("tailwindcss") ? before : after;
    for (const [name, options] of Object.entries(listed as Record<string, unknown>)) {
      if (name === "tailwindcss") list = after;
      if (LEFT_OUT.has(name) || options === false) continue;
      try {
        const found = require(name) as { default?: unknown };
        const make = (found.default ?? found) as (options?: unknown) => Plugin;
        list.push(typeof make === "function" ? make(options === true ? {} : options) : make);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
        throw new MissingPackage(name, diagnostic("resolve", `Cannot find '${name}' imported by ${path}`));
      }
    }
    return [...before, TAILWIND, ...after];
  }

  private process(engine: Engine, sheet: Sheet, root: unknown, result: unknown): Promise<void> {
    return engine.features(({ createContext }) => () => {
      const waiting = this.waiting;
      this.waiting = [];
      if (sheet.context) sheet.context.changedContent.push(...waiting);
      else sheet.context = createContext(sheet.config, waiting);
      return sheet.context;
    })(root, result);
  }

  /** What the run that begins is to look at. */
  private waiting: Context["changedContent"] = [];

  private async run(sheet: Sheet, contents: Content[]): Promise<string> {
    this.waiting = contents.map((c) => ({ content: c.text, extension: c.extension }));
    const engine = this.engine();
    const tailwind = {
      postcssPlugin: "tailwindcss",
      Once: (root: unknown, { result }: { result: unknown }) => this.process(engine, sheet, root, result),
    };
    const plugins = sheet.plugins.map((plugin) => (plugin === TAILWIND ? tailwind : plugin));
    const from = "path" in sheet.origin ? join(this.files.root, sheet.origin.path) : sheet.origin.file;
    try {
      return (await engine.postcss(plugins).process(sheet.text, { from })).css;
    } catch (error) {
      throw explain(error, sheet);
    }
  }

  /** The class names, among all words, that were not there before; as one text. */
  private fresh(sheet: Sheet, contents: Content[]): Content[] {
    const { extract, transform } = sheet.config.content;
    if (Object.keys(extract ?? {}).length || Object.keys(transform ?? {}).length) return contents;
    if (!sheet.context) return contents;
    sheet.extract ??= this.engine().extractor(sheet.context);
    const words: string[] = [];
    for (const { text } of contents) {
      for (const line of new Set(text.split("\n"))) {
        for (const word of sheet.extract(line)) {
          if (sheet.seen.has(word)) continue;
          sheet.seen.add(word);
          words.push(word);
        }
      }
    }
    return words.length ? [{ text: words.join("\n"), extension: "html" }] : [];
  }

  /** The files that the configuration's `content` names. */
  private configured(sheet: Sheet): Content[] {
    const out: Content[] = [];
    const include: ((path: string) => boolean)[] = [];
    const exclude: ((path: string) => boolean)[] = [];
    for (const entry of sheet.config.content.files) {
      if (typeof entry !== "string") {
        out.push({ text: entry.raw, extension: entry.extension ?? "html" });
        continue;
      }
      const negated = entry.startsWith("!");
      let pattern = posix.normalize(negated ? entry.slice(1) : entry);
      if (pattern.startsWith(`${this.files.root}/`)) pattern = pattern.slice(this.files.root.length + 1);
      if (pattern.startsWith("node_modules/")) out.push(...filesOfPackages(this.packages, pattern.slice(13)));
      else (negated ? exclude : include).push(matcher(pattern));
    }
    for (const path of this.files.walk("")) {
      if (!include.some((m) => m(path)) || exclude.some((m) => m(path))) continue;
      try {
        out.push({ text: this.files.text(path), extension: posix.extname(path).slice(1) });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
    }
    return out;
  }
}

function nameOf(plugin: unknown): string {
  const { postcssPlugin, name } = plugin as { postcssPlugin?: string; name?: string };
  return postcssPlugin ?? name ?? "";
}

interface PostcssError {
  name: string;
  reason?: string;
  message: string;
  line?: number;
  column?: number;
}

function explain(error: unknown, sheet: Sheet): Error {
  if (error instanceof Problem || error instanceof MissingPackage) return error;
  const { reason, message, line, column } = error as PostcssError;
  const text = (reason ?? message).split("\n")[0]!;
  const file = "path" in sheet.origin ? sheet.origin.path : null;
  if (file === null) return new Problem(diagnostic("css", text));
  if (line && sheet.text === sheet.source) {
    const offset = lineOffset(sheet.source, line) + (column ?? 1) - 1;
    return new Problem(diagnosticAt("css", text, file, sheet.source, offset, 1));
  }
  const quoted = [...text.matchAll(/[`'"]([^`'"]+)[`'"]/g)].map((m) => m[1]!).find((q) => sheet.source.includes(q));
  if (quoted)
    return new Problem(diagnosticAt("css", text, file, sheet.source, sheet.source.indexOf(quoted), quoted.length));
  return new Problem(diagnostic("css", text, { location: { file, line: 1, column: 1, length: 0 } }));
}
