/** The stylesheets of modules: one style element each, in the order in which they were first asked for. */
import { restyle } from "./restyle";

interface Style {
  element: HTMLStyleElement;
  css: string;
}

const known = new Map<string, Style>();
let adapted = (css: string) => css;

export const styles = {
  /** Has all sheets to come changed by this before they go into the document. */
  adapt(change: (css: string) => string): void {
    adapted = change;
  },
  set(id: string, given: string): void {
    const css = adapted(given);
    const before = known.get(id);
    if (before?.element.isConnected && before.element.sheet) {
      if (before.css !== css && !restyle(before.element.sheet, before.css, css)) before.element.textContent = css;
      before.css = css;
      return;
    }
    const element = before?.element ?? document.createElement("style");
    element.dataset.overskill = id;
    element.textContent = css;
    known.set(id, { element, css });
    document.head.append(element);
  },
  remove(id: string): void {
    known.get(id)?.element.remove();
    known.delete(id);
  },
};
