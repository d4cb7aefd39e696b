/** Imports that are added as the file writes its own, and taken away with the last use. */
import { type Node, walk } from "../literal";
import { boundNames, type Import, importsOf, type Source } from "../repair/sources";
import type { Library } from "./bindings";
import { parsed } from "./parsed";
import type { Reading } from "./reading";
import type { Style } from "./style";

/** A name that a file is to have. */
export interface Wanted {
  /** The module of the app, or the specifier of anything else. */
  path: string | null;
  specifier: string;
  /** `default`, `*`, or a name. */
  imported: string;
  local: string;
}

/** What the names of a file's imports are imported as. */
export function importedNames(source: Source, library: Library): Map<string, Wanted> {
  const out = new Map<string, Wanted>();
  for (const { node, specifier, names } of importsOf(source)) {
    if (node.importKind === "type") continue;
    const path = library.resolve(specifier, source.path);
    for (const { kind, imported, local } of names) {
      out.set(local, { path, specifier, imported: kind === "namespace" ? "*" : imported, local });
    }
  }
  return out;
}

/** Names that are used outside of imports, whatever they mean there. */
export function usedIn(body: Node[]): Set<string> {
  const names = new Set<string>();
  walk(
    body.filter((node) => node.type !== "ImportDeclaration"),
    (node) => {
      if (node.type === "Identifier" || node.type === "JSXIdentifier") names.add(node.name as string);
    },
  );
  return names;
}

/** How often each of some names is there, whatever it is there. */
export function countIn(text: string, names: readonly string[]): Map<string, number> {
  const out = new Map(names.map((name) => [name, 0]));
  if (!names.length) return out;
  const any = new RegExp(`(?<![\\w$])(?:${names.map((name) => name.replaceAll("$", "\\$")).join("|")})(?![\\w$])`, "g");
  for (const [name] of text.matchAll(any)) out.set(name, out.get(name)! + 1);
  return out;
}

/** The text with one import more. */
export function withImport(path: string, text: string, wanted: Wanted, style: Style, library: Library): string {
  const source = parsed(path, text);
  const imports = importsOf(source);
  const standard = wanted.imported === "default";
  const name = wanted.imported === wanted.local || standard ? wanted.local : `${wanted.imported} as ${wanted.local}`;
  const there = imports.find((i) => {
    if (i.node.importKind === "type" || !i.names.length || i.names.some((n) => n.kind === "namespace")) return false;
    const same = wanted.path ? library.resolve(i.specifier, path) === wanted.path : i.specifier === wanted.specifier;
    return same && !(standard && i.names.some((n) => n.kind === "default"));
  });
  if (there && wanted.imported !== "*") return extended(text, there, name, standard, style);
  const specifier = wanted.path ? specifierFor(source, imports, wanted.path, library) : wanted.specifier;
  const list = wanted.imported === "*" ? `* as ${wanted.local}` : standard ? name : `{ ${name} }`;
  const line = `import ${list} from ${style.quote}${specifier}${style.quote}${style.semicolon}`;
  return inserted(source, imports, line, style, library);
}

function extended(text: string, there: Import, name: string, standard: boolean, style: Style): string {
  const { node, names } = there;
  if (standard) {
    const at = text.indexOf("{", node.start);
    return `${text.slice(0, at)}${name}, ${text.slice(at)}`;
  }
  const named = names.filter((n) => n.kind === "named");
  const last = named.at(-1)?.node;
  if (!last) {
    const { end } = names[0]!.node;
    return `${text.slice(0, end)}, { ${name} }${text.slice(end)}`;
  }
  const lead = /(?:^|\n)([ \t]*)$/.exec(text.slice(0, last.start));
  const between = lead && text.slice(node.start, last.start).includes("\n") ? `,${style.newline}${lead[1]}` : ", ";
  return text.slice(0, last.end) + between + name + text.slice(last.end);
}

function inserted(source: Source, imports: Import[], line: string, style: Style, library: Library): string {
  const { text, body, path } = source;
  const own = imports.filter((i) => i.names.length && library.resolve(i.specifier, path));
  const after = own.at(-1) ?? imports.filter((i) => i.names.length).at(-1);
  if (after) {
    const end = text.indexOf("\n", after.node.end);
    if (end < 0) return `${text}${style.newline}${line}`;
    // Another statement on the same line stays where it is.
    const rest = text.slice(after.node.end, end);
    const at = /^\s*(?:\/\/.*|\/\*.*\*\/\s*)?\r?$/.test(rest) ? end + 1 : after.node.end;
    return at === end + 1
      ? `${text.slice(0, at)}${line}${style.newline}${text.slice(at)}`
      : `${text.slice(0, at)}${style.newline}${line}${text.slice(at)}`;
  }
  const first = body.find((node) => !(node.type === "ExpressionStatement" && typeof node.directive === "string"));
  const start = first ? (imports[0]?.node.start ?? aboveComments(text, first.start, body)) : text.length;
  const gap = imports.length ? style.newline : style.newline + style.newline;
  return `${text.slice(0, start)}${line}${gap}${text.slice(start)}`;
}

/** The start of the comments that belong to a statement: those without an empty line between them and it. */
function aboveComments(text: string, start: number, body: Node[]): number {
  const floor = body.filter((node) => node.end <= start).at(-1)?.end ?? 0;
  const comments = /(?:(?:\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/[ \t]*\r?\n)[ \t]*)+$/.exec(text.slice(floor, start));
  if (!comments || text.startsWith("#!")) return start;
  return floor + comments.index;
}

/** As the file imports other modules of the app: by an alias or relative, with or without the extension. */
function specifierFor({ path }: Source, imports: Import[], to: string, library: Library): string {
  const usual = library.specifier(path, to);
  const own = imports.filter((i) => i.names.length && library.resolve(i.specifier, path)).map((i) => i.specifier);
  if (!own.length) return usual;
  const relative = own.filter((s) => s.startsWith(".")).length * 2 >= own.length;
  const written = own.filter((s) => /\.[jt]sx?$/.test(s)).length * 2 > own.length;
  const bare = relative && !usual.startsWith(".") ? relativeTo(path, to) : usual;
  const extension = /\.\w+$/.exec(to)![0];
  if (written)
    return /\/index\.\w+$/.test(to) && !bare.endsWith("/index") ? `${bare}/index${extension}` : bare + extension;
  return bare;
}

function relativeTo(from: string, to: string): string {
  const [a, b] = [
    from.split("/").slice(0, -1),
    to
      .replace(/\.\w+$/, "")
      .replace(/\/index$/, "")
      .split("/"),
  ];
  let same = 0;
  while (same < a.length && same < b.length - 1 && a[same] === b[same]) same++;
  const up = "../".repeat(a.length - same) || "./";
  return up + b.slice(same).join("/");
}

/** The text without the imports whose last use was in `before`. */
export function withoutUnused(path: string, text: string, before: Source): string {
  const locals = importsOf(before).flatMap((i) => i.names.map((n) => n.local));
  const [counts, former] = [countIn(text, locals), countIn(before.text, locals)];
  if (locals.every((local) => counts.get(local)! >= former.get(local)!)) return text;
  const source = parsed(path, text);
  if (!source.parsed) return text;
  const used = usedIn(source.body);
  const usedBefore = usedIn(before.body);
  const gone = (local: string) => usedBefore.has(local) && !used.has(local) && local !== "React";
  let out = text;
  for (const { node, names } of importsOf(source).reverse()) {
    const left = names.filter((n) => !gone(n.local));
    if (!names.length || left.length === names.length) continue;
    out = left.length ? withoutNames(out, names, left) : withoutStatement(out, node);
  }
  return out;
}

function withoutNames(text: string, names: Import["names"], left: Import["names"]): string {
  const named = names.filter((n) => n.kind === "named");
  const kept = left.filter((n) => n.kind === "named");
  const space = names.find((n) => n.kind === "namespace");
  let out = text;
  if (space && !left.includes(space)) {
    out = out.slice(0, names[0]!.node.end) + out.slice(space.node.end);
  } else if (!kept.length && named.length) {
    const comma = names[0]!.node.end;
    const close = out.indexOf("}", named.at(-1)!.node.end) + 1;
    out = out.slice(0, comma) + out.slice(close);
  } else {
    for (const name of [...named].reverse()) {
      if (kept.includes(name)) continue;
      out = withoutName(out, name.node);
    }
  }
  const standard = names.find((n) => n.kind === "default");
  if (standard && !left.includes(standard)) {
    const rest = /^\s*,\s*/.exec(out.slice(standard.node.end))?.[0].length ?? 0;
    out = out.slice(0, standard.node.start) + out.slice(standard.node.end + rest);
  }
  return out;
}

function withoutName(text: string, { start, end }: Node): string {
  const comma = /^[ \t]*,/.exec(text.slice(end))?.[0].length;
  const lead = /(?:^|\n)[ \t]*$/.exec(text.slice(0, start));
  if (comma !== undefined) {
    const rest = text.slice(end + comma);
    const line = lead && /^[ \t]*\r?\n/.exec(rest);
    if (line) return text.slice(0, lead.index + 1) + rest.slice(line[0].length);
    return text.slice(0, start) + rest.replace(/^[ \t]+/, "");
  }
  const before = /,\s*$/.exec(text.slice(0, start));
  return text.slice(0, before ? before.index : start) + text.slice(end);
}

function withoutStatement(text: string, { start, end }: Node): string {
  const rest = /^[ \t]*;?[ \t]*\r?\n?/.exec(text.slice(end))![0];
  const whole = /(?:^|\n)$/.test(text.slice(0, start)) && /\n$/.test(rest);
  const out = text.slice(0, start) + text.slice(whole ? end + rest.length : end);
  // Of the empty lines that set it off, one is left.
  const alone = whole && /(?:^|\n\r?\n)$/.test(text.slice(0, start));
  return alone ? out.slice(0, start) + out.slice(start).replace(/^(?:[ \t]*\r?\n)+/, "") : out;
}

/** Names that came back with what came back: their imports had been taken away. */
export function withMissing(text: string, reading: Reading, known: ReadonlyMap<string, Wanted>): string {
  const { path } = reading.source;
  const bound = importedNames(reading.source, reading.bindings.library);
  const lost = [...known.values()].filter(({ local }) => !bound.has(local));
  const counts = countIn(
    text,
    lost.map(({ local }) => local),
  );
  const wanted = lost.filter(({ local }) => counts.get(local));
  if (!wanted.length) return text;
  const { body } = parsed(path, text);
  const [used, names, former] = [usedIn(body), boundNames(body), usedIn(reading.source.body)];
  return wanted
    .filter(({ local }) => used.has(local) && !names.has(local) && !former.has(local))
    .reduce((out, one) => withImport(path, out, one, reading.style, reading.bindings.library), text);
}
