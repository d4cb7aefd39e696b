// The card of an app's repository on GitHub.
import { render } from "preact";
import type { GithubInfo, Repository, Sync } from "../protocol";
import { linkOf } from "./deployments_state";
import { broughtBy, conflictOf, lastOf, reasonOf, syncIsOver, wordOfGithub } from "./github_state";
import { short } from "./history_state";
import type { Theme } from "./host";
import { LogLines } from "./log_lines";
import { Sides } from "./sides_view";
import type { Store } from "./store";
import { css } from "./styles";
import { exactly } from "./times";
import type { Connection } from "./transport";
import { Trouble } from "./trouble";
import { useStore } from "./use_store";

export interface GithubState {
  theme: Theme;
  /** The app's. */
  name: string;
  /** Null before the engine has answered. */
  info: GithubInfo | null;
  failure: string;
  connection: Connection;
  now: number;
  /** What was asked for and is not begun yet. */
  asking: "" | "sync" | "pull";
  logOpen: boolean;
}

export interface GithubActions {
  start(pull: boolean): void;
  toggleLog(): void;
}

export function renderGithub(element: HTMLElement, store: Store<GithubState>, actions: GithubActions): () => void {
  const root = element.attachShadow({ mode: "open" });
  render(<Card store={store} actions={actions} />, root);
  return () => render(null, root);
}

function Card({ store, actions }: { store: Store<GithubState>; actions: GithubActions }) {
  const state = useStore(store);
  const { info, name, failure } = state;
  return (
    <section class="stage deployment" data-theme={state.theme} aria-label={`GitHub of ${name}`}>
      <style>{css}</style>
      <Head state={state} actions={actions} />
      {failure && <Trouble error={failure} />}
      {info && !info.repository && (
        <p class="sentence empty">
          Connect it with <code class="hash">app.github.connect("owner/{name}")</code>: the repository is made where it
          is missing, and pushed to.
        </p>
      )}
      {info?.repository && info.sync && (
        <Last repository={info.repository} sync={info.sync} state={state} actions={actions} />
      )}
    </section>
  );
}

function Head({ state, actions }: { state: GithubState; actions: GithubActions }) {
  const { info, name, now } = state;
  const repository = info?.repository;
  const lost = state.connection === "lost";
  const { status, word, more } = info
    ? wordOfGithub(info, now)
    : { status: "pending", word: state.failure ? "" : "waiting for the engine…", more: "" };
  const busy = state.asking !== "" || Boolean(info?.sync && !syncIsOver(info.sync) && info.sync.waits_until <= now);
  return (
    <div class="deployment-head">
      <span class="title" title={name}>
        {name} <span class="arrow">⇄</span> {repository ? <Address repository={repository} /> : "GitHub"}
      </span>
      {repository?.local && <span class="badge">on this machine</span>}
      <span class="status" role="status" aria-live="polite" data-status={lost ? "pending" : status}>
        <span class="dot" aria-hidden="true" />
        <span class="word">{lost ? "Disconnected" : word}</span>
        {more && !lost && <span class="more">{more}</span>}
      </span>
      {repository && (
        <span class="confirm">
          <button
            type="button"
            class="text-button"
            disabled={busy}
            title="Push what GitHub does not have, take what it has more"
            onClick={() => actions.start(false)}
          >
            Sync
          </button>
          <button
            type="button"
            class="text-button"
            disabled={busy}
            title="Take what GitHub has more, push nothing"
            onClick={() => actions.start(true)}
          >
            Pull
          </button>
        </span>
      )}
    </div>
  );
}

function Address({ repository: { name, url } }: { repository: Repository }) {
  const link = linkOf(url);
  return link ? (
    <a href={link} target="_blank" rel="noopener noreferrer">
      {name}
    </a>
  ) : (
    <span>{name}</span>
  );
}

function Last(props: { repository: Repository; sync: Sync; state: GithubState; actions: GithubActions }) {
  const { repository, sync, state, actions } = props;
  const { status, error, hint, conflicts, commit, log } = sync;
  const over = syncIsOver(sync);
  const reason = reasonOf(sync, state.now);
  const ended = sync.transitions.at(-1)?.at;
  const page = commit ? linkOf(`${repository.url}/commit/${commit}`) : "";
  return (
    <>
      {reason && <p class="sentence top">{reason}</p>}
      {status === "failed" && <Trouble error={error || "The exchange failed."} hint={hint} />}
      {status === "conflict" && (
        <div class="conflict">
          <div class="trouble decision" role="alert">
            {conflicts.length > 0 && <p>{conflictOf(sync)}</p>}
            {hint && <p class="hint">{hint}</p>}
            <PullRequest url={sync.pull_request} />
          </div>
          {conflicts.map((conflict) => (
            <Sides key={conflict.path} conflict={conflict} />
          ))}
        </div>
      )}
      <div class="facts top">
        {over && <span title={ended === undefined ? undefined : exactly(ended)}>{lastOf(sync, state.now)}</span>}
        {status === "synced" && <span>{broughtBy(sync)}</span>}
        {commit && over && (
          <code class="hash" title={commit}>
            {page ? (
              <a href={page} target="_blank" rel="noopener noreferrer">
                {short(commit)}
              </a>
            ) : (
              short(commit)
            )}
          </code>
        )}
        {!over && log.length > 0 && <span>{log.at(-1)}</span>}
        <span class="space" />
        {log.length > 0 && (
          <button type="button" class="text-button quiet" aria-expanded={state.logOpen} onClick={actions.toggleLog}>
            {state.logOpen ? "Hide log" : `Log, ${log.length} ${log.length === 1 ? "line" : "lines"}`}
          </button>
        )}
      </div>
      {state.logOpen && log.length > 0 && <LogLines lines={log} />}
    </>
  );
}

function PullRequest({ url }: { url: string }) {
  const link = linkOf(url);
  if (!link) return null;
  return (
    <p>
      <a href={link} target="_blank" rel="noopener noreferrer">
        Open the pull request
      </a>
    </p>
  );
}
