// The table of an app's deployments, newest first.
import { render } from "preact";
import type { Deployment } from "../protocol";
import { isOver, linkOf, size, tookOf, wordOf } from "./deployments_state";
import type { Theme } from "./host";
import type { Store } from "./store";
import { css } from "./styles";
import { duration, moment } from "./times";
import { useStore } from "./use_store";

export interface TableState {
  theme: Theme;
  /** The app's. */
  name: string;
  /** Newest first; null before the engine has answered. */
  rows: Deployment[] | null;
  failure: string;
  now: number;
}

export function renderTable(element: HTMLElement, store: Store<TableState>): () => void {
  const root = element.attachShadow({ mode: "open" });
  render(<Table store={store} />, root);
  return () => render(null, root);
}

const COLUMNS = ["#", "Environment", "Status", "Artefact", "First load", "Took", "Started", "Replaced by"];

function Table({ store }: { store: Store<TableState> }) {
  const state = useStore(store);
  const { rows, name } = state;
  const numbers = new Map((rows ?? []).map((row, index, all) => [row.id, all.length - index]));
  return (
    <div class="stage deployment" data-theme={state.theme}>
      <style>{css}</style>
      {!rows?.length ? (
        <p class="sentence empty" role="status">
          {rows ? `${name} was not deployed yet.` : state.failure || "Waiting for the engine…"}
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must be able to.
        <section class="table-scroll" aria-label={`Deployments of ${name}`} tabIndex={0}>
          <table>
            <caption class="visually-hidden">Deployments of {name}, newest first</caption>
            <thead>
              <tr>
                {COLUMNS.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.id} row={row} numbers={numbers} now={state.now} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}

function Row({ row, numbers, now }: { row: Deployment; numbers: Map<string, number>; now: number }) {
  const took = isOver(row.status) ? tookOf(row, now) : null;
  const started = row.transitions[0]?.at;
  const link = row.status === "deployed" ? linkOf(row.url) : "";
  return (
    <tr data-status={row.status} title={row.error || undefined}>
      <td class="number">{numbers.get(row.id)}</td>
      <th scope="row">
        {link ? (
          <a href={link} target="_blank" rel="noopener noreferrer">
            {row.environment}
          </a>
        ) : (
          row.environment
        )}
        {row.kind !== "deploy" && <span class="origin"> {originOf(row, numbers)}</span>}
      </th>
      <td>
        <span class="status" data-status={row.status}>
          <span class="dot" aria-hidden="true" />
          <span class="word">{wordOf(row)}</span>
        </span>
      </td>
      <td>
        <code class="hash" title={row.artefact || undefined}>
          {row.artefact.slice(0, 8)}
        </code>
      </td>
      <td class="figure">{row.first_load_gzip ? size(row.first_load_gzip) : ""}</td>
      <td class="figure">{took === null ? "" : duration(took)}</td>
      <td class="figure" title={started === undefined ? undefined : new Date(started).toISOString()}>
        {started === undefined ? "" : moment(started, now)}
      </td>
      <td class="number">{numberOf(row.superseded_by, numbers)}</td>
    </tr>
  );
}

function originOf({ kind, source }: Deployment, numbers: Map<string, number>): string {
  const from = numberOf(source, numbers);
  return `${kind === "promote" ? "promoted" : "back"}${from ? ` from ${from}` : ""}`;
}

function numberOf(id: string, numbers: Map<string, number>): string {
  const number = numbers.get(id);
  return number === undefined ? "" : `#${number}`;
}
