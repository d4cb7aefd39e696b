// The preview bundle: fetched once per page by the loader, or by the server's tab page.
import type { Model } from "./model";
import { page } from "./page";
import { mountTab } from "./tab";

export { mountTab } from "./tab";

export interface Mount {
  /** Lives as long as `modelSignal`, longer than any view. */
  model: Model;
  modelSignal: AbortSignal;
  el: HTMLElement;
  signal: AbortSignal;
}

export interface PreviewModule {
  mount(options: Mount): void;
  mountTab(element: HTMLElement): void;
  propsOf(key: string): Record<string, unknown>;
}

export function mount({ model, modelSignal, el, signal }: Mount): void {
  page().show(model, modelSignal, el, signal);
}

export function propsOf(key: string): Record<string, unknown> {
  return page().propsOf(key);
}

const tab = document.getElementById("overskill-tab");
if (tab) mountTab(tab);
