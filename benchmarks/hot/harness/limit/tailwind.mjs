// Tailwind v4 kept warm: per edit only the edited sources are scanned, and only new rules go to the page.
import fs from "node:fs";
import path from "node:path";

const UTILITIES = "@layer utilities {";

export class Tailwind {
  static async open(root) {
    const sheet = path.join(root, "src/index.css");
    if (!fs.existsSync(sheet)) return null;
    const { compile } = await import("@tailwindcss/node");
    const { Scanner } = await import("@tailwindcss/oxide");
    const compiler = await compile(fs.readFileSync(sheet, "utf8"), {
      base: path.join(root, "src"),
      shouldRewriteUrls: true,
      onDependency() {},
    });
    return new Tailwind(
      compiler,
      new Scanner({ sources: [{ base: root, pattern: "**/*", negated: false }, ...compiler.sources] }),
    );
  }

  constructor(compiler, scanner) {
    this.compiler = compiler;
    this.scanner = scanner;
    this.seen = new Set(scanner.scan());
    this.css = compiler.build([...this.seen]);
  }

  /** What the page must change; undefined where the sources bring no class that matters. */
  update(sources) {
    const found = this.scanner.scanFiles(sources.map((content) => ({ content, extension: "tsx" })));
    const fresh = found.filter((candidate) => !this.seen.has(candidate));
    if (!fresh.length) return undefined;
    for (const candidate of fresh) this.seen.add(candidate);
    const before = this.css;
    this.css = this.compiler.build(fresh);
    return this.css === before ? undefined : (insertions(before, this.css) ?? this.css);
  }
}

/** The rules of `@layer utilities`, with what stands before and after. */
function split(css) {
  const at = css.indexOf(UTILITIES);
  if (at < 0) return null;
  const rules = [];
  let depth = 0;
  let start = -1;
  let i = at + UTILITIES.length;
  for (; i < css.length; i++) {
    const c = css[i];
    if (start < 0 && depth === 0 && c !== "}" && !/\s/.test(c)) start = i;
    if (c === "{") depth++;
    else if (c === "}") {
      if (depth-- === 0) break;
      if (depth === 0) {
        rules.push(css.slice(start, i + 1));
        start = -1;
      }
    }
  }
  return { head: css.slice(0, at), rules, tail: css.slice(i) };
}

/** New rules with their places, where nothing else differs: the browser then restyles little. */
function insertions(before, after) {
  const a = split(before);
  const b = split(after);
  if (!a || !b || a.head !== b.head || a.tail !== b.tail) return null;
  const inserted = [];
  let i = 0;
  b.rules.forEach((rule, j) => {
    if (a.rules[i] === rule) i++;
    else inserted.push([j, rule]);
  });
  return i === a.rules.length ? { inserted } : null;
}
