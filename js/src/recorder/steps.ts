/** From events to steps: what a person means by them. What an app does by itself is none. */
import { clickable, controlOf, type Named, named } from "./named";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export interface Step extends Partial<Named> {
  do: "click" | "type" | "select" | "press";
  value?: string;
}

/** Types of `<input>` that hold what is typed, chosen or dragged; others are clicked. */
const CLICKED = /^(?:button|submit|reset|checkbox|radio|image|file|hidden)$/;
const EDITING = /^(?:text|search|email|url|tel|password|number|date|time|month|week|datetime-local)$/;
/** What the browser does with them when a field is edited. */
const SHORTCUTS = /^[acvxyz]$/i;

export class Steps {
  readonly #tell: (step: Step) => void;
  /** What is being typed, until something else is done. */
  #typing: { element: Element; step: Step } | null = null;
  /** A key's own click, such as that of a form's button on Enter, is no step. */
  #quiet = false;

  constructor(tell: (step: Step) => void) {
    this.#tell = tell;
  }

  clicked(event: MouseEvent): void {
    const target = elementOf(event);
    if (!event.isTrusted || !target || (this.#quiet && event.detail === 0)) return;
    const control = controlOf(target);
    // Its own control is clicked next.
    const label = target.closest("label");
    if (label?.control && control !== label.control && !(control && label.contains(control))) return;
    if (control && (isTyped(control) || control instanceof HTMLSelectElement || target instanceof HTMLOptionElement)) {
      return;
    }
    const found = control ? named(control) : clickable(target);
    if (found) this.#add({ do: "click", ...found });
  }

  typed(event: Event): void {
    const element = elementOf(event);
    if (!event.isTrusted || !element || !isTyped(element)) return;
    if (this.#typing?.element !== element) this.flush();
    const value = element instanceof HTMLElement && element.isContentEditable ? element.innerText : contentOf(element);
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

  #add(step: Step): void {
    this.flush();
    this.#tell(step);
  }
}

/** The key as a step has it; empty where the browser's own work with it tells more. */
function meant(event: KeyboardEvent, element: Element): string {
  const { key, ctrlKey, metaKey, altKey } = event;
  const editing = isEditing(element);
  if (/^(?:Tab|Shift|Control|Alt|Meta|CapsLock|Dead|Process|Unidentified)$/.test(key)) return "";
  if (ctrlKey || metaKey || altKey) {
    if (editing && SHORTCUTS.test(key)) return "";
    const modifiers = [ctrlKey && "Control", metaKey && "Meta", altKey && "Alt", event.shiftKey && "Shift"];
    return [...modifiers.filter(Boolean), key === " " ? "Space" : key].join("+");
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
  return (element as Field).value;
}

/** Also within shadow roots. */
function elementOf(event: Event): Element | null {
  const [target] = event.composedPath();
  return target instanceof Element ? target : null;
}
