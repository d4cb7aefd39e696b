/** JSON-RPC with the TypeScript process, on its standard input and output. */
import { type ChildProcess, spawn } from "node:child_process";

/** A request that takes longer is given up with the process, in milliseconds: types can be made that never resolve. */
const LIMIT = 3000;
const MEMORY = { GOMEMLIMIT: "400MiB" };

interface Message {
  id?: number | string;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { message: string };
}

interface Waiting {
  done(result: unknown): void;
  failed(error: Error): void;
}

/** One that waits for an answer does not see that nobody is there any more. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** What the process asks for: see `View`. */
export type Answers = Record<string, (path: string) => unknown>;

export class Channel {
  private readonly process: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private buffer: Buffer = Buffer.alloc(0);
  private count = 0;
  /** Why it cannot be asked any more; empty while it can. */
  ended = "";

  constructor(
    executable: string,
    folder: string,
    private readonly answers: Answers,
  ) {
    const args = ["--api", "--async", "--cwd", folder, `--callbacks=${Object.keys(answers).join(",")}`];
    const child = spawn(executable, args, { cwd: "/", env: MEMORY, stdio: ["pipe", "pipe", "ignore"] });
    this.process = child;
    running.add(child);
    child.unref();
    child.stdout!.on("data", (data: Buffer) => this.receive(data));
    child.stdin!.on("error", () => undefined);
    child.on("error", (error) => this.fail(error.message));
    child.on("exit", (code, signal) => {
      running.delete(child);
      this.fail(`its process ended (${signal ?? code})`);
    });
  }

  /** Rejects where the process ends, or is ended because it takes too long. */
  ask<T>(method: string, params: unknown): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.ended) {
        reject(new Error(this.ended));
        return;
      }
      const id = ++this.count;
      const timer = setTimeout(() => this.end(`it took more than ${LIMIT / 1000} seconds`), LIMIT);
      this.waiting.set(id, {
        done: (result) => {
          clearTimeout(timer);
          resolve(result as T);
        },
        failed: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.send({ id, method, params });
    });
  }

  end(reason: string): void {
    this.fail(reason);
    this.process.kill("SIGKILL");
  }

  private fail(reason: string): void {
    this.ended ||= reason;
    for (const waiting of this.waiting.values()) waiting.failed(new Error(this.ended));
    this.waiting.clear();
  }

  private send(message: Message): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.process.stdin!.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  private receive(data: Buffer): void {
    this.buffer = this.buffer.length ? Buffer.concat([this.buffer, data]) : data;
    for (;;) {
      const head = this.buffer.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.buffer.toString("latin1", 0, head))?.[1]);
      const end = head + 4 + length;
      if (this.buffer.length < end) return;
      const message = JSON.parse(this.buffer.toString("utf8", head + 4, end)) as Message;
      this.buffer = this.buffer.subarray(end);
      this.take(message);
    }
  }

  private take({ id, method, params, result, error }: Message): void {
    if (method !== undefined) {
      if (id === undefined) return;
      const answer = this.answers[method];
      this.send({ id, result: answer ? answer(String(params)) : null });
      return;
    }
    const waiting = this.waiting.get(id as number);
    this.waiting.delete(id as number);
    if (error) waiting?.failed(new Error(error.message));
    else waiting?.done(result);
  }
}
