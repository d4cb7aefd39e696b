/**
 * npm packages, bundled once into scripts that register them: React first, the app's other packages after it, and what
 * is added later in chunks of its own. A chunk takes what an earlier one provides from there, so that there is one React.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { type Diagnostic, diagnostic } from "./diagnostics";
import { type Packages, packageName } from "./packages";
import { esbuild } from "./tools";
import { bundle } from "./vendor_bundle";
import { type CachedChunk, fileOf, findChunk, fits, storeChunk } from "./vendor_cache";

export type Format = "esm" | "cjs";

export interface Chunk extends Omit<CachedChunk, "code"> {
  specifiers: string[];
  /** Its bytes, for when its file is gone. */
  text: Buffer;
  /** Where it is kept; null where it could not be. */
  file: string | null;
}

/** A chunk as the engine is told of it: megabytes stay in their file. */
export interface NamedChunk {
  id: string;
  code: string | null;
  file: string | null;
}

/** A bundle that was begun before it was asked for. */
interface Early {
  key: string;
  /** Of the packages when it was begun: a mixture of two versions is not to be kept. */
  versions: Map<string, string | null>;
  chunk: Promise<CachedChunk | null>;
}

const CORE = ["react", "react-dom", "react-dom/client", "react/jsx-runtime", "react/jsx-dev-runtime"];

export class Vendor {
  private chunks: Chunk[] = [];
  private readonly provided = new Map<string, Format>();
  private warnings: Diagnostic[] = [];
  private early: Early | null = null;

  constructor(private readonly packages: Packages) {}

  get list(): NamedChunk[] {
    return this.chunks.map(named);
  }

  get diagnostics(): Diagnostic[] {
    return this.warnings;
  }

  /** A chunk's code, for tracing. */
  code(id: string): string | null {
    return this.chunks.find((c) => c.id === id)?.text.toString("utf8") ?? null;
  }

  /** All chunks with their code. */
  get texts(): { id: string; code: string }[] {
    return this.chunks.map(({ id, text }) => ({ id, code: text.toString("utf8") }));
  }

  /** Starts from what is bundled for the same app already, unless all of that is here. */
  borrow(other: Vendor): void {
    if (other.chunks.every((chunk) => this.chunks.some(({ id }) => id === chunk.id))) return;
    this.clear();
    for (const chunk of other.chunks) this.keep(chunk);
  }

  lacks(specifiers: Iterable<string>): boolean {
    for (const specifier of specifiers) if (!this.provided.has(specifier)) return true;
    return this.chunks.length === 0;
  }

  /** Begins with React, which nearly every app wants, while the app itself is still to be read. */
  begin(): void {
    const specifiers = this.core();
    if (!specifiers.length || this.chunks.length || findChunk(keyOf(specifiers, []), this.version)) return;
    const names = [...new Set(specifiers.map(packageName))];
    const versions = new Map(names.map((name) => [name, this.packages.version(name)]));
    const chunk = bundle(specifiers, new Map(), this.packages).catch(() => null);
    this.early = { key: keyOf(specifiers, []), versions, chunk };
  }

  /** What was begun, unless packages were installed meanwhile. */
  private async begun(key: string): Promise<CachedChunk | null> {
    const { early } = this;
    this.early = null;
    const chunk = early?.key === key ? await early.chunk : null;
    if (!early || !chunk || !fits(chunk, this.version)) return null;
    return [...early.versions].every(([name, v]) => (chunk.packages[name] ?? null) === v) ? chunk : null;
  }

  private core(): string[] {
    return CORE.filter((s) => "file" in this.packages.resolve(s));
  }

  /** Bundles what is not provided yet. `rebuilt` where earlier chunks had to be made anew. */
  async provide(specifiers: Iterable<string>): Promise<{ added: Chunk[]; rebuilt: boolean }> {
    const before = this.chunks.length;
    const core = this.core();
    const added: Chunk[] = [];
    const want = [...new Set(specifiers)].filter((s) => !this.provided.has(s) && !core.includes(s)).sort();
    if (before === 0 && core.length) added.push(await this.add(core));
    if (want.length) {
      const chunk = await this.build(want, this.provided);
      if (this.overlaps(chunk)) {
        const everything = [...new Set([...core, ...this.provided.keys(), ...want])].sort();
        const whole = await this.build(everything, new Map());
        this.chunks = [];
        this.provided.clear();
        this.keep(whole);
        return { added: [whole], rebuilt: before > 0 };
      }
      this.keep(chunk);
      added.push(chunk);
    }
    return { added, rebuilt: false };
  }

  /** Forgets all chunks: the packages on disk are others now. */
  clear(): void {
    this.chunks = [];
    this.provided.clear();
    this.warnings = [];
    this.early = null;
  }

  /** Whether the packages on disk are still those that the chunks were made of. */
  isCurrent(): boolean {
    return this.chunks.every((chunk) => fits(chunk, this.version));
  }

  private readonly version = (name: string) => this.packages.version(name);

  private async add(specifiers: string[]): Promise<Chunk> {
    const chunk = await this.build(specifiers, this.provided);
    this.keep(chunk);
    return chunk;
  }

  private keep(chunk: Chunk): void {
    this.chunks.push(chunk);
    for (const specifier of chunk.specifiers) this.provided.set(specifier, chunk.formats[specifier] ?? "cjs");
    this.warnings.push(...chunk.absent.map((a) => absentWarning(a.specifier, a.importer)));
  }

  /** Whether a chunk holds files that an earlier one holds too: two copies of a package share no state. */
  private overlaps(chunk: Chunk): boolean {
    const files = new Set(chunk.inputs);
    return this.chunks.some((c) => c.inputs.some((file) => files.has(file)));
  }

  private async build(specifiers: string[], provided: Map<string, Format>): Promise<Chunk> {
    const externals = [...provided].sort(([a], [b]) => (a < b ? -1 : 1));
    const key = keyOf(specifiers, externals);
    const cached = findChunk(key, this.version);
    if (cached) return { ...cached, specifiers, text: readFileSync(cached.file) };
    const { code, ...chunk } = (await this.begun(key)) ?? (await bundle(specifiers, provided, this.packages));
    const file = storeChunk(key, { ...chunk, code }) ? fileOf(chunk.id) : null;
    return { ...chunk, specifiers, text: Buffer.from(code), file };
  }
}

function keyOf(specifiers: string[], externals: [string, Format][]): string {
  const parts = ["4", esbuild().version, specifiers, externals];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

export function named({ id, text, file }: Chunk): NamedChunk {
  return file && existsSync(file) ? { id, code: null, file } : { id, code: text.toString("utf8"), file: null };
}

function absentWarning(specifier: string, importer: string): Diagnostic {
  return diagnostic("install", `The package '${importer}' wants '${specifier}', which is not installed`, {
    severity: "warning",
    hint: `Where it is needed, install it: it stands for an empty module.`,
  });
}
