/** What the app's `index.html` holds beside its scripts. */
import type { Page } from "../protocol";

/** A component is shown without the page's body: its own is in a place of ours. */
export function setPage(page: Page, component: boolean): void {
  document.title = page.title;
  attributes(document.documentElement, page.html_attributes);
  attributes(document.body, page.body_attributes);
  const head = document.createRange().createContextualFragment(page.head);
  for (const element of head.querySelectorAll("script,base,meta[http-equiv],title")) element.remove();
  document.head.append(head);
  document.body.innerHTML = component ? '<div id="root"></div>' : page.body;
}

function attributes(element: Element, values: Record<string, string>): void {
  for (const name in values) element.setAttribute(name, values[name]!);
}
