/** Bundled packages on disk, found by what was asked for and by the versions of all packages that went in. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageName } from "./packages";
import { cacheFolder } from "./tools";
import type { Format } from "./vendor";

export interface CachedChunk {
  id: string;
  code: string;
  /** Files, relative to `node_modules`. */
  inputs: string[];
  formats: Record<string, Format>;
  /** Folder of a package, relative to `node_modules`, to its version. */
  packages: Record<string, string | null>;
  /** Packages that were wanted and not there, with who wanted them. */
  absent: { specifier: string; importer: string }[];
}

/** How many sets of versions are kept for one request. */
const VARIANTS = 8;

/** What there is on disk of a chunk: all but its code, which is in `file` for whoever wants it. */
export interface StoredChunk extends Omit<CachedChunk, "code"> {
  file: string;
}

export function findChunk(key: string, version: (name: string) => string | null): StoredChunk | null {
  if (!cacheFolder) return null;
  for (const variant of readVariants(key)) {
    if (!fits(variant, version)) continue;
    const file = fileOf(variant.id);
    // Where the script was cleaned away it is built again.
    if (existsSync(file)) return { ...variant, file };
  }
  return null;
}

/** Whether a chunk was made of the packages that are installed. */
export function fits(
  chunk: Pick<CachedChunk, "packages" | "absent">,
  version: (name: string) => string | null,
): boolean {
  return (
    Object.entries(chunk.packages).every(([name, v]) => version(name) === v) &&
    chunk.absent.every((a) => version(packageName(a.specifier)) === null)
  );
}

/** Whether it could be stored. */
export function storeChunk(key: string, chunk: CachedChunk): boolean {
  if (!cacheFolder) return false;
  try {
    const { code, ...entry } = chunk;
    mkdirSync(join(cacheFolder, "vendor"), { recursive: true });
    write(`${chunk.id}.js`, code);
    const others = readVariants(key).filter((v) => v.id !== chunk.id);
    write(`${key}.json`, JSON.stringify([entry, ...others].slice(0, VARIANTS)));
    return true;
  } catch (error) {
    process.stderr.write(`vendor cache: ${(error as Error).message}\n`);
    return false;
  }
}

export function fileOf(id: string): string {
  return join(cacheFolder, "vendor", `${id}.js`);
}

function readVariants(key: string): Omit<CachedChunk, "code">[] {
  try {
    return JSON.parse(readFileSync(join(cacheFolder, "vendor", `${key}.json`), "utf8"));
  } catch {
    return [];
  }
}

/** Whole or not at all: several workers may share the folder. */
function write(name: string, text: string): void {
  const path = join(cacheFolder, "vendor", name);
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
