/** Frames on stdio: a 4-byte little-endian length, then JSON. */
import { writeSync } from "node:fs";

export interface Request {
  id?: number;
  method: string;
  params: Record<string, unknown>;
}

/** Only frames may go to stdout: what tools and configuration files print goes to the log. */
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;

/** Calls `receive` for each request and `end` when the other side is gone. */
export function listen(receive: (request: Request) => void, end: () => void): void {
  let parts: Buffer[] = [];
  let size = 0;
  process.stdin.on("data", (data: Buffer) => {
    parts.push(data);
    size += data.length;
    while (size >= 4) {
      let buffer = parts.length === 1 ? parts[0]! : parts[0]!.length >= 4 ? parts[0]! : Buffer.concat(parts);
      const length = buffer.readUInt32LE(0);
      if (size < 4 + length) return;
      if (parts.length > 1) buffer = Buffer.concat(parts);
      const text = buffer.toString("utf8", 4, 4 + length);
      const rest = buffer.subarray(4 + length);
      parts = rest.length ? [rest] : [];
      size = rest.length;
      receive(JSON.parse(text) as Request);
    }
  });
  process.stdin.on("end", end);
  process.stdin.on("error", end);
}

/** Sends one frame. A frame that fits the pipe goes at once; the rest waits for the reader without blocking. */
export function send(message: unknown): void {
  const json = JSON.stringify(message);
  const length = Buffer.byteLength(json);
  const frame = Buffer.allocUnsafe(4 + length);
  frame.writeUInt32LE(length, 0);
  frame.write(json, 4, "utf8");
  let sent = 0;
  if (process.stdout.writableLength === 0) {
    try {
      sent = writeSync(1, frame);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
  if (sent < frame.length) write(frame.subarray(sent));
}
