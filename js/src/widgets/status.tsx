import { type State, type Status as StatusName, statusOf } from "./state";

const names: Record<StatusName, string> = {
  loading: "Loading",
  building: "Building…",
  live: "Live",
  error: "Error",
  disconnected: "Disconnected",
};

/** A dot and a word, announced when it changes; what is going on beside it. */
export function Status({ state }: { state: State }) {
  const status = statusOf(state);
  const word = status === "building" ? state.progress || names.building : names[status];
  const more = [
    status === "error" && isOlder(state) ? "showing the last working version" : "",
    status === "disconnected" && state.connection === "connecting" ? "reconnecting…" : "",
    status === "disconnected" && state.connection === "lost" ? "run the cell again" : "",
    status === "loading" || status === "error" ? state.progress : "",
    state.notice,
  ].filter(Boolean);
  return (
    <span class="status" role="status" aria-live="polite" data-status={status}>
      <span class="dot" aria-hidden="true" />
      <span class="word">{word}</span>
      {more.length > 0 && <span class="more">{more.join(" · ")}</span>}
    </span>
  );
}

/** What is on screen is not what the files say, because they do not build or did not run. */
export function isOlder(state: State): boolean {
  return state.live && (state.kept || state.diagnostics.some((diagnostic) => diagnostic.severity === "error"));
}
