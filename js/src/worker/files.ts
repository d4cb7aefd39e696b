/**
 * The files of one app as the worker sees them: what is on disk, overlaid with what was handed in from memory.
 * Folder listings are cached, so that resolving an import costs no system call, and are told of every change.
 */
import { isUtf8 } from "node:buffer";
import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { real, within } from "./confine";
import { diagnostic, Problem } from "./diagnostics";

export const MAX_BYTES = 5 * 1024 * 1024;

type Entry = "file" | "folder";

/** Folders that hold no sources. */
const SKIPPED = new Set(["node_modules", "dist", "build", "coverage"]);

export class Files {
  private readonly memory = new Map<string, string | null>();
  private readonly folders = new Map<string, Map<string, Entry> | null>();
  /** Counts changes of the set of files; what was resolved under another number may resolve otherwise now. */
  generation = 0;

  /** `root` is a real path. */
  constructor(readonly root: string) {}

  /** Takes in new text, a deletion (null) or the news that the disk changed (undefined). False where nothing changed. */
  change(path: string, content: string | null | undefined): boolean {
    const before = this.kind(path);
    if (content === undefined) {
      this.memory.delete(path);
      this.folders.delete(folderOf(path));
    } else {
      if (before === "file" && content !== null && this.memory.get(path) === content) return false;
      if (before === undefined && content === null) return false;
      this.memory.set(path, content);
    }
    const now = content === undefined ? this.kind(path) : content === null ? undefined : "file";
    // A file may be on disk by now, in a folder that the cached listings do not know.
    const added = now === "file" && this.add(path);
    if (before !== now || added) this.generation++;
    if (now === undefined) this.folders.get(folderOf(path))?.delete(posix.basename(path));
    return true;
  }

  /** Lists a file and the folders that it lies in; false where they were listed. */
  private add(path: string): boolean {
    let added = this.enter(folderOf(path), posix.basename(path), "file");
    for (let folder = folderOf(path); folder !== ""; folder = folderOf(folder)) {
      added = this.enter(folderOf(folder), posix.basename(folder), "folder") || added;
    }
    return added;
  }

  private enter(folder: string, name: string, entry: Entry): boolean {
    const entries = this.list(folder);
    if (entries.get(name) === entry) return false;
    entries.set(name, entry);
    return true;
  }

  /** Exact in case, on every file system. */
  kind(path: string): Entry | undefined {
    if (path === "") return "folder";
    return this.list(folderOf(path)).get(posix.basename(path));
  }

  isFile(path: string): boolean {
    return this.kind(path) === "file";
  }

  /** The names in a folder; empty where there is no such folder. */
  list(folder: string): Map<string, Entry> {
    let entries = this.folders.get(folder);
    if (!entries) {
      entries = this.read(folder);
      this.folders.set(folder, entries);
    }
    return entries;
  }

  private read(folder: string): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    const full = join(this.root, folder);
    let found: Dirent[] = [];
    const at = real(full);
    if (at && within(this.root, at)) {
      try {
        found = readdirSync(full, { withFileTypes: true });
      } catch {
        // Not there yet, or not a folder.
      }
    }
    for (const entry of found) {
      if (entry.isFile()) entries.set(entry.name, "file");
      else if (entry.isDirectory()) entries.set(entry.name, "folder");
      else if (entry.isSymbolicLink()) {
        try {
          entries.set(entry.name, statSync(join(full, entry.name)).isDirectory() ? "folder" : "file");
        } catch {
          // A dangling link.
        }
      }
    }
    // What was handed in may not be on disk yet, nor the folders that it lies in.
    const prefix = folder ? `${folder}/` : "";
    for (const [path, content] of this.memory) {
      if (!path.startsWith(prefix)) continue;
      const [name = "", ...below] = path.slice(prefix.length).split("/");
      if (below.length > 0) {
        if (content !== null) entries.set(name, "folder");
      } else if (content === null) entries.delete(name);
      else entries.set(name, "file");
    }
    return entries;
  }

  /** Forgets cached listings: before saying that something is missing, look again. */
  refresh(folder: string): void {
    this.folders.delete(folder);
  }

  /** The text of a file, without a byte order mark. Throws a `Problem`. */
  text(path: string): string {
    const held = this.memory.get(path);
    if (held !== undefined && held !== null) {
      if (held.length > MAX_BYTES) throw tooLarge(path, held.length);
      return held.charCodeAt(0) === 0xfeff ? held.slice(1) : held;
    }
    const bytes = this.bytes(path);
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
      throw problem(path, "is encoded as UTF-16, not UTF-8", "Save the file as UTF-8.");
    }
    if (!isUtf8(bytes)) throw problem(path, "is not valid UTF-8", "Save the file as UTF-8.");
    return bytes.toString("utf8", bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);
  }

  /** The bytes of a file inside the app. Throws a `Problem`. */
  bytes(path: string): Buffer {
    const held = this.memory.get(path);
    if (held === null) throw problem(path, "does not exist");
    if (held !== undefined) return Buffer.from(held);
    const full = real(join(this.root, path));
    if (!full) throw problem(path, "does not exist");
    if (!within(this.root, full)) {
      throw problem(path, "is a link that leads out of the app's folder", "Copy the file into the app.");
    }
    return readLimited(full, path);
  }

  /** All files below a folder that hold sources, sorted. */
  walk(folder: string): string[] {
    const out: string[] = [];
    const visit = (at: string, depth: number) => {
      for (const [name, kind] of this.list(at)) {
        if (name.startsWith(".") || (kind === "folder" && SKIPPED.has(name))) continue;
        const path = at ? `${at}/${name}` : name;
        if (kind === "file") out.push(path);
        else if (depth < 32) visit(path, depth + 1);
      }
    };
    visit(folder, 0);
    return out.sort();
  }
}

/** Reads a file, refusing what is too large to be a source. */
export function readLimited(full: string, shown: string): Buffer {
  try {
    const found = statSync(full);
    // A pipe would never end, a device neither.
    if (!found.isFile()) throw problem(shown, "is no ordinary file");
    if (found.size > MAX_BYTES) throw tooLarge(shown, found.size);
    return readFileSync(full);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw problem(shown, `cannot be read (${(error as NodeJS.ErrnoException).code ?? "error"})`);
  }
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

function tooLarge(path: string, size: number): Problem {
  const mb = (size / 1024 / 1024).toFixed(1);
  return problem(path, `is ${mb} MB; files over 5 MB are not loaded`, "Put large files into public/ or fetch them.");
}

function problem(path: string, what: string, hint = ""): Problem {
  return new Problem(
    diagnostic("file", `${path} ${what}`, { hint, location: { file: path, line: 1, column: 1, length: 0 } }),
  );
}
