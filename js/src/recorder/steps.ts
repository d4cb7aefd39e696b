/** From events to steps: what a person means by them. What an app does by itself is none. */
import { CLICKS, controlOf, DOUBLE_CLICKS, listens, type Named, named, spoken } from "./named";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export interface Step extends Partial<Named> {
  do: "click" | "double-click" | "type" | "select" | "press";
  value?: string;
}

/** Stands for what is typed into a field for passwords, however long it is. */
export const HIDDEN = "••••••••";
const PASSWORDS = "input[type=password]";
/** Types of `<input>` that hold what is typed, chosen or dragged; others are clicked. */
const CLICKED = /^(?:button|submit|reset|checkbox|radio|image|file|hidden)$/;
const EDITING = /^(?:text|search|email|url|tel|password|number|date|time|month|week|datetime-local)$/;
/** What the browser does with them when a field is edited. */
const SHORTCUTS = /^[acvxyz]$/i;
/** As in `steps.py`, which refuses others. */
const KEY = /^(?:(?:Alt|Control|Meta|Shift)\+)*(?:[A-Z][A-Za-z0-9]+|[!-~])$/;

export class Steps {
  readonly #tell: (step: Step) => void;
  /** What is being typed, until something else is done. */
  #typing: { element: Element; step: Step } | null = null;
  /** What was clicked first, where something listens to double clicks: what it is called may be otherwise later. */
  #first: Named | null = null;
  /** Fields that were for passwords once: an app may show what is typed into them. */
  readonly #secret = new WeakSet<Element>();
  /** A key's own click, such as that of a form's button on Enter, is no step. */
  #quiet = false;

  constructor(tell: (step: Step) => void) {
    this.#tell = tell;
    this.#mark();
  }

  clicked(event: MouseEvent): void {
    const target = elementOf(event);
    if (!event.isTrusted || !target || (this.#quiet && event.detail === 0)) return;
    this.#mark();
    const first = event.detail > 0 && event.detail % 2 === 0 ? this.#first : null;
    this.#first = null;
    const control = controlOf(target);
    // Its own control is clicked next.
    const label = target.closest("label");
    if (label?.control && control !== label.control && !(control && label.contains(control))) return;
    if (control && (isTyped(control) || control instanceof HTMLSelectElement || target instanceof HTMLOptionElement)) {
      return;
    }
    const [clicks, doubled] = [control !== null || listens(target, CLICKS), listens(target, DOUBLE_CLICKS)];
    if (!clicks && !doubled) return;
    const found = first ?? (control ? named(control) : spoken(target));
    if (doubled) this.#first = found;
    if (found && clicks) this.#add({ do: "click", ...found });
  }

  /** The clicks that it is made of were told already: who gets the steps takes them back. */
  doubleClicked(event: MouseEvent): void {
    const first = this.#first;
    this.#first = null;
    if (event.isTrusted && first) this.#add({ do: "double-click", ...first });
  }

  typed(event: Event): void {
    const element = elementOf(event);
    if (!event.isTrusted || !element || !isTyped(element)) return;
    if (this.#typing?.element !== element) this.flush();
    const value = this.#isSecret(element) ? HIDDEN : contentOf(element);
    // Its name as it was before: an app may change it with what is typed.
    const step = this.#typing?.step ?? { do: "type", ...named(element) };
    this.#typing = { element, step: { ...step, value } };
  }

  changed(event: Event): void {
    const element = elementOf(event);
    if (!event.isTrusted || !(element instanceof HTMLSelectElement)) return;
    const option = element.selectedOptions[0];
    if (option) this.#add({ do: "select", ...named(element), value: option.label.trim() });
  }

  pressed(event: KeyboardEvent): void {
    const element = elementOf(event);
    if (!event.isTrusted || event.repeat || event.isComposing || !element) return;
    const value = meant(event, element);
    if (!value) return;
    const control = controlOf(element);
    this.#add({ do: "press", ...(control && control === element ? named(control) : {}), value });
    this.#quiet = true;
    setTimeout(() => {
      this.#quiet = false;
    });
  }

  /** What was typed until now is a step. */
  flush(): void {
    const typing = this.#typing;
    this.#typing = null;
    if (typing) this.#tell(typing.step);
  }

  /** Before a click shows what is in them. */
  #mark(): void {
    for (const field of document.querySelectorAll(PASSWORDS)) this.#secret.add(field);
  }

  #isSecret(element: Element): boolean {
    if (element.matches(PASSWORDS)) this.#secret.add(element);
    return this.#secret.has(element);
  }

  #add(step: Step): void {
    this.flush();
    this.#tell(step);
  }
}

/** The key as a step has it; empty where the browser's own work with it tells more. */
function meant(event: KeyboardEvent, element: Element): string {
  const { key, metaKey } = event;
  // AltGr makes another character; on Windows it says that it is Control and Alt.
  const composed = event.getModifierState("AltGraph");
  const [ctrlKey, altKey] = composed ? [false, false] : [event.ctrlKey, event.altKey];
  const editing = isEditing(element);
  if (/^(?:Tab|Shift|Control|Alt|AltGraph|Meta|CapsLock|Process|Unidentified)$/.test(key)) return "";
  if (ctrlKey || metaKey || altKey) {
    const alternative = altKey && isMac() && /^(?:.|Dead)$/u.test(key);
    if (editing && alternative && !ctrlKey && !metaKey) return "";
    const plain = alternative || key === "Dead" || /[^!-~]/.test(key) ? placed(event.code) : key;
    if (editing && SHORTCUTS.test(plain)) return "";
    const modifiers = [ctrlKey && "Control", metaKey && "Meta", altKey && "Alt", event.shiftKey && "Shift"];
    const value = [...modifiers.filter(Boolean), plain].join("+");
    return KEY.test(value) ? value : "";
  }
  if (key === "Escape") return key;
  if (key === "Enter") {
    const typed = editing && !(element instanceof HTMLTextAreaElement) && !isContentEditable(element);
    // On a button it clicks, and in a longer text it is a line.
    return typed || (!editing && !isPressed(element)) ? key : "";
  }
  if (editing || element instanceof HTMLSelectElement)
    return /^(?:ArrowUp|ArrowDown)$/.test(key) && isListed(element) ? key : "";
  if (element instanceof HTMLInputElement) return "";
  if (key === " ") return isPressed(element) ? "" : "Space";
  return /^(?:Arrow(?:Up|Down|Left|Right)|Home|End|PageUp|PageDown|Delete|Backspace|F\d+|[!-~])$/.test(key) ? key : "";
}

/** A key by its place, where what it types is not what a shortcut is called by; empty where that says nothing either. */
function placed(code: string): string {
  if (code === "Space") return code;
  return /^(?:Key|Digit)([A-Z\d])$/.exec(code)?.[1]?.toLowerCase() ?? "";
}

/** Where Alt makes other characters. */
function isMac(): boolean {
  return /^(?:Mac|iP)/.test(navigator.platform);
}

/** A field whose list of proposals the arrows move in. */
function isListed(element: Element): boolean {
  return element.getAttribute("role") === "combobox" || element.hasAttribute("aria-controls");
}

/** What the browser clicks by itself on Enter, and on Space. */
function isPressed(element: Element): boolean {
  return element.matches("button,a[href],summary,input,area[href]");
}

function isTyped(element: Element): element is Field {
  if (element instanceof HTMLInputElement) return !CLICKED.test(element.type);
  return element instanceof HTMLTextAreaElement || isContentEditable(element);
}

function isEditing(element: Element): boolean {
  if (element instanceof HTMLInputElement) return EDITING.test(element.type);
  return element instanceof HTMLTextAreaElement || isContentEditable(element);
}

function isContentEditable(element: Element): boolean {
  return element instanceof HTMLElement && element.isContentEditable;
}

function contentOf(element: Element): string {
  return isContentEditable(element) ? (element as HTMLElement).innerText : (element as Field).value;
}

/** Also within shadow roots. */
function elementOf(event: Event): Element | null {
  const [target] = event.composedPath();
  return target instanceof Element ? target : null;
}
