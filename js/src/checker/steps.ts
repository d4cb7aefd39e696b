/** What a person would do to a component, by the roles and names of its controls; what is there after each step. */
import { accessibleText, nameOf, roleOf } from "../eyes/accessible";
import type { Step } from "./messages";
import type { Page } from "./page";
import type { Reports } from "./reports";

// biome-ignore lint/suspicious/noExplicitAny: happy-dom's elements.
type Element = any;
type Act = (work: () => Promise<void>) => Promise<unknown>;

const FIELDS = "input,select,textarea";
const CONTROLS = `button,a,${FIELDS},summary,[role],[tabindex]`;
/** What is not a control by itself, and may be pressed all the same. */
const OTHERS = "label,th,td,li,span,div,p";

export async function follow(page: Page, root: Element, steps: Step[], act: Act, reports: Reports): Promise<string[]> {
  const seen: string[] = [];
  for (const step of steps) {
    const element = step.do === "wait" ? null : find(root, step);
    if (step.do !== "wait" && !element) {
      const message = `There is no ${step.role || "element"} '${step.name}' to ${step.do}`;
      reports.add({ severity: "error", kind: "runtime", message, stack: "", hint: "" });
      return seen;
    }
    reports.doing = `It happened on '${step.do}' of '${step.name ?? ""}'.`;
    await act(async () => carryOut(page, element, step));
    await act(() => new Promise((done) => setTimeout(done, step.do === "wait" ? Math.min(step.ms ?? 0, 3000) : 0)));
    seen.push(accessibleText(root));
  }
  reports.doing = "";
  return seen;
}

/** Controls before anything else, by the whole name before a part of it, whatever its case. */
function find(root: Element, step: Step): Element | null {
  const wanted = (step.name ?? "").toLowerCase();
  for (const kind of step.do === "click" ? [CONTROLS, OTHERS] : [FIELDS]) {
    const all = [...root.querySelectorAll(kind)].filter((element) => !step.role || roleOf(element) === step.role);
    const named = all.map((element) => [element, nameOf(element).toLowerCase()] as const);
    const whole = named.filter(([, text]) => text === wanted);
    const found = whole.length ? whole : named.filter(([, text]) => text.includes(wanted));
    // Of elements within each other, the innermost is what a person presses.
    const at = kind === OTHERS ? found.at(-1 - (step.nth ?? 0)) : found[step.nth ?? 0];
    if (at) return at[0];
  }
  return null;
}

async function carryOut(page: Page, element: Element, step: Step): Promise<void> {
  const Happening = page.Event as unknown as new (type: string, init: object) => object;
  const Key = page.KeyboardEvent as unknown as new (type: string, init: object) => object;
  if (step.do === "click") element.click();
  else if (step.do === "press") {
    for (const type of ["keydown", "keyup"]) element.dispatchEvent(new Key(type, { key: step.value, bubbles: true }));
    if (step.value === "Enter" && element.form) element.form.requestSubmit();
  } else if (step.do === "fill" || step.do === "choose") {
    setValue(element, step.do === "choose" ? optionOf(element, step.value ?? "") : (step.value ?? ""));
    element.dispatchEvent(new Happening("input", { bubbles: true }));
    element.dispatchEvent(new Happening("change", { bubbles: true }));
  }
}

/** An option by what it says, or by its value. */
function optionOf(select: Element, text: string): string {
  const options = [...(select.options ?? [])];
  const found = options.find((o) => o.textContent.trim() === text) ?? options.find((o) => o.value === text);
  return found?.value ?? text;
}

/** React takes note of `value` on the element itself: what a person types goes past that. */
export function setValue(control: Element, value: string): void {
  let at = Object.getPrototypeOf(control);
  while (at && !Object.getOwnPropertyDescriptor(at, "value")?.set) at = Object.getPrototypeOf(at);
  if (at) Object.getOwnPropertyDescriptor(at, "value")?.set?.call(control, value);
}
