// An app's history on the page: its checkpoints, what each changed, and the way back.
import type { Checkpoint, FileDiff } from "../protocol";
import { EngineLink } from "./engine_link";
import { withNew, withPage } from "./history_state";
import { type HistoryState, renderHistory } from "./history_view";
import { theme } from "./host";
import { place } from "./output";
import type { Mount } from "./preview";
import { Store } from "./store";

/** How many checkpoints are asked for at a time. */
const PAGE = 30;
/** How often the engine is asked although it tells of each checkpoint. */
const NOW_AND_THEN = 60_000;
/** How often the times that have passed are said anew. */
const TICK = 20_000;

export function mountHistory(options: Mount): void {
  const { model, el, signal } = options;
  const app = model.get("app");
  const store = new Store<HistoryState>({
    ...{ theme: theme(), name: model.get("name"), rows: null, more: false, failure: "", connection: "connecting" },
    ...{ now: Date.now(), open: {}, confirming: "", restoring: "", loading: false },
  });
  const link = new EngineLink(options);
  const list = async (before = ""): Promise<Checkpoint[]> => {
    const result = await link.call({ type: "list_checkpoints", app, limit: PAGE, before });
    if (result.type !== "checkpoints") throw new Error("The engine gave another answer.");
    return result.checkpoints;
  };
  const ask = () =>
    list().then(
      (page) => {
        const rows = withPage(store.value.rows ?? [], page);
        const more = rows.length > page.length ? store.value.more : page.length === PAGE;
        store.set({ rows, more, failure: "", now: Date.now() });
      },
      (error: Error) => store.set({ failure: error.message }),
    );
  const older = async () => {
    const { rows } = store.value;
    store.set({ loading: true });
    try {
      const page = await list(rows?.at(-1)?.id);
      store.set({ rows: [...(store.value.rows ?? []), ...page], more: page.length === PAGE, failure: "" });
    } catch (error) {
      store.set({ failure: (error as Error).message });
    } finally {
      store.set({ loading: false });
    }
  };
  const show = (id: string, diff: { files: FileDiff[] | null; failure: string }) =>
    store.set({ open: { ...store.value.open, [id]: diff } });
  const toggle = async (id: string) => {
    if (store.value.open[id]) {
      const { [id]: _closed, ...open } = store.value.open;
      store.set({ open });
      return;
    }
    show(id, { files: null, failure: "" });
    let files: FileDiff[] | null = null;
    let failure = "";
    try {
      const result = await link.call({ type: "read_diff", app, checkpoint: id });
      if (result.type === "diff") files = result.files;
    } catch (error) {
      failure = (error as Error).message;
    }
    if (store.value.open[id]) show(id, { files, failure });
  };
  const restore = async (id: string) => {
    store.set({ restoring: id, failure: "" });
    try {
      const result = await link.call({ type: "restore_checkpoint", app, checkpoint: id });
      if (result.type === "checkpoint") take(result.checkpoint);
    } catch (error) {
      store.set({ failure: (error as Error).message });
    } finally {
      store.set({ restoring: "", confirming: "" });
    }
  };
  const take = (made: Checkpoint) => {
    const { rows } = store.value;
    if (rows) store.set({ rows: withNew(rows, made), now: Date.now() });
  };
  const clock = setInterval(() => store.set({ now: Date.now() }), TICK);
  const again = setInterval(() => document.visibilityState === "visible" && void ask(), NOW_AND_THEN);
  signal.addEventListener("abort", () => {
    clearInterval(clock);
    clearInterval(again);
  });
  const confirm = (confirming: string) => store.set({ confirming });
  place(el, signal, store, (element) => renderHistory(element, store, { toggle, confirm, restore, older }));
  link.start({
    news(news) {
      if (news.type !== "checkpoint_made") return;
      // What came from GitHub or git may be more than the one that is told of.
      if (["github", ""].includes(news.checkpoint.origin)) void ask();
      else take(news.checkpoint);
    },
    connection(connection) {
      store.set({ connection });
      void ask();
    },
  });
}
