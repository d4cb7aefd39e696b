// The list of an app's checkpoints, newest first.
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Checkpoint, FileDiff } from "../protocol";
import { DiffFiles } from "./diff_view";
import { filesOf, originOf, short, titleOf } from "./history_state";
import type { Theme } from "./host";
import type { Store } from "./store";
import { css } from "./styles";
import { ago, exactly } from "./times";
import type { Connection } from "./transport";
import { Trouble } from "./trouble";
import { useStore } from "./use_store";

export interface HistoryState {
  theme: Theme;
  /** The app's. */
  name: string;
  /** Newest first; null before the engine has answered. */
  rows: Checkpoint[] | null;
  /** Whether there may be older ones. */
  more: boolean;
  failure: string;
  connection: Connection;
  now: number;
  /** What the checkpoints changed whose changes are shown; null while that is asked for. */
  open: Record<string, { files: FileDiff[] | null; failure: string }>;
  /** The checkpoint that the user is asked about whether to go back to. */
  confirming: string;
  restoring: string;
  loading: boolean;
}

export interface HistoryActions {
  toggle(id: string): void;
  /** Ask, or with an empty id ask no more. */
  confirm(id: string): void;
  restore(id: string): void;
  older(): void;
}

export function renderHistory(element: HTMLElement, store: Store<HistoryState>, actions: HistoryActions): () => void {
  const root = element.attachShadow({ mode: "open" });
  render(<History store={store} actions={actions} />, root);
  return () => render(null, root);
}

function History({ store, actions }: { store: Store<HistoryState>; actions: HistoryActions }) {
  const state = useStore(store);
  const { rows, name, failure } = state;
  return (
    <section class="stage deployment" data-theme={state.theme} aria-label={`History of ${name}`}>
      <style>{css}</style>
      <div class="deployment-head">
        <span class="title">{name}</span>
        <span class="quiet">history</span>
        <span class="status" role="status" data-status={state.connection === "lost" ? "pending" : ""}>
          {state.connection === "lost" && <span class="word">Disconnected; run the cell again</span>}
        </span>
      </div>
      {failure && <Trouble error={failure} />}
      {!rows?.length ? (
        !failure && <p class="sentence empty">{rows ? `${name} has no checkpoint yet.` : "Waiting for the engine…"}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must be able to.
        <section class="checkpoint-scroll" tabIndex={0} aria-label="Checkpoints, newest first">
          <ol class="checkpoints">
            {rows.map((row, index) => (
              <Item key={row.id} row={row} newest={index === 0} state={state} actions={actions} />
            ))}
          </ol>
          {state.more && (
            <button type="button" class="text-button older" disabled={state.loading} onClick={actions.older}>
              {state.loading ? "Loading…" : "Show older ones"}
            </button>
          )}
        </section>
      )}
    </section>
  );
}

function Item(props: { row: Checkpoint; newest: boolean; state: HistoryState; actions: HistoryActions }) {
  const { row, newest, state, actions } = props;
  const origin = originOf(row);
  const diff = state.open[row.id];
  return (
    <li class="checkpoint" data-newest={newest || undefined} data-broken={!row.compiles || undefined}>
      <div class="checkpoint-line">
        <div class="checkpoint-text">
          <p class="what" title={row.message}>
            {titleOf(row)}
          </p>
          <p class="about">
            <time dateTime={new Date(row.at).toISOString()} title={exactly(row.at)}>
              {ago(row.at, state.now)}
            </time>
            <span class="badge" title={origin.about}>
              {origin.word}
            </span>
            {row.files.length > 0 && <span title={row.files.join("\n")}>{filesOf(row)}</span>}
            <code class="hash" title={row.id}>
              {short(row.id)}
            </code>
            {newest && <span class="now">as it is now</span>}
            {!row.compiles && <span class="broken">did not compile</span>}
          </p>
        </div>
        <Actions row={row} newest={newest} state={state} actions={actions} />
      </div>
      {diff && (
        <div class="changes">
          {diff.files && <DiffFiles files={diff.files} />}
          {!diff.files && <p class="sentence">{diff.failure || "Loading…"}</p>}
        </div>
      )}
    </li>
  );
}

function Actions(props: { row: Checkpoint; newest: boolean; state: HistoryState; actions: HistoryActions }) {
  const { row, newest, state, actions } = props;
  const { id } = row;
  const confirming = state.confirming === id;
  const restoring = state.restoring === id;
  const asked = useRef<HTMLButtonElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const before = useRef(confirming);
  useEffect(() => {
    if (confirming) asked.current?.focus();
    else if (before.current) opener.current?.focus();
    before.current = confirming;
  }, [confirming]);
  if (confirming) {
    return (
      // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along.
      <span
        class="confirm"
        role="group"
        aria-label={`Restore ${short(id)}?`}
        onKeyDown={(event) => event.key === "Escape" && actions.confirm("")}
      >
        <span class="question">
          {restoring ? "Going back…" : "Restore this? The files of now are kept as a checkpoint."}
        </span>
        <button
          type="button"
          ref={asked}
          class="text-button primary"
          disabled={restoring}
          onClick={() => actions.restore(id)}
        >
          Restore
        </button>
        <button type="button" class="text-button" disabled={restoring} onClick={() => actions.confirm("")}>
          Cancel
        </button>
      </span>
    );
  }
  const open = Boolean(state.open[id]);
  return (
    <span class="confirm">
      <button
        type="button"
        class="text-button quiet"
        aria-expanded={open}
        aria-label={`${open ? "Hide" : "Show"} what ${short(id)} changed`}
        onClick={() => actions.toggle(id)}
      >
        {open ? "Hide" : "Changes"}
      </button>
      {!newest && (
        <button
          type="button"
          ref={opener}
          class="text-button"
          disabled={state.restoring !== ""}
          aria-label={`Restore ${short(id)}`}
          onClick={() => actions.confirm(id)}
        >
          Restore
        </button>
      )}
    </span>
  );
}
