/** A stylesheet's text as a list of rules, just as far as it takes to compare two versions of it. */

export interface Rule {
  text: string;
  /** What stands before the block. */
  head: string;
  /** What stands in it; null for a statement such as `@import`. */
  body: string | null;
}

const CLOSING: Record<string, string> = { "(": ")", "[": "]", "{": "}" };

/** The rules of a sheet, or of a rule's block; null where brackets or strings are left open. */
export function rulesOf(css: string): Rule[] | null {
  const rules: Rule[] = [];
  let start = -1;
  for (let i = 0; i < css.length; i++) {
    const char = css[i]!;
    if (css.startsWith("/*", i)) {
      i = endOfComment(css, i);
      continue;
    }
    if (start < 0) {
      if (/\s/.test(char)) continue;
      start = i;
    }
    if (char === ";" || char === "{") {
      const end = char === ";" ? i : skip(css, i);
      if (end < 0) return null;
      const head = css.slice(start, i).trim();
      const body = char === ";" ? null : css.slice(i + 1, end);
      rules.push({ text: css.slice(start, end + 1), head, body });
      i = end;
      start = -1;
    } else {
      i = skip(css, i);
      if (i < 0) return null;
    }
  }
  return start < 0 ? rules : null;
}

/** Where what begins at `i` ends: a bracket with all in it, a string, an escaped character, or just this one; -1 for never. */
function skip(css: string, i: number): number {
  const char = css[i]!;
  if (char === "\\") return i + 1;
  if (char === '"' || char === "'") {
    for (let at = i + 1; at < css.length; at++) {
      if (css[at] === "\\") at += 1;
      else if (css[at] === char) return at;
    }
    return -1;
  }
  const closing = CLOSING[char];
  if (!closing) return i;
  for (let at = i + 1; at < css.length; at++) {
    if (css[at] === closing) return at;
    at = css.startsWith("/*", at) ? endOfComment(css, at) : skip(css, at);
    if (at < 0) return -1;
  }
  return -1;
}

function endOfComment(css: string, i: number): number {
  const end = css.indexOf("*/", i + 2);
  return end < 0 ? css.length : end + 1;
}
