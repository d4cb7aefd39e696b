/**
 * The process that renders candidates. It has no environment, reads no file but its own script, starts nothing, and on
 * Linux has no network where the system lets a process give that up. One process is reused; it is killed when a check
 * takes too long, and replaced when it died or grew.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RenderParams, RenderResult } from "../checker/messages";
import { real } from "./confine";

const SCRIPT = fileURLToPath(new URL("./checker.mjs", import.meta.url));
/** For one check, in milliseconds, beside what its steps wait. */
const LIMIT = 4000;
const MEGABYTES = 256;
/** A process is replaced after so many checks: what is rendered leaves something behind. */
const MOST = 150;

type Waiting = { done(result: RenderResult): void; failed(message: string): void };

export class Checker {
  private process: ChildProcess | null = null;
  private parts: Buffer[] = [];
  private waiting: Waiting | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  private count = 0;

  constructor() {
    // One that loops does not see that nobody is there any more.
    process.on("exit", () => this.stop());
  }

  /** Starts the process, where it does not run: it is ready when the first candidate is compiled. */
  begin(): void {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) this.start();
  }

  /** One at a time. What goes wrong with the process is a report like what the component throws. */
  render(params: RenderParams): Promise<RenderResult> {
    const now = this.turn.then(() => this.exchange(params));
    this.turn = now.catch(() => undefined);
    return now;
  }

  private exchange(params: RenderParams): Promise<RenderResult> {
    this.begin();
    const child = this.process!;
    return new Promise<RenderResult>((done) => {
      const failed = (message: string) => done(failure(message));
      const waits = params.steps.reduce((sum, step) => sum + (step.ms ?? 0), 0);
      const timer = setTimeout(() => {
        this.waiting = null;
        this.stop();
        failed(`The component kept busy for ${LIMIT / 1000} seconds and was stopped: it loops without an end`);
      }, LIMIT + waits);
      const over = () => clearTimeout(timer);
      this.waiting = {
        done: (result) => {
          over();
          this.count += 1;
          if (this.count >= MOST) this.stop();
          done(result);
        },
        failed: (message) => {
          over();
          failed(message);
        },
      };
      const body = Buffer.from(JSON.stringify({ id: 1, method: "render", params }));
      const head = Buffer.alloc(4);
      head.writeUInt32LE(body.length);
      child.stdin!.write(head);
      child.stdin!.write(body);
    });
  }

  private start(): void {
    const [command, ...args] = commandLine();
    const child = spawn(command!, args, { env: {}, cwd: "/", stdio: ["pipe", "pipe", "pipe"] });
    this.process = child;
    this.parts = [];
    this.count = 0;
    let words = "";
    child.unref();
    child.stdout!.on("data", (data: Buffer) => child === this.process && this.receive(data));
    child.stderr!.on("data", (data: Buffer) => {
      words = (words + data.toString()).slice(-4000);
    });
    child.stdin!.on("error", () => undefined);
    child.on("error", (error) => this.ended(child, error.message));
    child.on("exit", (code, signal) => {
      const memory = /heap out of memory|Allocation failed/.test(words);
      if (code && !memory) process.stderr.write(`checker: ${words}\n`);
      const reason = memory ? `it took more than ${MEGABYTES} MiB of memory` : `its process ended (${signal ?? code})`;
      this.ended(child, `The component could not be rendered: ${reason}`);
    });
  }

  private ended(child: ChildProcess, message: string): void {
    if (child !== this.process) return;
    this.process = null;
    const { waiting } = this;
    this.waiting = null;
    waiting?.failed(message);
  }

  private stop(): void {
    const child = this.process;
    this.process = null;
    child?.kill("SIGKILL");
  }

  private receive(data: Buffer): void {
    this.parts.push(data);
    let buffer = Buffer.concat(this.parts);
    while (buffer.length >= 4) {
      const end = 4 + buffer.readUInt32LE(0);
      if (buffer.length < end) break;
      const answer = JSON.parse(buffer.toString("utf8", 4, end));
      buffer = buffer.subarray(end);
      if (answer.id !== 1) continue;
      const { waiting } = this;
      this.waiting = null;
      if (answer.result) waiting?.done(answer.result);
      else waiting?.failed(`The component could not be rendered: ${answer.error?.message}`);
    }
    this.parts = [buffer];
  }
}

function failure(message: string): RenderResult {
  const report = { severity: "error" as const, kind: "render" as const, message, stack: "", hint: "" };
  return { export: "", reports: [report], console: [], text: "", after: [], rendered: 0, ms: LIMIT };
}

let without: string[] | null = null;

/** Gives up the network, where the system has a command for it and lets it. */
function withoutNetwork(): string[] {
  if (without) return without;
  const unshare = ["/usr/bin/unshare", "/bin/unshare"].find((path) => existsSync(path));
  const works = process.platform === "linux" && unshare && spawnSync(unshare, ["-U", "-n", "true"]).status === 0;
  without = works ? [unshare, "-U", "-n", "--"] : [];
  return without;
}

function commandLine(): string[] {
  const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];
  const stable = major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 13);
  const script = real(SCRIPT) ?? SCRIPT;
  return [
    ...withoutNetwork(),
    process.execPath,
    stable ? "--permission" : "--experimental-permission",
    `--allow-fs-read=${script}`,
    `--max-old-space-size=${MEGABYTES}`,
    "--max-semi-space-size=16",
    "--disable-proto=delete",
    "--no-warnings",
    script,
  ];
}
