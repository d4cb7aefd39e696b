/** The app's style modules: which way each is compiled, and Tailwind's sheets kept up to date. */
import type { Diagnostic } from "./diagnostics";
import type { GraphNode, Output } from "./graph";
import type { Project } from "./project";
import { type Address, cssModule, inlineModule, type Origin, StyleReader } from "./styles";
import { type Content, Tailwind4, type Updated } from "./tailwind";
import { Tailwind3 } from "./tailwind3";

/** What both versions of Tailwind do for us. */
interface Tailwind {
  open(id: string, origin: Origin, reader: StyleReader, flat: string): Promise<void>;
  close(id: string): void;
  css(id: string): string;
  update(changed: Content[], all: () => Content[]): Updated[] | Promise<Updated[]>;
}

/** A sheet of Tailwind's that has an output now, or failed. */
export interface Finished {
  node: GraphNode;
  output?: Output;
  error?: unknown;
}

interface Sheet {
  node: GraphNode;
  reader: StyleReader;
  source: string;
}

export class Sheets {
  private tailwind: Tailwind | null = null;
  private loaded: 3 | 4 | null = null;
  private readonly open = new Map<string, Sheet>();
  private readonly opened = new Set<string>();

  constructor(
    private readonly project: Project,
    /** For a build: where files go that sheets name. CSS modules and inlined sheets are then the caller's to make. */
    private readonly address?: Address,
  ) {}

  /** The version of Tailwind that the app has; null where it has none, unless it is `used`. */
  version(used: boolean): 3 | 4 | null {
    const { packages, settings } = this.project;
    const version = packages.version("tailwindcss") ?? settings.dependencies.get("tailwindcss");
    if (version) return Number.parseInt(version.replace(/^\D+/, ""), 10) <= 3 ? 3 : 4;
    return used ? 4 : null;
  }

  /** Compiles a style module. The output of one that uses Tailwind comes from `update`: null until then. */
  async compile(node: GraphNode): Promise<{ output: Output | null; warnings: Diagnostic[]; watches: Set<string> }> {
    const origin: Origin = node.path !== null ? { path: node.path } : { file: node.file! };
    const reader = new StyleReader(
      this.project.resolver,
      (path) => ({
        text: () => this.project.files.text(path),
        bytes: () => this.project.files.bytes(path),
      }),
      this.version(true) === 4,
      this.address,
    );
    this.close(node.id);
    try {
      const source = reader.text(origin);
      const flat = reader.flatten(origin);
      if (!flat.tailwind) {
        return {
          output: this.finish(node, flat.css, source, reader),
          warnings: reader.warnings,
          watches: reader.watches,
        };
      }
      await this.engine().open(node.id, origin, reader, flat.css);
      this.open.set(node.id, { node, reader, source });
      this.opened.add(node.id);
      return { output: null, warnings: reader.warnings, watches: reader.watches };
    } catch (error) {
      if (error && typeof error === "object") Object.assign(error, { watches: reader.watches });
      throw error;
    }
  }

  close(id: string): void {
    if (!this.open.delete(id)) return;
    this.opened.delete(id);
    this.tailwind?.close(id);
  }

  /** Whether any sheet looks for class names. */
  get active(): boolean {
    return this.open.size > 0;
  }

  /** Brings Tailwind's sheets up to date; gives those with another text, and all that were opened since. */
  update(changed: Content[], all: () => Content[]): Finished[] | Promise<Finished[]> {
    if (!this.tailwind) return [];
    const updated = this.tailwind.update(changed, all);
    return updated instanceof Promise ? updated.then((u) => this.finished(u)) : this.finished(updated);
  }

  private finished(updated: Updated[]): Finished[] {
    const wanted = new Map<string, unknown>();
    for (const id of this.opened) wanted.set(id, undefined);
    for (const { id, error } of updated) wanted.set(id, error);
    this.opened.clear();
    return [...wanted].flatMap(([id, error]): Finished[] => {
      const sheet = this.open.get(id);
      if (!sheet) return [];
      const { node, source, reader } = sheet;
      if (error !== undefined) return [{ node, error }];
      return [{ node, output: this.finish(node, this.tailwind!.css(id), source, reader) }];
    });
  }

  private engine(): Tailwind {
    const version = this.version(true)!;
    if (!this.tailwind || version !== this.loaded) {
      this.tailwind =
        version === 3
          ? new Tailwind3(this.project.files, this.project.packages)
          : new Tailwind4(this.project.files.root, this.project.packages);
      this.loaded = version;
      this.open.clear();
    }
    return this.tailwind;
  }

  /** Packages are others now: everything is opened anew by whoever compiles the modules again. */
  reset(): void {
    this.tailwind = null;
    this.open.clear();
    this.opened.clear();
  }

  private finish(node: GraphNode, css: string, source: string, reader: StyleReader): Output {
    const inline = new URLSearchParams(node.query).has("inline");
    const output: Output = {
      code: "",
      css,
      isAsync: false,
      resolutions: new Map(),
      imported: new Map(),
      exports: [],
      stars: [],
      watches: reader.watches,
      globs: [],
    };
    if (this.address) return output;
    if (/\.module\.css$/i.test(node.path ?? node.file ?? "")) {
      const module = cssModule(node.path ?? node.id, css, source);
      for (const specifier of module.deps) {
        output.resolutions.set(specifier, this.project.resolver.resolve(specifier, node.path ?? node.id));
        output.imported.set(specifier, ["default"]);
      }
      Object.assign(output, { code: module.code, css: module.css, exports: module.exports });
    }
    if (inline) return { ...output, code: inlineModule(output.css ?? ""), css: null, exports: ["default"] };
    return output;
  }
}
