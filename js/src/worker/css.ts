/** Reads style sheets just far enough: imports, addresses, and whether brackets and strings are closed. */

export interface CssImport {
  start: number;
  end: number;
  specifier: string;
  /** What follows the address: layer, supports() and media conditions. */
  condition: string;
}

export interface CssUrl {
  start: number;
  end: number;
  url: string;
}

export interface CssParts {
  imports: CssImport[];
  urls: CssUrl[];
  error: { message: string; offset: number } | null;
}

const NAME = /[\w-]/;

export function scanCss(css: string): CssParts {
  const parts: CssParts = { imports: [], urls: [], error: null };
  const open: { bracket: string; offset: number }[] = [];
  let i = 0;
  const fail = (message: string, offset: number) => {
    parts.error ??= { message, offset };
  };
  while (i < css.length) {
    const c = css[i]!;
    if (c === "/" && css[i + 1] === "*") {
      const end = css.indexOf("*/", i + 2);
      if (end < 0) fail("Unclosed comment", i);
      i = end < 0 ? css.length : end + 2;
    } else if (c === '"' || c === "'") {
      const end = stringEnd(css, i);
      if (end < 0) {
        fail("Unclosed string", i);
        i = css.length;
      } else i = end;
    } else if (c === "\\") {
      i += 2;
    } else if (c === "{" || c === "(" || c === "[") {
      open.push({ bracket: c, offset: i++ });
    } else if (c === "}" || c === ")" || c === "]") {
      const last = open.pop();
      const wanted = c === "}" ? "{" : c === ")" ? "(" : "[";
      if (!last) fail(`Unexpected ${c}`, i);
      else if (last.bracket !== wanted) fail(`Unclosed ${last.bracket === "{" ? "block" : last.bracket}`, last.offset);
      i++;
    } else if ((c === "u" || c === "U") && /^url\(/i.test(css.slice(i, i + 4)) && !NAME.test(css[i - 1] ?? " ")) {
      i = readUrl(css, i, parts, fail);
    } else if (c === "@" && open.length === 0 && /^@import[\s"'(/]/i.test(css.slice(i, i + 8))) {
      i = readImport(css, i, parts);
    } else {
      i++;
    }
  }
  const last = open[0];
  if (last) fail(last.bracket === "{" ? "Unclosed block" : `Unclosed ${last.bracket}`, last.offset);
  return parts;
}

/** The offset after a string's closing quote; -1 where its line ends first. */
function stringEnd(css: string, start: number): number {
  for (let i = start + 1; i < css.length; i++) {
    if (css[i] === "\\") i++;
    else if (css[i] === "\n") return -1;
    else if (css[i] === css[start]) return i + 1;
  }
  return -1;
}

function readUrl(css: string, start: number, parts: CssParts, fail: (m: string, o: number) => void): number {
  let i = start + 4;
  while (/\s/.test(css[i] ?? "")) i++;
  let url: string;
  if (css[i] === '"' || css[i] === "'") {
    const end = stringEnd(css, i);
    if (end < 0) {
      fail("Unclosed string", i);
      return css.length;
    }
    url = decodeEscapes(css.slice(i + 1, end - 1));
    i = end;
  } else {
    let end = css.indexOf(")", i);
    while (end > 0 && css[end - 1] === "\\") end = css.indexOf(")", end + 1);
    if (end < 0) {
      fail("Unclosed (", start);
      return css.length;
    }
    url = decodeEscapes(css.slice(i, end).trim());
    i = end;
  }
  const close = css.indexOf(")", i);
  if (close < 0) {
    fail("Unclosed (", start);
    return css.length;
  }
  parts.urls.push({ start, end: close + 1, url });
  return close + 1;
}

function readImport(css: string, start: number, parts: CssParts): number {
  const rest = css.slice(start);
  const match =
    /^@import\s*(?:\/\*[\s\S]*?\*\/\s*)*(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|url\(\s*(?:"([^"]*)"|'([^']*)'|([^)'"]*?))\s*\))/i.exec(
      rest,
    );
  if (!match) return start + 7;
  let i = start + match[0].length;
  let depth = 0;
  const from = i;
  for (; i < css.length; i++) {
    const c = css[i]!;
    if (c === "(") depth++;
    else if (c === ")") depth--;
    else if ((c === '"' || c === "'") && stringEnd(css, i) > 0) i = stringEnd(css, i) - 1;
    else if ((c === ";" || c === "}") && depth <= 0) break;
  }
  const specifier = decodeEscapes(match.slice(1).find((m) => m !== undefined) ?? "");
  const end = css[i] === ";" ? i + 1 : i;
  parts.imports.push({ start, end, specifier, condition: css.slice(from, i).trim() });
  return end;
}

function decodeEscapes(text: string): string {
  return text.replace(/\\([0-9a-f]{1,6}\s?|.)/gi, (_, e: string) =>
    /^[0-9a-f]/i.test(e) ? String.fromCodePoint(Number.parseInt(e, 16)) : e,
  );
}

/** Puts text in the place of an import, within its layer, support and media conditions. */
export function conditioned(css: string, condition: string): string {
  let rest = condition;
  let out = css;
  const layer = /^layer(?:\(([^)]*)\))?(?=\s|$)/i.exec(rest);
  if (layer) rest = rest.slice(layer[0].length).trim();
  let supports = "";
  if (/^supports\(/i.test(rest)) {
    let depth = 0;
    let end = 8;
    for (; end < rest.length; end++) {
      if (rest[end] === "(") depth++;
      else if (rest[end] === ")" && --depth === 0) break;
    }
    supports = rest.slice(9, end);
    rest = rest.slice(end + 1).trim();
  }
  if (layer) out = `@layer ${layer[1]?.trim() ?? ""} {\n${out}\n}`;
  if (supports) out = `@supports ${/^\(|^not\b|^selector\(/.test(supports) ? supports : `(${supports})`} {\n${out}\n}`;
  return rest ? `@media ${rest} {\n${out}\n}` : out;
}

/** Replaces spans, given in order. */
export function splice(text: string, spans: readonly { start: number; end: number; text: string }[]): string {
  let out = "";
  let at = 0;
  for (const span of spans) {
    out += text.slice(at, span.start) + span.text;
    at = span.end;
  }
  return out + text.slice(at);
}
