/** What the first load consists of. */
import type { Metafile } from "esbuild";
import { type Diagnostic, diagnostic } from "../worker/diagnostics";

export interface PackageSize {
  /** Empty for the app's own code. */
  name: string;
  /** Minified. */
  bytes: number;
}

/** Compressed; beyond it a visitor on a phone waits for seconds. */
const LARGE = 1_000_000;

export function packageSizes(bundles: { metafile: Metafile; outputs: Iterable<string> }[]): PackageSize[] {
  const sizes = new Map<string, number>();
  for (const { metafile, outputs } of bundles) {
    for (const output of outputs) {
      for (const [input, { bytesInOutput }] of Object.entries(metafile.outputs[output]?.inputs ?? {})) {
        const name = packageOf(input);
        sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
      }
    }
  }
  return [...sizes]
    .map(([name, bytes]) => ({ name, bytes }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}

/** `…/node_modules/@scope/name/x.js` to `@scope/name`. */
function packageOf(input: string): string {
  const last = input.lastIndexOf("node_modules/");
  return last < 0 ? "" : (/^(?:@[^/]+\/)?[^/]+/.exec(input.slice(last + 13))?.[0] ?? "");
}

export function firstLoadWarning(gzip: number, packages: PackageSize[]): Diagnostic | null {
  if (gzip <= LARGE) return null;
  const largest = packages.slice(0, 3).map(({ name, bytes }) => `${name || "the app itself"} (${kilobytes(bytes)})`);
  const message = `The first load is ${(gzip / 1e6).toFixed(1)} MB compressed; the largest parts, before compression, are ${largest.join(", ")}`;
  return diagnostic("file", message, {
    severity: "warning",
    hint: "Load what is not needed at once with import(), as React.lazy does, or take a smaller package.",
  });
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}
