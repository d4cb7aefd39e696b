/** Errors of a running preview, mapped back to the sources of the version that threw. */
import type { TraceMap } from "@jridgewell/trace-mapping";
import { codeFrame, type Diagnostic, diagnostic, type Location } from "./diagnostics";
import { traceMapping } from "./tools";
import type { Maps } from "./transform";

/** How many versions of each module can be traced. */
const KEPT = 24;

interface Version {
  hash: string;
  maps: Maps;
  first?: TraceMap;
  second?: TraceMap;
}

export class Versions {
  private readonly modules = new Map<string, Version[]>();

  keep(id: string, hash: string, maps: Maps): void {
    const versions = this.modules.get(id);
    if (!versions) {
      this.modules.set(id, [{ hash, maps }]);
      return;
    }
    const same = versions.findIndex((v) => v.hash === hash);
    if (same >= 0) versions.splice(same, 1);
    versions.push({ hash, maps });
    if (versions.length > KEPT) versions.shift();
  }

  /** The place in the source of a place in compiled code; lines and columns count from 1. */
  original(id: string, hash: string, line: number, column: number): { location: Location; source: string } | null {
    const version = this.modules.get(id)?.find((v) => v.hash === hash);
    if (!version) return null;
    const { TraceMap, originalPositionFor } = traceMapping();
    version.second ??= new TraceMap(version.maps.second as never);
    version.first ??= new TraceMap(version.maps.first as never);
    const between = originalPositionFor(version.second, { line, column: Math.max(0, column - 1) });
    if (between.line === null) return null;
    const place = { line: between.line - 1, column: between.column };
    const written = version.maps.rewritten?.original(place) ?? place;
    const found = originalPositionFor(version.first, { line: written.line + 1, column: written.column });
    if (found.line === null) return null;
    const at = { line: found.line - 1, column: found.column };
    const own = version.maps.edited?.original(at) ?? at;
    const location = { file: id.split("?")[0]!, line: own.line + 1, column: own.column + 1, length: 0 };
    return { location, source: version.maps.source };
  }
}

interface Frame {
  name: string;
  address: string;
  line: number;
  column: number;
}

/** `at name (address:1:2)`, `at address:1:2`, and `name@address:1:2` of the other browsers. */
function readFrame(line: string): Frame | null {
  const match =
    /^\s*at (?:(.*?) \()?(.+?):(\d+):(\d+)\)?\s*$/.exec(line) ?? /^\s*(?:([^@]*)@)?(.+?):(\d+):(\d+)\s*$/.exec(line);
  if (!match) return null;
  const name = (match[1] ?? "").replace(/^async /, "");
  return { name, address: match[2]!, line: Number(match[3]), column: Number(match[4]) };
}

const MODULE = /^overskill:\/\/\/([0-9a-f]+)\/(.+)$/;
const VENDOR = /^overskill:\/\/\/vendor\/([0-9a-f]+)$/;
const REACT = /^(?:react|react-dom|scheduler|react-refresh)\//;

export function trace(
  kind: Diagnostic["kind"],
  message: string,
  stack: string,
  versions: Versions,
  vendor: (id: string) => string | null,
): Diagnostic {
  const lines: string[] = [];
  let top: { location: Location; source: string } | null = null;
  for (const text of stack.split("\n")) {
    const frame = readFrame(text);
    if (!frame) continue;
    const name = frame.name && !frame.name.startsWith("__vite_ssr") ? frame.name : "";
    const module = MODULE.exec(frame.address);
    const chunk = VENDOR.exec(frame.address);
    if (chunk) {
      const file = packageFile(vendor(chunk[1]!), frame.line);
      if (file && !REACT.test(file)) lines.push(show(name, `node_modules/${file}`));
    } else if (module) {
      const id = decodeURI(module[2]!);
      // The factory's head stands on a line of its own above the code.
      const found = versions.original(id, module[1]!, frame.line - 1, frame.column);
      if (!found) continue;
      top ??= found;
      const { file, line, column } = found.location;
      lines.push(show(name, `${file}:${line}:${column}`));
    }
  }
  if (top) top.location.length = wordLength(top.source, top.location);
  return diagnostic(kind, message, {
    location: top?.location ?? null,
    frame: top ? codeFrame(top.source, top.location) : "",
    stack: lines.join("\n"),
  });
}

function show(name: string, place: string): string {
  return name ? `    at ${name} (${place})` : `    at ${place}`;
}

/** esbuild writes each file's name above its code. */
function packageFile(code: string | null, line: number): string | null {
  if (!code) return null;
  const lines = code.split("\n");
  for (let i = Math.min(line, lines.length) - 1; i >= 0; i--) {
    const name = /^\s*\/\/ ((?:@[\w.-]+\/)?[\w.-]+\/\S+\.\w+)$/.exec(lines[i]!)?.[1];
    if (name) return name;
  }
  return null;
}

function wordLength(source: string, location: Location): number {
  const line = source.split("\n")[location.line - 1] ?? "";
  return /^[\w$]+/.exec(line.slice(location.column - 1))?.[0].length ?? 1;
}
