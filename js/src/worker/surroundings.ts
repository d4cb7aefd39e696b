/** What a model is told of an app: its components with their props, its packages, its theme. */
import type { App } from "./app";
import { Sources, stem } from "./repair/sources";

export interface Surroundings {
  components: { path: string; name: string; isDefault: boolean; props: string }[];
  /** Other names that the app's own modules export, such as `cn`. */
  helpers: { path: string; name: string }[];
  packages: Record<string, string>;
  tailwind: number | null;
  /** Custom properties of the app's theme. */
  tokens: string[];
  /** Some icons that are installed. */
  icons: string[];
  iconPackage: string;
  alias: boolean;
  react: string | null;
}

const EXPORT =
  /^export\s+(default\s+)?(?:async\s+)?(?:function|const|class)\s+([A-Za-z_$][\w$]*)\s*(?:<[^>]*>)?\s*(?:[:=]\s*(?:[\w.]*(?:FC|memo|forwardRef)[^(]*)?)?\s*(\([^)]{0,400}\))?/gm;
const DEFAULT = /^export\s+default\s+([A-Z][\w$]*)\s*;?\s*$/m;
const ICONS = "lucide-react";
const USUAL =
  `Plus Minus X Check Search Trash2 Pencil Settings User Mail Heart Star Menu ChevronDown ChevronUp ChevronLeft
  ChevronRight ArrowUp ArrowDown ArrowUpDown Calendar Clock Play Pause RotateCcw Copy Sun Moon Bell Home ShoppingCart Filter
  Download Upload Eye EyeOff Info AlertTriangle`.split(/\s+/);

export function surroundings(app: App): Surroundings {
  const { project } = app;
  const sources = new Sources(project);
  const out: Surroundings = {
    components: [],
    helpers: [],
    packages: {},
    tailwind: app.info().tailwind,
    tokens: [],
    icons: [],
    iconPackage: "",
    alias: sources.specifier("src/a.tsx", "src/b/c.tsx").startsWith("@/"),
    react: project.packages.version("react"),
  };
  for (const path of sources.paths) {
    if (project.entries.includes(path) || !path.startsWith("src/")) continue;
    const text = sources.text(path);
    const standard = DEFAULT.exec(text)?.[1];
    for (const [, isDefault, name, parameters] of text.matchAll(EXPORT)) {
      if (/^[A-Z]/.test(name!) && /x$/.test(path)) {
        const component = {
          path,
          name: name!,
          isDefault: isDefault !== undefined || name === standard,
          props: tidy(parameters, text),
        };
        out.components.push(component);
      } else if (/^[a-z]/.test(name!)) out.helpers.push({ path, name: name! });
    }
    if (standard && !out.components.some((c) => c.path === path && c.name === standard)) {
      out.components.push({ path, name: standard, isDefault: true, props: tidy("", text) });
    }
  }
  out.components.sort((a, b) => (a.path < b.path ? -1 : 1) || (stem(a.path) === a.name ? -1 : 1));
  for (const name of [...project.settings.dependencies.keys()].sort()) {
    const version = project.packages.version(name);
    if (version) out.packages[name] = version;
  }
  for (const path of project.files.walk("src").filter((p) => p.endsWith(".css"))) {
    for (const [, token] of project.textOf(path).matchAll(/^\s*(--[\w-]+)\s*:/gm)) {
      if (!out.tokens.includes(token!) && out.tokens.length < 80) out.tokens.push(token!);
    }
  }
  if (sources.installed(ICONS)) {
    const known = sources.exportsOf(ICONS);
    out.iconPackage = ICONS;
    out.icons = USUAL.filter((name) => known.has(name));
  }
  return out;
}

const PROPS = /(?:interface|type)\s+\w*Props\w*\s*(?:=\s*)?(\{[^{}]{0,600}\})/;

/** The type of its props, where it is written in one place. */
function tidy(parameters: string | undefined, text: string): string {
  const literal = /:\s*(\{[\s\S]*\})\s*\)?$/.exec(parameters ?? "")?.[1];
  const found = literal ?? PROPS.exec(text)?.[1] ?? "";
  return found
    .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "")
    .replace(/\s+/g, " ")
    .slice(0, 400);
}
