/** Just enough of HTML's tokens to take an index.html apart without changing what it says. */

export interface Tag {
  name: string;
  attributes: Map<string, string>;
  start: number;
  end: number;
  closing: boolean;
  /** For script, style, title and the like: where the text in it ends, and where the element does. */
  textEnd?: number;
  elementEnd?: number;
}

const RAW = new Set(["script", "style", "title", "textarea", "noscript"]);

/** All tags in order; comments and what is inside scripts are passed over. */
export function readTags(html: string): Tag[] {
  const tags: Tag[] = [];
  let i = 0;
  while (i < html.length) {
    const open = html.indexOf("<", i);
    if (open < 0) break;
    if (html.startsWith("<!--", open)) {
      const end = html.indexOf("-->", open + 4);
      i = end < 0 ? html.length : end + 3;
      continue;
    }
    const match = /^<(\/?)([a-zA-Z][^\s/>]*)/.exec(html.slice(open, open + 80));
    if (!match) {
      i = open + 1;
      continue;
    }
    const tag = readTag(html, open, match[0].length, match[2]!.toLowerCase(), match[1] === "/");
    i = tag.end;
    if (!tag.closing && RAW.has(tag.name)) {
      const close = new RegExp(`</${tag.name}[\\s/>]`, "i").exec(html.slice(i));
      tag.textEnd = close ? i + close.index : html.length;
      const end = html.indexOf(">", tag.textEnd);
      tag.elementEnd = end < 0 ? html.length : end + 1;
      i = tag.elementEnd;
    }
    tags.push(tag);
  }
  return tags;
}

const ATTRIBUTE = /[\s/]*([^\s=>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/y;

function readTag(html: string, start: number, skip: number, name: string, closing: boolean): Tag {
  const attributes = new Map<string, string>();
  let at = start + skip;
  for (;;) {
    ATTRIBUTE.lastIndex = at;
    const match = ATTRIBUTE.exec(html);
    if (!match) break;
    at = ATTRIBUTE.lastIndex;
    const key = match[1]!.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, decode(match[2] ?? match[3] ?? match[4] ?? ""));
  }
  const end = html.indexOf(">", at);
  return { name, attributes, start, end: end < 0 ? html.length : end + 1, closing };
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

export function decode(text: string): string {
  return text.replace(/&(#x[\da-f]+|#\d+|[a-z]+);/gi, (whole, name: string) => {
    if (name[0] !== "#") return ENTITIES[name.toLowerCase()] ?? whole;
    const code = name[1] === "x" || name[1] === "X" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
