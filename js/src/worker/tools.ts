/**
 * The native and third-party tools. They live in the toolchain's folder, are loaded when first needed, and each says
 * its own name when it cannot be loaded.
 */
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type * as TraceMapping from "@jridgewell/trace-mapping";
import type * as Esbuild from "esbuild";

export const toolsFolder = resolve(process.env.OVERSKILL_TOOLS ?? process.cwd());
export const cacheFolder = process.env.OVERSKILL_CACHE ? resolve(process.env.OVERSKILL_CACHE) : "";

const require = createRequire(join(toolsFolder, "package.json"));

export interface OxcError {
  severity: "Error" | "Warning" | "Advice";
  message: string;
  labels: { message: string | null; start: number; end: number }[];
  helpMessage: string | null;
}

export interface SourceMap {
  version: number;
  mappings: string;
  names: string[];
  sources: string[];
  sourcesContent?: (string | null)[];
}

export interface Oxc {
  transformSync(
    name: string,
    source: string,
    options: Record<string, unknown>,
  ): { code: string; map?: SourceMap; errors: OxcError[] };
  moduleRunnerTransformSync(
    name: string,
    source: string,
    options: { sourcemap: boolean },
  ): { code: string; map?: SourceMap; deps: string[]; dynamicDeps: string[]; errors: OxcError[] };
}

export interface OxcComment {
  type: "Line" | "Block";
  value: string;
  start: number;
  end: number;
}

export interface OxcParser {
  parseSync(
    name: string,
    source: string,
    options: { lang: string; sourceType: "module" },
  ): { program: unknown; comments: OxcComment[]; errors: OxcError[] };
}

export interface OxcMinify {
  minify(
    name: string,
    source: string,
    options: { module: boolean; compress: { target: string[] }; mangle: { toplevel: boolean } },
  ): Promise<{ code: string; errors: OxcError[] }>;
}

export interface PackageResolver {
  sync(folder: string, request: string): { path?: string; error?: string };
  clearCache(): void;
}

export interface Lightning {
  transform(options: Record<string, unknown>): {
    code: Uint8Array;
    exports?: Record<string, LightningExport>;
    warnings: { message: string; loc: { line: number; column: number } }[];
  };
}

export interface LightningExport {
  name: string;
  composes: (
    | { type: "local"; name: string }
    | { type: "global"; name: string }
    | { type: "dependency"; name: string; specifier: string }
  )[];
}

export interface TailwindCompiler {
  sources: { base: string; pattern: string; negated: boolean }[];
  root: "none" | { base: string; pattern: string } | null;
  features: number;
  build(candidates: string[]): string;
}

export interface TailwindCore {
  compile(
    css: string,
    options: {
      base: string;
      from?: string;
      loadModule(id: string, base: string, hint: string): Promise<{ path: string; base: string; module: unknown }>;
      loadStylesheet(id: string, base: string): Promise<{ path: string; base: string; content: string }>;
    },
  ): Promise<TailwindCompiler>;
}

export interface TailwindNode {
  loadModule(
    id: string,
    base: string,
    onDependency: (path: string) => void,
  ): Promise<{ path: string; base: string; module: unknown }>;
}

export interface Scanner {
  scan(): string[];
  scanFiles(files: { content: string; extension: string }[]): string[];
}

export interface Oxide {
  Scanner: new (options: { sources: { base: string; pattern: string; negated: boolean }[] }) => Scanner;
}

/** Nothing can be compiled without the tool: the request fails, and the message says which one it is. */
export class ToolError extends Error {}

const loaded = new Map<string, unknown>();

function tool<T>(name: string): T {
  let found = loaded.get(name);
  if (found === undefined) {
    try {
      found = require(name);
    } catch (error) {
      throw new ToolError(`The JavaScript tool "${name}" cannot be loaded: ${(error as Error).message.split("\n")[0]}`);
    }
    loaded.set(name, found);
  }
  return found as T;
}

export const oxc = () => tool<Oxc>("oxc-transform");
export const oxcParser = () => tool<OxcParser>("oxc-parser");
export const oxcMinify = () => tool<OxcMinify>("oxc-minify");
export const esbuild = () => tool<typeof Esbuild>("esbuild");
export const lightning = () => tool<Lightning>("lightningcss");
export const oxide = () => tool<Oxide>("@tailwindcss/oxide");
export const tailwindNode = () => tool<TailwindNode>("@tailwindcss/node");
export const traceMapping = () => tool<typeof TraceMapping>("@jridgewell/trace-mapping");

/** esbuild's process ends when it has had nothing to build for so long, in milliseconds: it keeps what it allocated. */
const IDLE = 3000;
/** As it ends soon, it collects garbage only where memory gets tight: a third less work. */
const MEMORY = { GOGC: "off", GOMEMLIMIT: "1GiB" };

let building = 0;
let idle: NodeJS.Timeout | undefined;

/** esbuild's `build`. */
export async function build<T extends Esbuild.BuildOptions>(
  options: Esbuild.SameShape<Esbuild.BuildOptions, T>,
): Promise<Esbuild.BuildResult<T>> {
  for (const [name, value] of Object.entries(MEMORY)) process.env[name] ??= value;
  clearTimeout(idle);
  building += 1;
  try {
    return await esbuild().build<T>(options);
  } finally {
    building -= 1;
    if (building === 0) idle = setTimeout(() => void esbuild().stop(), IDLE).unref();
  }
}

export function packageResolver(options: Record<string, unknown>): PackageResolver {
  const { ResolverFactory } = tool<{ ResolverFactory: new (o: Record<string, unknown>) => PackageResolver }>(
    "oxc-resolver",
  );
  return new ResolverFactory(options);
}

/** Loads what every app needs, so that the first build does not wait for it. */
export function warmUp(): void {
  for (const load of [oxc, esbuild, () => tool("oxc-resolver")]) {
    setImmediate(() => {
      try {
        load();
      } catch {
        // Told by the request that needs the tool.
      }
    });
  }
}
