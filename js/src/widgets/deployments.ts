// Deployments on the page: the timeline of one, and the table of an app's.
import type { Deployment, Sync } from "../protocol";
import { isOver, newer } from "./deployments_state";
import { renderTable, type TableState } from "./deployments_table";
import { renderTimeline, type TimelineState } from "./deployments_timeline";
import { EngineLink } from "./engine_link";
import { newerSync, syncIsOver } from "./github_state";
import { theme } from "./host";
import type { Model } from "./model";
import { place } from "./output";
import type { Mount } from "./preview";
import { Store } from "./store";

/** How long no news may come of what goes on before the engine is asked. */
const QUIET = 2000;
/** The same where all that goes on is an exchange that GitHub has asked to wait. */
const PARKED = 15_000;
/** How often a clock that runs is drawn. */
const TICK = 100;

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
    ...{ now: Date.now(), logOpen: null, cancelling: false },
  });
  const take = (deployment: Deployment) => {
    if (signal.aborted || deployment.id !== id) return;
    store.set({ deployment: newer(store.value.deployment, deployment), failure: "", now: Date.now() });
    watch();
  };
  const exchanged = (sync: Sync) => {
    const { deployment } = store.value;
    if (!deployment) return;
    store.set({ deployment: { ...deployment, sync: newerSync(deployment.sync, sync) }, now: Date.now() });
    watch();
  };
  const link = new EngineLink(options);
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
    const working = !deployment || !isOver(deployment.status);
    const sync = deployment?.sync;
    if (signal.aborted || !(working || (sync && !syncIsOver(sync)))) return;
    quiet = setTimeout(ask, !working && sync && sync.waits_until > Date.now() ? PARKED : QUIET);
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
    renderTimeline(element, store, { cancel, showLog: (logOpen) => store.set({ logOpen }) }),
  );
  link.start({
    news(news) {
      if (news.type === "deployment_changed") take(news.deployment);
      else if (news.type === "sync_changed" && news.sync.deployment === id) exchanged(news.sync);
    },
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
  const link = new EngineLink(options);
  const ask = () =>
    link.call({ type: "list_deployments", app }).then(
      (result) =>
        result.type === "deployments" && store.set({ rows: result.deployments, failure: "", now: Date.now() }),
      (error: Error) => store.set({ failure: error.message }),
    );
  place(el, signal, store, (element) => renderTable(element, store));
  link.start({
    news(news) {
      if (news.type !== "deployment_changed") return;
      const { deployment } = news;
      const rows = store.value.rows ?? [];
      const known = rows.some((row) => row.id === deployment.id);
      const changed = rows.map((row) => (row.id === deployment.id ? newer(row, deployment) : row));
      store.set({ rows: known ? changed : [deployment, ...rows], now: Date.now() });
    },
    connection: ask,
  });
}
