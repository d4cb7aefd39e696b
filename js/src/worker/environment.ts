/** `import.meta.env`: the app's .env files and Vite's own values, as a module. */
import { type Files, folderOf } from "./files";
import type { Settings } from "./settings";

export const ENVIRONMENT = "virtual:env";

/** What Vite calls it: a preview is in development, a build for deployment in production. */
export type Mode = "development" | "production";

/** Later files win. */
const filesOf = (mode: Mode) => [".env", ".env.local", `.env.${mode}`, `.env.${mode}.local`];

export function isEnvironmentFile(path: string, settings: Settings): boolean {
  const name = path.slice(settings.envDir ? settings.envDir.length + 1 : 0);
  return folderOf(path) === settings.envDir && filesOf("development").includes(name);
}

/** Only keys with the app's prefix (`VITE_`) get out: the rest of a .env file is secret. */
export function readEnvironment(files: Files, settings: Settings, mode: Mode): Record<string, string | boolean> {
  const all = new Map<string, string>();
  for (const name of filesOf(mode)) {
    const path = settings.envDir ? `${settings.envDir}/${name}` : name;
    if (!files.isFile(path)) continue;
    for (const [key, value] of parseDotenv(files.text(path))) all.set(key, value);
  }
  const visible = [...all.keys()].filter((key) => settings.envPrefix.some((p) => key.startsWith(p)));
  const out: Record<string, string | boolean> = {
    BASE_URL: "/",
    MODE: mode,
    DEV: mode === "development",
    PROD: mode === "production",
    SSR: false,
  };
  for (const key of visible.sort()) out[key] = expand(key, all, new Set());
  return out;
}

const LINE =
  /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/gm;

/** The format of dotenv. */
export function parseDotenv(text: string): Map<string, string> {
  const out = new Map<string, string>();
  for (const [, key, raw] of text.replace(/\r\n?/g, "\n").matchAll(LINE)) {
    const value = (raw ?? "").trim();
    const quote = value[0];
    const bare = value.replace(/^(['"`])([\s\S]*)\1$/, "$2");
    out.set(key!, quote === '"' ? bare.replace(/\\n/g, "\n").replace(/\\r/g, "\r") : bare);
  }
  return out;
}

/** `${OTHER}` and `$OTHER` stand for other keys of the files; `\$` for a dollar sign. */
function expand(key: string, all: Map<string, string>, within: Set<string>): string {
  const value = all.get(key);
  if (value === undefined || within.has(key)) return "";
  within.add(key);
  const out = value.replace(
    /\\\$|\$\{([\w]+)(?::?-([^}]*))?\}|\$(\w+)/g,
    (match, braced?: string, fallback?: string, plain?: string) => {
      if (match === "\\$") return "$";
      return expand((braced ?? plain)!, all, within) || (fallback ?? "");
    },
  );
  within.delete(key);
  return out;
}
