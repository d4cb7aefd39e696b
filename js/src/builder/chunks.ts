/** The scripts that are served: the app's chunks, linked to those of its packages and to the sheets that they need. */
import { posix } from "node:path";
import type { Metafile } from "esbuild";
import { splice } from "../worker/css";
import type { Span } from "../worker/spans";
import { shortHash } from "./digest";
import { type Link, linked, readLinks, type Wanted, WHOLE, wantedBy } from "./links";
import type { PackageChunks } from "./package_chunks";
import { shiftedMap } from "./shifted_map";

/** A chunk as esbuild wrote it. */
interface Chunk {
  /** As the metafile has it. */
  output: string;
  code: string;
  map: string;
  links: Link[];
  wanted: Wanted;
  /** Where the packages that it imports are, among their entries; -1 for none. */
  entry: number;
}

export class Chunks {
  private readonly chunks = new Map<string, Chunk>();
  /** What the packages are to be bundled for: one entry for each chunk, one for each that is loaded by itself. */
  readonly wanted: Wanted[] = [];
  private readonly dynamic = new Map<string, number>();
  /** Whether a chunk passes on all exports of a package, whose names are not known here. */
  readonly entangled: boolean;

  constructor(
    files: readonly { path: string; text: string }[],
    readonly metafile: Metafile,
  ) {
    const maps = new Map(files.filter((f) => f.path.endsWith(".map")).map((f) => [posix.basename(f.path), f]));
    const texts = new Map(files.map((f) => [posix.basename(f.path), f]));
    for (const output of Object.keys(metafile.outputs).sort(byEntry(metafile))) {
      const name = posix.basename(output);
      if (!name.endsWith(".js")) continue;
      const code = texts.get(name)!.text;
      const links = readLinks(code);
      const wanted = wantedBy(links);
      const entry = wanted.size ? this.wanted.push(wanted) - 1 : -1;
      this.chunks.set(output, { output, code, map: maps.get(`${name}.map`)?.text ?? "", links, wanted, entry });
    }
    for (const { links } of this.chunks.values()) {
      for (const { kind, specifier } of links) {
        if (kind !== "dynamic" || this.dynamic.has(specifier)) continue;
        this.dynamic.set(specifier, this.wanted.push(new Map([[specifier, new Set([WHOLE])]])) - 1);
      }
    }
    this.entangled = [...this.chunks.values()].some(({ links }) => links.some(({ kind }) => kind === "star"));
  }

  /** The app's chunks under their final names, with their source maps. `sheets` has those of chunks loaded later. */
  finished(packages: PackageChunks | null, sheets: Map<string, string[]>) {
    const names = new Map<string, string>();
    for (const output of this.chunks.keys()) names.set(output, this.finalName(output, packages, sheets));
    const byWritten = new Map([...names].map(([output, name]) => [posix.basename(output), { output, name }]));
    const scripts = new Map<string, { code: string; map: string }>();
    for (const [output, chunk] of this.chunks) {
      const spans: Span[] = packages
        ? linked(chunk.links, chunk.wanted, packages.entries[chunk.entry] ?? "", (specifier) => {
            return packages.entries[this.dynamic.get(specifier)!]!;
          })
        : [];
      for (const match of chunk.code.matchAll(/(\bimport\()?"\.\/([^"/]+\.js)"(\))?/g)) {
        const found = byWritten.get(match[2]!);
        if (!found) continue;
        const hrefs = match[1] && match[3] ? (sheets.get(found.output) ?? []) : [];
        const address = `"./${found.name}"`;
        const plain = `${match[1] ?? ""}${address}${match[3] ?? ""}`;
        const text = hrefs.length ? `Promise.all([${plain},${hrefs.map(loadSheet).join(",")}]).then(m=>m[0])` : plain;
        spans.push({ start: match.index, end: match.index + match[0].length, text });
      }
      spans.sort((a, b) => a.start - b.start);
      const code = splice(chunk.code, spans);
      scripts.set(names.get(output)!, { code, map: chunk.map && shiftedMap(chunk.map, chunk.code, spans) });
    }
    return { names, scripts };
  }

  /** esbuild's hash is over the chunk and all that it imports of the app; ours adds what is put in afterwards. */
  private finalName(output: string, packages: PackageChunks | null, sheets: Map<string, string[]>): string {
    const parts = new Set<string>();
    const seen = new Set([output]);
    for (const at of seen) {
      const chunk = this.chunks.get(at)!;
      if (packages && chunk.entry >= 0) parts.add(packages.entries[chunk.entry]!);
      for (const { kind, specifier } of chunk.links) {
        if (packages && kind === "dynamic") parts.add(packages.entries[this.dynamic.get(specifier)!]!);
      }
      for (const { path } of this.metafile.outputs[at]!.imports) {
        if (!this.chunks.has(path)) continue;
        seen.add(path);
        for (const href of sheets.get(path) ?? []) parts.add(href);
      }
    }
    const name = posix.basename(output);
    const plain = name.slice(0, -"-ABCDEFGH.js".length).replace(/[^\w.-]/g, "_");
    return `${plain}-${shortHash(name, ...[...parts].sort())}.js`;
  }

  /** The packages' entry of a chunk; -1 for none. */
  entryOf(output: string): number {
    return this.chunks.get(output)?.entry ?? -1;
  }
}

/** The page's own chunk first, so that what its packages' chunk is called depends on nothing else. */
function byEntry(metafile: Metafile) {
  const first = (output: string) => (metafile.outputs[output]!.entryPoint?.startsWith("entry:") ? 0 : 1);
  return (a: string, b: string) => first(a) - first(b) || (a < b ? -1 : 1);
}

/** A promise for a sheet that is there; one that fails to load must not keep the script from running. */
function loadSheet(href: string): string {
  const made = `let l=document.createElement("link");l.rel="stylesheet";l.crossOrigin="";l.href="${href}";l.onload=l.onerror=r;document.head.append(l)`;
  return `document.querySelector('link[href="${href}"]')||new Promise(r=>{${made}})`;
}
