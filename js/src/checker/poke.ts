/** Uses a component once: presses its buttons, fills its fields, ticks its boxes. Only what throws is of interest. */
import { nameOf, roleOf } from "../eyes/accessible";
import type { Page } from "./page";
import type { Reports } from "./reports";
import { setValue } from "./steps";

const CONTROLS = "button,input,select,textarea,[role=button],[role=tab],[role=checkbox],[role=switch]";
const MOST = 24;

// biome-ignore lint/suspicious/noExplicitAny: happy-dom's elements.
type Element = any;
type Act = (work: () => Promise<void>) => Promise<unknown>;

export async function poke(page: Page, container: Element, act: Act, reports: Reports, until: number): Promise<void> {
  const done = new Set<Element>();
  // Fields first: what is pressed then finds something in them.
  const controls = [...container.querySelectorAll(CONTROLS)].sort((a, b) => rank(a) - rank(b));
  for (const control of controls.slice(0, MOST)) {
    if (performance.now() > until || reports.failed) return;
    if (done.has(control) || !control.isConnected || control.disabled) continue;
    done.add(control);
    if (isIdle(control, container)) {
      const message = `The button '${nameOf(control)}' does nothing`;
      reports.add({ severity: "warning", kind: "behaviour", message, stack: "", hint: "Give it an onClick." });
      continue;
    }
    reports.doing = `It happened on ${isField(control) ? "changing" : "pressing"} the ${roleOf(control) || "element"} '${nameOf(control)}'.`;
    await act(async () => use(page, control));
  }
  reports.doing = "";
}

/** A button that nothing listens to, neither itself nor what is around it, and that sends no form. */
function isIdle(control: Element, container: Element): boolean {
  if (control.tagName !== "BUTTON" || (control.form && /^(?:submit|reset)$/.test(control.type))) return false;
  if (control.hasAttribute("popovertarget") || control.hasAttribute("command")) return false;
  for (let at = control; at && at !== container; at = at.parentElement) {
    const key = Object.keys(at).find((name) => name.startsWith("__reactProps$"));
    // Without React's own props nothing can be said.
    if (!key || Object.keys(at[key]).some((name) => /^on(?:Click|Pointer|Mouse|Touch|Key|Focus)/.test(name)))
      return false;
  }
  return true;
}

function rank(control: Element): number {
  if (isField(control)) return 0;
  return /submit/.test(control.type ?? "") ? 2 : 1;
}

function isField(control: Element): boolean {
  return (
    /^(?:INPUT|SELECT|TEXTAREA)$/.test(control.tagName) &&
    !/^(?:button|submit|reset|checkbox|radio)$/.test(control.type)
  );
}

function use(page: Page, control: Element): void {
  if (!isField(control)) {
    control.click();
    return;
  }
  if (control.tagName === "SELECT") {
    const last = control.options[control.options.length - 1];
    if (last) setValue(control, last.value);
  } else if (/^(?:file|color|image|hidden)$/.test(control.type)) return;
  else setValue(control, sample(control.type));
  const Happening = page.Event as unknown as new (type: string, init: object) => object;
  control.dispatchEvent(new Happening("input", { bubbles: true }));
  control.dispatchEvent(new Happening("change", { bubbles: true }));
}

function sample(type: string): string {
  if (type === "number" || type === "range") return "3";
  if (type === "date") return "2026-01-15";
  if (type === "time") return "10:30";
  if (type === "email") return "ada@example.com";
  if (type === "url") return "https://example.com";
  return "sample";
}
