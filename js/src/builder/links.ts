/**
 * Between the app's chunks and those of its packages, which are bundled apart: an edit of the app leaves the packages'
 * chunks as they are, so that they need not be made, sent and loaded again.
 */
import type { Span } from "../worker/spans";

/** Stands before a package's name where a chunk imports it. */
export const PREFIX = "overskill-npm:";
/** For a module as a whole, beside the names of its exports. */
export const WHOLE = "*";

/** Package to the exports that are used of it; none for its effects alone. */
export type Wanted = Map<string, Set<string>>;

export interface Link {
  start: number;
  end: number;
  kind: "import" | "export" | "dynamic" | "star";
  specifier: string;
  /** Exported name to the name here. */
  names: [name: string, local: string][];
}

const NAME = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`;
/** As esbuild writes them when it minifies. */
const STATIC = new RegExp(
  String.raw`\b(import|export)\s*(?:(${NAME})\s*,?)?\s*(?:(\*)\s*(?:as\s+(${NAME}|"(?:[^"\\]|\\.)*"))?)?\s*(?:\{([^{}]*)\})?\s*(?:from)?\s*"${PREFIX}([^"]+)";?`,
  "gu",
);
const DYNAMIC = new RegExp(String.raw`\bimport\("${PREFIX}([^"]+)"\)`, "g");

/** The places where a chunk imports packages, in order. */
export function readLinks(code: string): Link[] {
  if (!code.includes(PREFIX)) return [];
  const links: Link[] = [];
  for (const match of code.matchAll(STATIC)) {
    const [all, keyword, byDefault, star, namespace, braces, specifier] = match;
    const names: Link["names"] = [];
    if (byDefault) names.push(["default", byDefault]);
    if (star && namespace) names.push([WHOLE, namespace]);
    for (const item of braces?.split(",") ?? []) {
      const [name, local = name] = item.trim().split(/\s+as\s+/);
      if (name) names.push([name, local!]);
    }
    const kind = star && !namespace ? "star" : (keyword as "import" | "export");
    links.push({ start: match.index, end: match.index + all.length, kind, specifier: specifier!, names });
  }
  for (const match of code.matchAll(DYNAMIC)) {
    const [all, specifier] = match;
    links.push({
      start: match.index,
      end: match.index + all.length,
      kind: "dynamic",
      specifier: specifier!,
      names: [],
    });
  }
  return links.sort((a, b) => a.start - b.start);
}

/** What a chunk's static imports want. */
export function wantedBy(links: Link[]): Wanted {
  const wanted: Wanted = new Map();
  for (const { kind, specifier, names } of links) {
    if (kind === "dynamic") continue;
    const of = wanted.get(specifier) ?? new Set();
    for (const [name] of names) of.add(name);
    wanted.set(specifier, of);
  }
  return wanted;
}

/** The name under which a packages' chunk exports a package's export. */
export function aliases(wanted: Wanted): Map<string, string> {
  const all = [...wanted].flatMap(([specifier, names]) => [...names].map((name) => `${specifier}\0${name}`));
  return new Map(all.sort().map((key, index) => [key, letters(index)]));
}

/** The script whose exports these are. */
export function entryOf(wanted: Wanted): string {
  const names = aliases(wanted);
  return [...wanted]
    .flatMap(([specifier, of]) => {
      const from = JSON.stringify(specifier);
      const lines = [...of].sort().map((name) => {
        const alias = names.get(`${specifier}\0${name}`)!;
        return name === WHOLE ? `export * as ${alias} from ${from};` : `export { ${name} as ${alias} } from ${from};`;
      });
      return lines.length ? lines : [`import ${from};`];
    })
    .join("\n");
}

/** What takes the place of the links, given the files of the packages' chunks. */
export function linked(links: Link[], wanted: Wanted, own: string, dynamic: (specifier: string) => string): Span[] {
  const names = aliases(wanted);
  // All imports become one: they are hoisted anyway.
  const imported: Link["names"] = [];
  const first = links.find(({ kind }) => kind === "import");
  for (const { kind, specifier, names: of } of links) {
    if (kind === "import")
      imported.push(...of.map(([name, local]): [string, string] => [`${specifier}\0${name}`, local]));
  }
  return links.map((link) => {
    const { start, end, kind, specifier } = link;
    if (kind === "dynamic") return { start, end, text: `import("./${dynamic(specifier)}").then(m=>m.${letters(0)})` };
    if (kind === "import" && link !== first) return { start, end, text: "" };
    const all =
      kind === "import" ? imported : link.names.map(([name, local]) => [`${specifier}\0${name}`, local] as const);
    const items = all.map(([key, local]) => (names.get(key) === local ? local : `${names.get(key)} as ${local}`));
    return { start, end, text: `${kind}${items.length ? `{${items.join(",")}}from` : ""}"./${own}";` };
  });
}

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** No word of the language: exports may have such names, but bindings of the importer may not. */
function letters(index: number): string {
  let text = "";
  for (let rest = index; ; rest = Math.floor(rest / 52) - 1) {
    text = LETTERS[rest % 52] + text;
    if (rest < 52) return text;
  }
}
