/** What a person would call an element: its role and its accessible name. */
import { computeAccessibleName, getRole } from "dom-accessibility-api";

export interface Named {
  role: string;
  name: string;
  /** Which of those with this role and name, from 1; 0 where there is just one. */
  nth: number;
}

/** A control that has no role, such as a field for passwords, goes by its label. */
export const FIELD = "field";
export const TEXT = "text";
export const CLICKS = ["onClick", "onPointerDown", "onMouseDown"];
export const DOUBLE_CLICKS = ["onDoubleClick"];
const MOST_TEXT = 80;

/** What can be used, and is named before what it stands in. */
const CONTROLS = new Set([
  ...["button", "link", "checkbox", "radio", "switch", "tab", "menuitem", "menuitemcheckbox", "menuitemradio"],
  ...["option", "treeitem", "combobox", "listbox", "textbox", "searchbox", "spinbutton", "slider", "gridcell"],
]);
/** What may be clicked where something listens. */
const OTHERS = new Set(["cell", "columnheader", "row", "listitem", "heading", "img"]);

export function roleOf(element: Element): string {
  const role = getRole(element) ?? "";
  if (!role && element instanceof HTMLInputElement && element.type !== "hidden" && element.type !== "file")
    return FIELD;
  return role;
}

export function nameOf(element: Element): string {
  return computeAccessibleName(element).replace(/\s+/g, " ").trim();
}

/** The control that an element is, or stands in. */
export function controlOf(element: Element): Element | null {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const role = roleOf(at);
    if (CONTROLS.has(role) || role === FIELD) return at;
  }
  return null;
}

export function named(element: Element): Named {
  const role = roleOf(element);
  const name = nameOf(element);
  return { role, name, nth: nth(element, (other) => roleOf(other) === role && nameOf(other) === name) };
}

/** Whether an element, or what it stands in, has one of these props of React's. */
export function listens(element: Element, listeners: readonly string[]): boolean {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const key = Object.keys(at).find((property) => property.startsWith("__reactProps$"));
    const props = key ? (at as unknown as Record<string, Record<string, unknown>>)[key]! : {};
    if (listeners.some((listener) => props[listener])) return true;
  }
  return false;
}

/** What is no control: by what it says. */
export function spoken(element: Element): Named | null {
  for (let at: Element | null = element; at; at = at.parentElement) {
    if (OTHERS.has(roleOf(at)) && nameOf(at)) return named(at);
  }
  const text = textOf(element);
  if (!text || text.length > MOST_TEXT) return null;
  return { role: TEXT, name: text, nth: nth(element, (other) => textOf(other) === text && !inner(other, text)) };
}

function textOf(element: Element): string {
  return (element.textContent ?? "").replace(/\s+/g, " ").trim();
}

function inner(element: Element, text: string): boolean {
  return [...element.children].some((child) => textOf(child) === text);
}

function nth(element: Element, same: (other: Element) => boolean): number {
  const all = [...document.body.querySelectorAll("*")].filter((other) => seen(other) && same(other));
  return all.length > 1 ? all.indexOf(element) + 1 : 0;
}

function seen(element: Element): boolean {
  return element.checkVisibility({ visibilityProperty: true }) && !element.closest('[aria-hidden="true"]');
}
