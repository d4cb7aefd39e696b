/** What a screen reader would find: roles and names, as an indented list. */

const ROLES: Record<string, string> = {
  a: "link",
  article: "article",
  aside: "complementary",
  button: "button",
  dialog: "dialog",
  fieldset: "group",
  footer: "contentinfo",
  form: "form",
  h1: "heading",
  h2: "heading",
  h3: "heading",
  h4: "heading",
  h5: "heading",
  h6: "heading",
  header: "banner",
  hr: "separator",
  img: "img",
  li: "listitem",
  main: "main",
  meter: "meter",
  nav: "navigation",
  ol: "list",
  option: "option",
  progress: "progressbar",
  select: "combobox",
  table: "table",
  td: "cell",
  textarea: "textbox",
  th: "columnheader",
  tr: "row",
  ul: "list",
};
const INPUTS: Record<string, string> = {
  button: "button",
  checkbox: "checkbox",
  hidden: "",
  number: "spinbutton",
  radio: "radio",
  range: "slider",
  reset: "button",
  search: "searchbox",
  submit: "button",
};
/** Roles that take their name from what they hold; that is not said again. */
const NAMED_BY_CONTENT = new Set(["button", "link", "heading", "option", "cell", "columnheader", "tab", "checkbox"]);
/** What a model is shown has an end, in characters of a text, in lines, and in characters of it all. */
const MOST_TEXT = 120;
const MOST_LINES = 800;
const MOST = 20_000;

export interface Look {
  /** Whether style sheets hide an element, where styles are computed. */
  invisible?(element: Element): boolean;
  /** Nothing is cut short. */
  whole?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: happy-dom's elements, or a browser's; no more is used than both have.
type Element = any;

const BRIEF: Required<Look> = { invisible: hiddenByClass, whole: false };
let look = BRIEF;

export function accessibleText(root: Element, given: Look = {}): string {
  look = { ...BRIEF, ...given };
  try {
    const lines: string[] = [];
    visitAll(root, 0, lines);
    const text = lines.join("\n");
    return text.length > MOST && !look.whole ? `${text.slice(0, MOST)}\n…` : text;
  } finally {
    look = BRIEF;
  }
}

export function roleOf(element: Element): string {
  const given = element.getAttribute("role");
  if (given) return given;
  const tag = element.tagName.toLowerCase();
  return tag === "input" ? (INPUTS[element.getAttribute("type") ?? "text"] ?? "textbox") : (ROLES[tag] ?? "");
}

export function nameOf(element: Element): string {
  const label = element.getAttribute("aria-label");
  if (label) return clean(label);
  const labelled = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
  const texts = labelled.map((id: string) => element.ownerDocument.getElementById(id)?.textContent ?? "");
  if (texts.join("")) return clean(texts.join(" "));
  const tag = element.tagName.toLowerCase();
  if (tag === "img") return clean(element.getAttribute("alt") ?? "");
  if (/^(?:input|select|textarea)$/.test(tag)) {
    const type = element.getAttribute("type");
    if (/^(?:button|submit|reset)$/.test(type ?? "")) return clean(element.getAttribute("value") ?? type);
    const id = element.getAttribute("id");
    const owner = id && element.ownerDocument.querySelector(`label[for="${id.replace(/["\\]/g, "\\$&")}"]`);
    return clean(labelText(owner || element.closest("label")).trim() || (element.getAttribute("placeholder") ?? ""));
  }
  return clean(element.textContent ?? "");
}

/** A label may stand around its field. */
function labelText(node: Element): string {
  if (!node) return "";
  if (node.nodeType === 3) return node.textContent ?? "";
  if (/^(?:select|textarea|input|button)$/i.test(node.tagName ?? "")) return " ";
  return [...node.childNodes].map(labelText).join("");
}

function clean(text: string): string {
  const plain = text.replace(/\s+/g, " ").trim();
  return plain.length > MOST_TEXT && !look.whole ? `${plain.slice(0, MOST_TEXT)}…` : plain;
}

const INLINE = /^(?:span|b|i|u|s|em|strong|small|code|kbd|mark|sub|sup|time|abbr|cite|q|data|output|label|font|br)$/i;

/** What stands in one line of text is one line here, however many pieces React made of it. */
function visitAll(parent: Element, depth: number, lines: string[]): void {
  let text = "";
  const flush = () => {
    const line = clean(text);
    if (line) lines.push(`${"  ".repeat(depth)}- ${line}`);
    text = "";
  };
  for (const child of parent.childNodes) {
    if (child.nodeType === 3) text += child.textContent ?? "";
    else if (child.nodeType !== 1 || hidden(child)) continue;
    else if (isText(child)) text += /^br$/i.test(child.tagName) ? " " : (child.textContent ?? "");
    else {
      flush();
      visit(child, depth, lines);
    }
  }
  flush();
}

/** An element within a line that holds nothing but text. */
function isText(node: Element): boolean {
  if (roleOf(node) || !INLINE.test(node.tagName)) return false;
  return [...node.children].every((child) => !hidden(child) && isText(child));
}

function visit(node: Element, depth: number, lines: string[]): void {
  if (lines.length > MOST_LINES && !look.whole) return;
  const role = roleOf(node);
  if (!role) {
    visitAll(node, depth, lines);
    return;
  }
  const byContent = NAMED_BY_CONTENT.has(role);
  const field = /^(?:textbox|searchbox|spinbutton|combobox|checkbox|radio|slider|img)$/.test(role);
  const name = byContent || field || node.getAttribute("aria-label") ? nameOf(node) : "";
  lines.push(`${"  ".repeat(depth)}- ${role}${name ? ` "${name}"` : ""}${states(node, role)}`);
  if (byContent && !node.querySelector("button,a,input,select,textarea")) return;
  visitAll(node, depth + 1, lines);
}

function states(node: Element, role: string): string {
  let out = "";
  if (role === "heading")
    out += ` [level=${/^H(\d)$/.exec(node.tagName)?.[1] ?? node.getAttribute("aria-level") ?? 2}]`;
  if (/^(?:textbox|searchbox|spinbutton|slider|combobox)$/.test(role) && node.value)
    out += `: ${clean(String(node.value))}`;
  if (/^(?:checkbox|radio)$/.test(role) && node.checked) out += " [checked]";
  if (node.disabled) out += " [disabled]";
  for (const state of ["pressed", "selected", "expanded", "current"]) {
    const value = node.getAttribute(`aria-${state}`);
    if (value && value !== "false") out += ` [${state}]`;
  }
  return out;
}

function hidden(node: Element): boolean {
  return (
    node.hasAttribute("hidden") ||
    node.getAttribute("aria-hidden") === "true" ||
    /^(?:script|style|template)$/i.test(node.tagName) ||
    node.style?.display === "none" ||
    (node.parentElement?.tagName === "DETAILS" && !node.parentElement.open && node.tagName !== "SUMMARY") ||
    look.invisible(node)
  );
}

/** Where styles are not computed: by Tailwind's names. What a wide window shows again is shown. */
function hiddenByClass(node: Element): boolean {
  const names = node.getAttribute("class") ?? "";
  return /(?<!\S)(?:hidden|invisible)(?!\S)/.test(names) && !/:(?:block|flex|grid|inline|table|visible)/.test(names);
}
