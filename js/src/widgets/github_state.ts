// What the state of an exchange with GitHub means for a reader. Pure.
import type { GithubInfo, Sync } from "../protocol";
import { ago, duration, moment } from "./times";

export interface Word {
  /** What the dot's colour goes by. */
  status: string;
  word: string;
  more: string;
}

/** Whether no more work is done for it. */
export const syncIsOver = ({ status }: Sync): boolean => status !== "pending" && status !== "syncing";

/** The newer of two syncs, or of two states of one, however they arrived. */
export function newerSync(before: Sync | null, now: Sync | null): Sync | null {
  if (!before || !now) return now ?? before;
  if (before.id !== now.id) return began(now) < began(before) ? before : now;
  const steps = now.transitions.length - before.transitions.length;
  return steps < 0 || (steps === 0 && now.log.length < before.log.length) ? before : now;
}

const began = ({ transitions }: Sync): number => transitions[0]?.at ?? 0;
const ended = ({ transitions }: Sync): number => transitions.at(-1)?.at ?? 0;

function waiting(sync: Sync, now: number): string {
  if (syncIsOver(sync) || sync.waits_until <= now) return "";
  return `Waiting for GitHub until ${moment(sync.waits_until, now, sync.waits_until - now < 120_000)}`;
}

/** Why it waits, where its word does not say that. */
export function reasonOf(sync: Sync, now: number): string {
  const note = waiting(sync, now) ? (sync.transitions.at(-1)?.note ?? "") : "";
  return note.startsWith("Waiting for GitHub") ? "" : note;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** How an app stands with its repository. */
export function wordOfGithub({ repository, sync, ahead }: GithubInfo, now: number): Word {
  if (!repository) return { status: "", word: "Not connected", more: "" };
  if (sync && !["synced", "cancelled"].includes(sync.status)) return wordOfSync(sync, now);
  if (ahead) return { status: "ahead", word: `${counted(ahead, "checkpoint")} ahead of GitHub`, more: "" };
  if (sync) return { status: "synced", word: "In step with GitHub", more: "" };
  return { status: "", word: "Not synced", more: "" };
}

/** What an exchange is at. */
export function wordOfSync(sync: Sync, now: number): Word {
  const { status } = sync;
  const waits = waiting(sync, now);
  if (waits) return { status: "pending", word: waits, more: "" };
  switch (status) {
    case "pending":
      return { status, word: "About to sync…", more: "" };
    case "syncing":
      return { status, word: "Syncing…", more: sync.log.at(-1) ?? "" };
    case "synced":
      return { status, word: "Synced", more: broughtBy(sync) };
    case "conflict":
      return { status, word: sync.conflicts.length ? "Conflict" : "Pull request open", more: "" };
    case "failed":
      return { status, word: "Sync failed", more: "" };
    case "cancelled":
      return { status: "", word: "Not synced", more: sync.transitions.at(-1)?.note ?? "" };
  }
}

/** What went where. */
export function broughtBy({ pushed, received }: Sync): string {
  if (!pushed && !received) return "nothing was new";
  return [pushed && `${counted(pushed, "commit")} pushed`, received && `${counted(received, "commit")} received`]
    .filter(Boolean)
    .join(", ");
}

const REASONS: Record<Sync["reason"], string> = {
  asked: "",
  pull: "",
  connect: "after connecting",
  deploy: "after a deployment",
  promote: "for production",
};

/** When the last exchange was, what for, and how long it took. */
export function lastOf(sync: Sync, now: number): string {
  return [`Last exchange ${ago(ended(sync), now)}`, REASONS[sync.reason], sync.ms && duration(sync.ms)]
    .filter(Boolean)
    .join(", ");
}

/** What both sides changed, and what became of it. */
export function conflictOf({ conflicts, pull_request: pullRequest }: Sync): string {
  const [first] = conflicts;
  if (!first) return "";
  const what = conflicts.length === 1 ? first.path : counted(conflicts.length, "file");
  const were = conflicts.length === 1 ? "was changed here and on GitHub" : "were changed here and on GitHub";
  const next = pullRequest ? "" : " Sync asks for a decision in a pull request.";
  return `${what} ${were} in the same place. Neither side was touched.${next}`;
}
