/** Bundled packages on disk, so that a builder which starts anew need not bundle what one before it did. */
import { createHash } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { cacheFolder } from "../worker/tools";

/** How many are kept; one of an app with many packages takes two megabytes. */
const KEPT = 40;

export class PackageCache<T> {
  private readonly folder = cacheFolder && join(cacheFolder, "production");

  find(key: string): T | null {
    if (!this.folder) return null;
    const file = this.file(key);
    try {
      const found = deserialize(readFileSync(file)) as T;
      utimesSync(file, new Date(), new Date());
      return found;
    } catch {
      return null;
    }
  }

  /** Whole or not at all: several builders may share the folder. */
  store(key: string, value: T): void {
    if (!this.folder) return;
    try {
      mkdirSync(this.folder, { recursive: true });
      const scratch = `${this.file(key)}.${process.pid}.part`;
      writeFileSync(scratch, serialize(value));
      renameSync(scratch, this.file(key));
      this.tidy();
    } catch (error) {
      process.stderr.write(`packages' cache: ${(error as Error).message}\n`);
    }
  }

  private file(key: string): string {
    return join(this.folder, `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.bundle`);
  }

  private tidy(): void {
    const files = readdirSync(this.folder).map((name) => join(this.folder, name));
    if (files.length <= KEPT) return;
    const aged = files.map((file) => ({ file, at: statSync(file).mtimeMs })).sort((a, b) => b.at - a.at);
    for (const { file } of aged.slice(KEPT)) unlinkSync(file);
  }
}
