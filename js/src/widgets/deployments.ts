// Deployments on the page: the timeline of one, and the table of an app's.
import type { Deployment } from "../protocol";
import { DeploymentsLink } from "./deployments_link";
import { isOver, newer } from "./deployments_state";
import { renderTable, type TableState } from "./deployments_table";
import { renderTimeline, type TimelineState } from "./deployments_timeline";
import { onTheme, theme } from "./host";
import type { Model } from "./model";
import type { Mount } from "./preview";
import { Store } from "./store";

/** How long no news may come of what goes on before the engine is asked. */
const QUIET = 2000;
/** How often a clock that runs is drawn. */
const TICK = 100;

/** None of the notebook's business: it would run its shortcuts, and take the focus back to the active cell. */
const PRIVATE = ["keydown", "keypress", "keyup", "focusin", "focusout", "mousedown", "click", "dblclick"];

/** The ids that timelines show, by model. They are taken out of the models, which notebooks may be saved with. */
const shown = new WeakMap<Model, string>();

function idOf(model: Model): string {
  const id = model.get("deployment");
  if (id) {
    shown.set(model, id);
    model.set("deployment", "");
  }
  return shown.get(model) ?? "";
}

export function mountDeployment(options: Mount): void {
  const { model, el, signal } = options;
  const id = idOf(model);
  const app = model.get("app");
  const store = new Store<TimelineState>({
    ...{ theme: theme(), name: model.get("name"), deployment: null, failure: "", connection: "connecting" },
    ...{ now: Date.now(), logOpen: false, cancelling: false },
  });
  const take = (deployment: Deployment) => {
    if (signal.aborted || deployment.id !== id) return;
    store.set({ deployment: newer(store.value.deployment, deployment), failure: "", now: Date.now() });
    watch();
  };
  const link = new DeploymentsLink(options);
  const ask = () => {
    if (signal.aborted) return;
    if (!id) {
      store.set({ failure: "This deployment is of an earlier session; app.deployments lists it." });
      return;
    }
    link.call({ type: "get_deployment", app, deployment: id }).then(
      (result) => result.type === "deployment" && take(result.deployment),
      (error: Error) => {
        if (!store.value.deployment) store.set({ failure: error.message });
        watch();
      },
    );
  };
  const cancel = async () => {
    store.set({ cancelling: true });
    try {
      const result = await link.call({ type: "cancel_deployment", app, deployment: id });
      if (result.type === "deployment") take(result.deployment);
    } catch (error) {
      store.set({ failure: (error as Error).message });
    } finally {
      store.set({ cancelling: false });
    }
  };
  let quiet: ReturnType<typeof setTimeout> | undefined;
  const watch = () => {
    clearTimeout(quiet);
    const { deployment } = store.value;
    if (!signal.aborted && !(deployment && isOver(deployment.status))) quiet = setTimeout(ask, QUIET);
  };
  const clock = setInterval(() => {
    const { deployment } = store.value;
    if (deployment && !isOver(deployment.status)) store.set({ now: Date.now() });
  }, TICK);
  signal.addEventListener("abort", () => {
    clearTimeout(quiet);
    clearInterval(clock);
  });
  place(el, signal, store, (element) =>
    renderTimeline(element, store, { cancel, toggleLog: () => store.set({ logOpen: !store.value.logOpen }) }),
  );
  link.start({
    changed: take,
    connection(connection) {
      store.set({ connection });
      ask();
    },
  });
}

export function mountDeployments(options: Mount): void {
  const { model, el, signal } = options;
  const app = model.get("app");
  const store = new Store<TableState>({
    ...{ theme: theme(), name: model.get("name"), rows: null, failure: "", now: Date.now() },
  });
  const link = new DeploymentsLink(options);
  const ask = () =>
    link.call({ type: "list_deployments", app }).then(
      (result) =>
        result.type === "deployments" && store.set({ rows: result.deployments, failure: "", now: Date.now() }),
      (error: Error) => store.set({ failure: error.message }),
    );
  place(el, signal, store, (element) => renderTable(element, store));
  link.start({
    changed(deployment) {
      const rows = store.value.rows ?? [];
      const known = rows.some((row) => row.id === deployment.id);
      const changed = rows.map((row) => (row.id === deployment.id ? newer(row, deployment) : row));
      store.set({ rows: known ? changed : [deployment, ...rows], now: Date.now() });
    },
    connection: ask,
  });
}

/** Puts a view into the output, in a shadow root, for as long as the output lives. */
function place<T extends { theme: "light" | "dark" }>(
  el: HTMLElement,
  signal: AbortSignal,
  store: Store<T>,
  renderInto: (element: HTMLElement) => () => void,
): void {
  const element = document.createElement("div");
  element.className = "overskill-deployments";
  element.dataset.lmSuppressShortcuts = "true";
  for (const type of PRIVATE) element.addEventListener(type, (event) => event.stopPropagation());
  el.append(element);
  const unmount = renderInto(element);
  const stop = onTheme((now) => store.set({ theme: now } as Partial<T>));
  signal.addEventListener("abort", () => {
    stop();
    unmount();
    element.remove();
  });
}
