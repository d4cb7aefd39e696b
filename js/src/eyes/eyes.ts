/**
 * What is run in a preview's frame when a model looks at it; the page sends it along, so that no frame starts with it.
 * It is called with `view` and `answer`.
 */
import { accessibleText } from "./accessible";
import { picture } from "./picture";

declare const view: "text" | "screenshot";
declare const answer: (seen: string | Promise<string>) => void;

function invisible(element: Element): boolean {
  const { display, visibility } = getComputedStyle(element);
  return display === "none" || visibility === "hidden" || visibility === "collapse";
}

answer(view === "text" ? accessibleText(document.body, { invisible }) : picture());
