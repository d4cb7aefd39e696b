// An app's repository on the page: how both stand, and what their last exchange is at.
import type { GithubInfo, Sync } from "../protocol";
import { EngineLink } from "./engine_link";
import { newerSync, syncIsOver } from "./github_state";
import { type GithubState, renderGithub } from "./github_view";
import { theme } from "./host";
import { place } from "./output";
import type { Mount } from "./preview";
import { Store } from "./store";

/** How long no news may come of what goes on before the engine is asked. */
const QUIET = 2000;
/** The same while GitHub has asked to wait. */
const PARKED = 15_000;
/** How long after a checkpoint it is asked how far ahead the app is. */
const SETTLED = 300;
/** How often the times that have passed are said anew. */
const TICK = 1000;

export function mountGithub(options: Mount): void {
  const { model, el, signal } = options;
  const app = model.get("app");
  const store = new Store<GithubState>({
    ...{ theme: theme(), name: model.get("name"), info: null, failure: "", connection: "connecting" },
    ...{ now: Date.now(), asking: "", logOpen: false },
  });
  const link = new EngineLink(options);
  let later: ReturnType<typeof setTimeout> | undefined;
  const askIn = (ms: number) => {
    clearTimeout(later);
    if (!signal.aborted) later = setTimeout(ask, ms);
  };
  const watch = () => {
    clearTimeout(later);
    const sync = store.value.info?.sync;
    if (sync && !syncIsOver(sync)) askIn(sync.waits_until > Date.now() ? PARKED : QUIET);
  };
  const ask = () => {
    if (signal.aborted) return;
    link.call({ type: "get_github", app }).then(
      (result) => result.type === "github" && take(result),
      (error: Error) => {
        store.set({ failure: error.message });
        watch();
      },
    );
  };
  const take = (info: GithubInfo) => {
    const { sync } = store.value.info ?? { sync: null };
    const same = store.value.info?.repository?.name === info.repository?.name;
    store.set({ info: { ...info, sync: same ? newerSync(sync, info.sync) : info.sync }, failure: "", now: Date.now() });
    watch();
  };
  const exchanged = (sync: Sync) => {
    const { info } = store.value;
    if (!info?.repository) return ask();
    store.set({ info: { ...info, sync: newerSync(info.sync, sync) }, failure: "", now: Date.now() });
    // How far ahead the app is then, only the engine knows.
    if (syncIsOver(sync)) askIn(0);
    else watch();
  };
  const start = async (pull: boolean) => {
    store.set({ asking: pull ? "pull" : "sync", failure: "" });
    try {
      const result = await link.call({ type: "start_sync", app, pull });
      if (result.type === "sync") exchanged(result.sync);
    } catch (error) {
      store.set({ failure: (error as Error).message });
    } finally {
      store.set({ asking: "" });
    }
  };
  const clock = setInterval(() => store.set({ now: Date.now() }), TICK);
  signal.addEventListener("abort", () => {
    clearTimeout(later);
    clearInterval(clock);
  });
  const toggleLog = () => store.set({ logOpen: !store.value.logOpen });
  place(el, signal, store, (element) => renderGithub(element, store, { start, toggleLog }));
  link.start({
    news(news) {
      if (news.type === "sync_changed") exchanged(news.sync);
      else if (news.type === "checkpoint_made") askIn(SETTLED);
    },
    connection(connection) {
      store.set({ connection });
      ask();
    },
  });
}
