/** Starts the real worker on real tools, and speaks its protocol. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { buildSync } from "esbuild";
import type { Diagnostic, Module, Page } from "../../src/protocol";
import type * as app from "../../src/worker/app";

const js = resolve(import.meta.dirname, "../..");
const cache = join(js, "node_modules/.cache/overskill");

/** A folder with the JavaScript tools, installed from the lockfile that the package ships. */
export function toolsFolder(): string {
  const from = resolve(js, "../overskill_nb/pipeline/toolchain");
  const lock = readFileSync(join(from, "package-lock.json"), "utf8");
  return installed(`tools-${short(lock)}`, (folder) => {
    for (const name of ["package.json", "package-lock.json"]) cpSync(join(from, name), join(folder, name));
    npm(folder, "ci", "--ignore-scripts");
  });
}

/** A folder whose `node_modules` holds these packages. */
export function packagesFolder(dependencies: Record<string, string>): string {
  const json = JSON.stringify({ private: true, dependencies });
  return installed(`packages-${short(json)}`, (folder) => {
    writeFileSync(join(folder, "package.json"), json);
    npm(folder, "install", "--ignore-scripts");
  });
}

function short(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

function npm(cwd: string, ...args: string[]): void {
  execFileSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], { cwd, stdio: "pipe" });
}

/** Installs once; several test files may do so at the same time. */
function installed(name: string, install: (folder: string) => void): string {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const temporary = mkdtempSync(join(cache, "new-"));
  install(temporary);
  try {
    renameSync(temporary, folder);
  } catch {
    rmSync(temporary, { recursive: true, force: true });
  }
  return folder;
}

/** The worker as it is shipped, built from the sources at hand. */
function workerFile(): string {
  const out = join(mkdtempSync(join(tmpdir(), "overskill-worker-")), "worker.mjs");
  buildSync({
    entryPoints: [join(js, "src/worker/main.ts")],
    outfile: out,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    external: ["esbuild", "oxc-transform", "oxc-resolver", "@tailwindcss/*", "tailwindcss", "@jridgewell/*"],
  });
  return out;
}

type BuildParams = app.BuildParams;
type BuildResult = Omit<app.BuildResult, "vendor"> & Pick<Snapshot, "vendor">;

export interface Snapshot {
  page: Page;
  entries: string[];
  globals: string[];
  modules: Module[];
  vendor: { id: string; code: string; file: string | null }[];
  diagnostics: Diagnostic[];
}

export class WorkerError extends Error {
  constructor(
    message: string,
    readonly diagnostics: Diagnostic[],
  ) {
    super(message);
  }
}

/** As the engine does, reads the chunks that the worker only names. */
function withCode(result: unknown): unknown {
  const chunks = (result as { vendor?: { code: string | null; file: string | null }[] } | null)?.vendor ?? [];
  for (const chunk of chunks) if (chunk.file) chunk.code = readFileSync(chunk.file, "utf8");
  return result;
}

export class Worker {
  readonly process: ChildProcess;
  log = "";
  private next = 0;
  private buffer = Buffer.alloc(0);
  private readonly waiting = new Map<number, { done(value: unknown): void; failed(error: Error): void }>();

  constructor(options: { tools?: string; cache?: string } = {}) {
    const env = {
      ...process.env,
      OVERSKILL_TOOLS: options.tools ?? toolsFolder(),
      OVERSKILL_CACHE: options.cache ?? join(cache, "vendor"),
    };
    this.process = spawn(process.execPath, [workerFile()], { env, stdio: ["pipe", "pipe", "pipe"] });
    this.process.stdout!.on("data", (data: Buffer) => this.receive(data));
    this.process.stderr!.on("data", (data: Buffer) => {
      this.log += data.toString();
    });
  }

  private receive(data: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, data]);
    while (this.buffer.length >= 4) {
      const end = 4 + this.buffer.readUInt32LE(0);
      if (this.buffer.length < end) return;
      const message = JSON.parse(this.buffer.toString("utf8", 4, end));
      this.buffer = this.buffer.subarray(end);
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error) waiting?.failed(new WorkerError(message.error.message, message.error.diagnostics ?? []));
      else waiting?.done(withCode(message.result));
    }
  }

  post(message: object): void {
    const body = Buffer.from(JSON.stringify(message));
    const head = Buffer.alloc(4);
    head.writeUInt32LE(body.length);
    this.process.stdin!.write(Buffer.concat([head, body]));
  }

  call<T>(method: string, params: object = {}): Promise<T> & { id: number } {
    const id = ++this.next;
    const reply = new Promise<T>((done, failed) => {
      this.waiting.set(id, { done: done as (value: unknown) => void, failed });
    });
    this.post({ id, method, params });
    return Object.assign(reply, { id });
  }

  cancel(id: number): void {
    this.post({ method: "cancel", params: { id } });
  }

  stop(): void {
    this.process.stdin!.end();
  }
}

/** An app on disk, opened in a worker. */
export class TestApp {
  private constructor(
    readonly worker: Worker,
    readonly root: string,
    readonly name: string,
    readonly info: { entries: string[]; page: Page; react: string | null; tailwind: number | null },
  ) {}

  static count = 0;

  static async open(worker: Worker, files: Record<string, string | Buffer>, modules?: string): Promise<TestApp> {
    const root = mkdtempSync(join(tmpdir(), "overskill-app-"));
    for (const [path, content] of Object.entries(files)) write(root, path, content);
    const name = `app-${TestApp.count++}`;
    const info = await worker.call<TestApp["info"]>("open", { app: name, root, modules: modules ?? root });
    return new TestApp(worker, root, name, info);
  }

  write(path: string, content: string | Buffer): void {
    write(this.root, path, content);
  }

  build(params: BuildParams = {}): Promise<BuildResult> {
    return this.worker.call<BuildResult>("build", { app: this.name, ...params });
  }

  /** Hands in new texts from memory. */
  edit(files: Record<string, string | null>): Promise<BuildResult> {
    return this.build({ files: Object.entries(files).map(([path, content]) => ({ path, content })) });
  }

  snapshot(): Promise<Snapshot> {
    return this.worker.call<Snapshot>("snapshot", { app: this.name });
  }
}

function write(root: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

export function ids(result: { modules: Module[] }): string[] {
  return result.modules.map((m) => m.id).sort();
}

export function moduleOf(result: { modules: Module[] }, id: string): Module {
  const found = result.modules.find((m) => m.id === id);
  if (!found) throw new Error(`no module ${id} among ${ids(result).join(", ")}`);
  return found;
}

/** `severity kind message (file:line:column+length)` */
export function brief(diagnostics: Diagnostic[]): string[] {
  return diagnostics.map((d) => {
    const l = d.location;
    return `${d.severity} ${d.kind} ${d.message}${l ? ` (${l.file}:${l.line}:${l.column}+${l.length})` : ""}`;
  });
}
