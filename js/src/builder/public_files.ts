/** The files of public/, which are served as they are. */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { real, within } from "../worker/confine";
import { type Diagnostic, diagnostic, Problem } from "../worker/diagnostics";
import type { Project } from "../worker/project";
import { sha256 } from "./digest";
import { isPrivate } from "./sources";

export const MAX_ASSET = 25 * 1024 * 1024;
export const MAX_FILES = 20_000;

export interface PublicFile {
  /** As it is served. */
  path: string;
  sha256: string;
  size: number;
  /** Where its content is. */
  source: string;
}

/** What is known of a file that did not change since. */
export type Digests = Map<string, { stamp: string; sha256: string }>;

export function publicFiles(project: Project, digests: Digests, warnings: Diagnostic[]): PublicFile[] {
  const { root } = project.files;
  const folder = join(root, project.settings.publicDir);
  const at = real(folder);
  const out: PublicFile[] = [];
  if (!project.settings.publicDir || !at || !within(root, at) || at === root) return out;
  const visit = (full: string, path: string, depth: number) => {
    for (const name of readdirSync(full).sort()) {
      const file = join(full, name);
      const served = `${path}/${name}`;
      const found = lstatSync(file);
      const shown = posix.join(project.settings.publicDir, served);
      if (isPrivate(served) || name === ".DS_Store") {
        if (name !== ".DS_Store") warnings.push(warning(`${shown} may hold secrets and is not served`, shown));
      } else if (found.isDirectory()) {
        if (depth < 32) visit(file, served, depth + 1);
      } else if (!found.isFile()) {
        throw new Problem(
          diagnostic("file", `${shown} is ${found.isSymbolicLink() ? "a link" : "no ordinary file"}`, {
            hint: "Put a copy of the file in its place.",
            location: { file: shown, line: 1, column: 1, length: 0 },
          }),
        );
      } else {
        tooLarge(shown, found.size);
        if (out.length >= MAX_FILES) throw tooMany();
        const stamp = `${found.size} ${found.mtimeMs} ${found.ctimeMs} ${found.ino}`;
        let known = digests.get(file);
        if (known?.stamp !== stamp) {
          known = { stamp, sha256: sha256(readFileSync(file)) };
          digests.set(file, known);
        }
        out.push({ path: served, sha256: known.sha256, size: found.size, source: file });
      }
    }
  };
  visit(at, "", 0);
  return out;
}

export function tooLarge(shown: string, size: number): void {
  if (size <= MAX_ASSET) return;
  const mb = (size / 1024 / 1024).toFixed(1);
  throw new Problem(
    diagnostic("file", `${shown} is ${mb} MiB; Cloudflare serves files of at most 25 MiB`, {
      hint: "Make it smaller, or load it from elsewhere, such as R2.",
    }),
  );
}

export function tooMany(): Problem {
  return new Problem(
    diagnostic("file", "The app has more than 20,000 files to serve, which is the most that Cloudflare takes", {
      hint: "Remove some from public/, or load them from elsewhere, such as R2.",
    }),
  );
}

function warning(message: string, file: string): Diagnostic {
  return diagnostic("file", message, { severity: "warning", location: { file, line: 1, column: 1, length: 0 } });
}
