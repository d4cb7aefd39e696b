// The bundle of all widgets: fetched once per page by the loader, or by the server's tab page.
import { mountDeployment, mountDeployments } from "./deployments";
import { mountGeneration } from "./generation";
import { mountGithub } from "./github";
import { mountHistory } from "./history";
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

export function mount(options: Mount): void {
  const view = options.model.get("view");
  if (view === "deployment") mountDeployment(options);
  else if (view === "deployments") mountDeployments(options);
  else if (view === "history") mountHistory(options);
  else if (view === "github") mountGithub(options);
  else if (view === "generation") mountGeneration(options);
  else page().show(options.model, options.modelSignal, options.el, options.signal);
}

export function propsOf(key: string): Record<string, unknown> {
  return page().propsOf(key);
}

const tab = document.getElementById("overskill-tab");
if (tab) mountTab(tab);
