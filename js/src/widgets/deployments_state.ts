// What a deployment's data means for a reader: its steps with their times, its word, its summary. Pure.
import type { Deployment } from "../protocol";

export type Status = Deployment["status"];
export type StepState = "todo" | "current" | "done" | "failed" | "stopped" | "skipped";

export interface Step {
  label: string;
  state: StepState;
  /** Milliseconds; up to now where it is going on, null where it did not begin. */
  ms: number | null;
  detail: string;
}

const STEPS: { status: Status; label: string; timings: string[] }[] = [
  { status: "building", label: "Build", timings: [] },
  { status: "uploading", label: "Upload", timings: ["upload", "put"] },
  { status: "verifying", label: "Verify", timings: [] },
];

const WORDS: Record<Status, string> = {
  pending: "Waiting",
  building: "Building…",
  uploading: "Uploading…",
  verifying: "Verifying…",
  deployed: "Live",
  failed: "Failed",
  cancelled: "Cancelled",
  superseded: "Superseded",
  rolled_back: "Rolled back",
};

/** Statuses after which no work is done. */
export const isOver = (status: Status): boolean => !["pending", "building", "uploading", "verifying"].includes(status);

export function wordOf(deployment: Deployment): string {
  return isTakenOff(deployment) ? "Taken off" : WORDS[deployment.status];
}

/** Whether it ever served what was built. */
export const wasLive = ({ transitions }: Deployment): boolean =>
  transitions.some(({ status }) => status === "deployed");

/** It was live, and nothing took its place. */
function isTakenOff(deployment: Deployment): boolean {
  return deployment.status === "superseded" && !deployment.superseded_by && wasLive(deployment);
}

export function stepsOf(deployment: Deployment, now: number): Step[] {
  const { transitions, timings, kind, status } = deployment;
  const ended = isOver(status);
  return STEPS.filter((step) => step.status !== "building" || kind === "deploy").map((step) => {
    const index = transitions.findLastIndex((transition) => transition.status === step.status);
    const began = transitions[index];
    if (!began) return { label: step.label, state: ended ? "skipped" : "todo", ms: null, detail: "" };
    const next = transitions[index + 1];
    const detail = step.timings
      .filter((name) => timings[name] !== undefined)
      .map((name) => `${name} ${duration(timings[name] as number)}`)
      .join(", ");
    return { label: step.label, state: stateOf(next?.status), ms: Math.max(0, (next?.at ?? now) - began.at), detail };
  });
}

function stateOf(next: Status | undefined): StepState {
  if (next === undefined) return "current";
  if (next === "failed") return "failed";
  return next === "cancelled" || next === "superseded" ? "stopped" : "done";
}

/** From the first step to the last, or to now. */
export function tookOf({ transitions, timings, status }: Deployment, now: number): number | null {
  if (timings.total !== undefined) return timings.total;
  const first = transitions[0];
  if (!first) return null;
  // Being replaced is not part of the work.
  const end = transitions.find((transition) => isOver(transition.status));
  return Math.max(0, (end?.at ?? (isOver(status) ? first.at : now)) - first.at);
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
}

export function size(bytes: number): string {
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(2)} MB`;
}

/** What became of it, in one sentence, where its word does not say enough. */
export function sentenceOf(deployment: Deployment): string {
  const { status, kind, environment } = deployment;
  const note = deployment.transitions.at(-1)?.note ?? "";
  switch (status) {
    case "pending":
      return note || "It begins as soon as the one before it ends.";
    case "cancelled":
      return "What was live before still is.";
    case "superseded":
      if (isTakenOff(deployment)) return note || `The app is not in ${environment} any more.`;
      return wasLive(deployment)
        ? `A newer deployment is live in ${environment} now.`
        : "A newer deployment took its place before it was live.";
    case "rolled_back":
      return `An earlier version is live in ${environment} again.`;
    case "deployed":
      return kind === "deploy" ? "" : kind === "promote" ? "The same files as before, not built anew." : note;
    default:
      return "";
  }
}

/** The newer of two states of one deployment, however they arrived. */
export function newer(before: Deployment | null, now: Deployment): Deployment {
  if (!before || before.id !== now.id) return now;
  const steps = now.transitions.length - before.transitions.length;
  return steps < 0 || (steps === 0 && now.log.length < before.log.length) ? before : now;
}

/** A time of day, with its date where that is not today's. */
export function moment(at: number, now: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const sameDay = date.toDateString() === new Date(now).toDateString();
  return sameDay ? time : `${date.toLocaleDateString(undefined, { day: "numeric", month: "short" })}, ${time}`;
}

/** The address, where it is one that a link may lead to. */
export function linkOf(url: string): string {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : "";
}
