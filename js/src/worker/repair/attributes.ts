/** Attributes as HTML, or React Native, spells them, on elements of the page. */
import { walk } from "../literal";
import type { Edit } from "./edits";
import type { Node, Source } from "./sources";

const NAMES: Record<string, string> = {
  class: "className",
  for: "htmlFor",
  tabindex: "tabIndex",
  readonly: "readOnly",
  maxlength: "maxLength",
  minlength: "minLength",
  autofocus: "autoFocus",
  autocomplete: "autoComplete",
  colspan: "colSpan",
  rowspan: "rowSpan",
  contenteditable: "contentEditable",
  crossorigin: "crossOrigin",
  srcset: "srcSet",
  enctype: "encType",
  novalidate: "noValidate",
  viewbox: "viewBox",
  onclick: "onClick",
  onchange: "onChange",
  oninput: "onInput",
  onsubmit: "onSubmit",
  onkeydown: "onKeyDown",
  onkeyup: "onKeyUp",
  onmouseenter: "onMouseEnter",
  onmouseleave: "onMouseLeave",
  onfocus: "onFocus",
  onblur: "onBlur",
  onPress: "onClick",
  testID: "data-testid",
  accessibilityLabel: "aria-label",
};
const HYPHENATED =
  /^(?:stroke|fill|clip|stop|text|font|dominant|alignment|letter|word|marker|color|flood|lighting|vector|shape|image|paint|pointer|xlink|xml)[-:]/;
/** React Native's, without an equivalent that one word would give. */
const REMOVED = new Set(["numberOfLines", "activeOpacity", "hitSlop", "keyboardShouldPersistTaps", "underlayColor"]);

export function attributes({ text, body }: Source): Edit[] {
  const edits: Edit[] = [];
  walk(body, (node) => {
    if (node.type !== "JSXOpeningElement") return;
    const tag = node.name as Node;
    if (tag.type !== "JSXIdentifier" || !/^[a-z][a-z0-9]*$/.test(tag.name as string)) return;
    const there = new Set((node.attributes as Node[]).map((a) => (a.type === "JSXAttribute" ? nameOf(a) : "")));
    for (const attribute of node.attributes as Node[]) {
      if (attribute.type !== "JSXAttribute") continue;
      const edit = one(attribute, tag.name as string, there, text);
      if (edit) edits.push(edit);
    }
  });
  return edits;
}

function nameOf(attribute: Node): string {
  const name = attribute.name as Node;
  if (name.type === "JSXIdentifier") return name.name as string;
  return `${(name.namespace as Node).name}:${(name.name as Node).name}`;
}

function one(attribute: Node, tag: string, there: Set<string>, text: string): Edit | null {
  const name = nameOf(attribute);
  const at = attribute.name as Node;
  if (name === "onChangeText") return changeText(attribute, text);
  if (REMOVED.has(name)) {
    const note = `left out ${name}, which is React Native's`;
    return { start: attribute.start, end: attribute.end, text: "", note };
  }
  if (name === "style") return style(attribute);
  const hyphenated = HYPHENATED.test(name)
    ? name.replace(/[-:]([a-z])/g, (_, letter: string) => letter.toUpperCase())
    : "";
  const better = Object.hasOwn(NAMES, name) ? NAMES[name]! : hyphenated;
  if (!better || there.has(better) || (name === "for" && tag !== "label" && tag !== "output")) return null;
  return { start: at.start, end: at.end, text: better, note: `wrote ${better} for ${name}` };
}

/** `onChangeText={f}` is given the text, `onChange` the event. */
function changeText(attribute: Node, text: string): Edit | null {
  const container = attribute.value as Node | null;
  if (container?.type !== "JSXExpressionContainer") return null;
  const { start, end } = container.expression as Node;
  const handler = text.slice(start, end);
  const called = /^[\w$.]+$/.test(handler) ? handler : `(${handler})`;
  const note = "wrote onChange for onChangeText, which is React Native's";
  return {
    start: attribute.start,
    end: attribute.end,
    text: `onChange={(event) => ${called}(event.target.value)}`,
    note,
  };
}

/** `style="color: red"` as an object. */
function style(attribute: Node): Edit | null {
  const value = attribute.value as Node | null;
  if (value?.type !== "Literal" || typeof value.value !== "string") return null;
  const entries = value.value.split(";").flatMap((part) => {
    const colon = part.indexOf(":");
    if (colon < 0) return [];
    const name = part.slice(0, colon).trim();
    const key = name.startsWith("--") ? name : name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return [
      `${/^[A-Za-z]\w*$/.test(key) ? key : JSON.stringify(key)}: ${JSON.stringify(part.slice(colon + 1).trim())}`,
    ];
  });
  return {
    start: value.start,
    end: value.end,
    text: `{{ ${entries.join(", ")} }}`,
    note: "wrote a style as an object",
  };
}
