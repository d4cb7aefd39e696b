// GitHub's row in a deployment's timeline: the exchange that followed, which nobody waited for.
import type { Sync } from "../protocol";
import { linkOf } from "./deployments_state";
import { conflictOf, reasonOf, wordOfSync } from "./github_state";
import { short } from "./history_state";
import { Linked } from "./trouble";

export function SyncRow({ sync, now }: { sync: Sync; now: number }) {
  const { status, word, more } = wordOfSync(sync, now);
  const why = whyOf(sync, now);
  const pull = linkOf(sync.pull_request);
  return (
    <div class="sync" title={sync.repository}>
      <span class="badge">GitHub</span>
      <span class="status" role="status" data-status={status}>
        <span class="dot" aria-hidden="true" />
        <span class="word">{word}</span>
        {more && <span class="more">{more}</span>}
      </span>
      {sync.status === "synced" && sync.commit && (
        <code class="hash" title={sync.commit}>
          {short(sync.commit)}
        </code>
      )}
      {pull && (
        <a href={pull} target="_blank" rel="noopener noreferrer">
          Open the pull request
        </a>
      )}
      {why && (
        <span class="why">
          <Linked text={why} />
        </span>
      )}
    </div>
  );
}

function whyOf(sync: Sync, now: number): string {
  const { status, error, hint } = sync;
  if (status === "failed") return [error, hint].filter(Boolean).join(" ");
  if (status === "conflict") return [conflictOf(sync), hint].filter(Boolean).join(" ");
  return reasonOf(sync, now);
}
