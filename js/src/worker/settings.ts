/** What an app's own configuration says: tsconfig, vite.config, package.json. Read, never run. */
import { posix } from "node:path";
import { type Diagnostic, diagnostic, diagnosticAt, Problem } from "./diagnostics";
import { type Files, folderOf } from "./files";
import { parseJsonc } from "./literal";
import { type Alias, readViteConfig } from "./vite_config";

export interface Settings {
  /** tsconfig `paths`: pattern to paths in the app. */
  paths: [pattern: string, targets: string[]][];
  baseUrl: string | null;
  alias: Alias[];
  jsxImportSource: string;
  jsxClassic: boolean;
  experimentalDecorators: boolean;
  emitDecoratorMetadata: boolean;
  keepUnusedImports: boolean;
  useDefineForClassFields: boolean;
  envPrefix: string[];
  envDir: string;
  publicDir: string;
  define: Record<string, string>;
  /** Name to the range of versions that package.json asks for. */
  dependencies: Map<string, string>;
  diagnostics: Diagnostic[];
  /** The files that this was read from. */
  sources: Set<string>;
}

const VITE_CONFIGS = ["vite.config.ts", "vite.config.js", "vite.config.mts", "vite.config.mjs"];

/** Whether a change of this file changes the settings. */
export function isSettingsFile(path: string, settings: Settings): boolean {
  return (
    path === "package.json" ||
    VITE_CONFIGS.includes(path) ||
    /^[tj]sconfig(\.[\w-]+)?\.json$/.test(path) ||
    settings.sources.has(path)
  );
}

export function readSettings(files: Files): Settings {
  const settings: Settings = {
    paths: [],
    baseUrl: null,
    alias: [],
    jsxImportSource: "react",
    jsxClassic: false,
    experimentalDecorators: false,
    emitDecoratorMetadata: false,
    keepUnusedImports: false,
    useDefineForClassFields: true,
    envPrefix: ["VITE_"],
    envDir: "",
    publicDir: "public",
    define: {},
    dependencies: new Map(),
    diagnostics: [],
    sources: new Set(),
  };
  for (const name of ["tsconfig.json", "jsconfig.json"]) {
    if (!files.isFile(name)) continue;
    readTsconfig(files, name, settings, 0);
    break;
  }
  for (const name of VITE_CONFIGS) {
    if (!files.isFile(name)) continue;
    settings.sources.add(name);
    guard(settings, () => readViteConfig(name, files.text(name), files.root, settings));
    break;
  }
  if (files.isFile("package.json")) {
    guard(settings, () => {
      const json = readJson(files, "package.json") as Record<string, Record<string, string>> | null;
      for (const field of ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]) {
        for (const [name, range] of Object.entries(json?.[field] ?? {})) settings.dependencies.set(name, String(range));
      }
    });
  }
  return settings;
}

function guard(settings: Settings, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (error instanceof Problem) settings.diagnostics.push(...error.diagnostics);
    else settings.diagnostics.push(diagnostic("config", (error as Error).message, { severity: "warning" }));
  }
}

function readJson(files: Files, path: string): unknown {
  const text = files.text(path);
  try {
    return parseJsonc(text);
  } catch (error) {
    const at = (error as { pos?: number }).pos ?? 0;
    const message = (error as Error).message.replace(/ \(\d+:\d+\)$/, "");
    throw new Problem(diagnosticAt("config", `${path}: ${message}`, path, text, at, 1, { severity: "warning" }));
  }
}

interface Tsconfig {
  extends?: string | string[];
  references?: { path?: string }[];
  compilerOptions?: Record<string, unknown>;
}

/** Later readings win: what a file extends comes before it, what it refers to (tsconfig.app.json) after it. */
function readTsconfig(files: Files, path: string, settings: Settings, depth: number): void {
  if (settings.sources.has(path) || depth > 8) return;
  settings.sources.add(path);
  if (!files.isFile(path)) return;
  guard(settings, () => {
    const json = readJson(files, path) as Tsconfig | null;
    if (!json || typeof json !== "object") return;
    const folder = folderOf(path);
    for (const base of [json.extends ?? []].flat()) {
      if (typeof base !== "string" || !base.startsWith(".")) continue;
      const at = posix.join(folder, base);
      readTsconfig(files, at.endsWith(".json") ? at : `${at}.json`, settings, depth + 1);
    }
    if (json.compilerOptions) applyOptions(json.compilerOptions, folder, settings);
    for (const { path: reference } of json.references ?? []) {
      if (typeof reference !== "string" || reference.includes("node")) continue;
      const at = posix.join(folder, reference);
      readTsconfig(files, at.endsWith(".json") ? at : posix.join(at, "tsconfig.json"), settings, depth + 1);
    }
  });
}

function applyOptions(options: Record<string, unknown>, folder: string, settings: Settings): void {
  const flag = (name: string, set: (value: boolean) => void) => {
    if (typeof options[name] === "boolean") set(options[name]);
  };
  if (typeof options.baseUrl === "string") settings.baseUrl = inApp(folder, options.baseUrl);
  if (options.paths && typeof options.paths === "object") {
    const base = settings.baseUrl ?? folder;
    settings.paths = Object.entries(options.paths as Record<string, unknown>)
      .map(([pattern, targets]): [string, string[]] => [
        pattern,
        (Array.isArray(targets) ? targets : []).filter((t) => typeof t === "string").map((t) => inApp(base, t)),
      ])
      .sort(([a], [b]) => prefix(b).length - prefix(a).length);
  }
  if (typeof options.jsxImportSource === "string") settings.jsxImportSource = options.jsxImportSource;
  if (typeof options.jsx === "string") settings.jsxClassic = options.jsx === "react";
  flag("experimentalDecorators", (v) => {
    settings.experimentalDecorators = v;
  });
  flag("emitDecoratorMetadata", (v) => {
    settings.emitDecoratorMetadata = v;
  });
  flag("verbatimModuleSyntax", (v) => {
    settings.keepUnusedImports = v;
  });
  flag("useDefineForClassFields", (v) => {
    settings.useDefineForClassFields = v;
  });
}

function prefix(pattern: string): string {
  return pattern.split("*")[0]!;
}

function inApp(folder: string, path: string): string {
  const joined = posix.normalize(posix.join(folder, path));
  return joined === "." ? "" : joined.replace(/\/$/, "");
}
