/** The worker reads the app's folder and its packages, and nothing else. */
import { realpathSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";

/** Whether a real path is a folder or lies below it. */
export function within(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The real path, or null where there is nothing. */
export function real(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}

/**
 * A path as handed in, absolute or relative, to one relative to the app with forward slashes. Null where it leads out.
 * This looks at the text only; links are followed when the file is read.
 */
export function appPath(root: string, path: string): string | null {
  if (path.includes("\0")) return null;
  const full = isAbsolute(path) ? resolve(path) : resolve(root, path);
  const rel = relative(root, full);
  if (rel === "" || rel === ".." || rel.startsWith(`..${sep}`) || isAbsolute(rel)) return null;
  return sep === "/" ? rel : rel.split(sep).join("/");
}
