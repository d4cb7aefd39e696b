/**
 * In the editor the app's styles share the document with the editor's own panels, and its page is only a part of the
 * window: rules stop at the panels, and what they say of the window's width is asked of the page's.
 */
import { type Rule, rulesOf } from "./css_rules";

/** Where the app's rules end. */
const SCOPE = "@scope (:root) to ([data-overskill-ui],[data-puck-overlay])";
/** Rules of the document as a whole: they only pass something down. */
const GLOBAL = /^(?:(?::root|:host|html|body|::?backdrop)(?:[.:[#][^\s>+~,]*)?\s*(?:,\s*|$))+$/;
const GROUPING = /^@(?:media|supports|layer|container|starting-style)\b/;
const WIDTH = /^\(\s*(?:min-|max-)?width\b[^()]*\)$|^\([^()]*[<>]=?\s*width\b[^()]*\)$/;

export function pageStyles(css: string): string {
  const rules = rulesOf(css);
  return rules ? scoped(rules) : css;
}

function scoped(rules: readonly Rule[]): string {
  let out = "";
  let open = false;
  const close = () => {
    if (open) out += "}\n";
    open = false;
  };
  for (const { text, head, body } of rules) {
    const name = head.replace(/\/\*[\s\S]*?\*\//g, "").trim();
    if (body !== null && !name.startsWith("@") && !GLOBAL.test(name)) {
      if (!open) out += `${SCOPE}{\n`;
      open = true;
      out += `${ofPage(text)}\n`;
      continue;
    }
    close();
    if (body === null || !GROUPING.test(name)) out += `${text}\n`;
    else out += `${ofPage(`${name}{`)}\n${scoped(rulesOf(body) ?? [])}}\n`;
  }
  close();
  return out;
}

/** Media queries of the width become those of the page's container, also within rules. */
function ofPage(text: string): string {
  return text.replace(/@media([^{}]+)\{/g, (whole, query: string) => {
    const asked = query.split(",").map(widths);
    if (asked.some((part) => part === null)) return whole;
    return `@container overskill ${asked.length === 1 ? asked[0] : asked.map((part) => `(${part})`).join(" or ")}{`;
  });
}

/** The conditions of a query that asks for nothing but widths. */
function widths(query: string): string | null {
  const parts = query
    .trim()
    .replace(/^(?:only\s+)?(?:screen|all)\s+and\s+/i, "")
    .split(/\s+and\s+/i);
  return parts.every((part) => WIDTH.test(part.trim())) ? parts.map((part) => part.trim()).join(" and ") : null;
}
