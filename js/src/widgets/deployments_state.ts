// What a deployment's data means for a reader: its steps with their times, its word, its summary. Pure.
import type { Deployment } from "../protocol";
import { newerSync } from "./github_state";
import { duration } from "./times";

export type Status = Deployment["status"];
export type StepState = "todo" | "current" | "done" | "failed" | "stopped" | "skipped";

export interface Step {
  label: string;
  state: StepState;
  /** Milliseconds; up to now where it is going on, null where it did not begin. */
  ms: number | null;
  detail: string;
  /** A page that tells more. */
  link?: string;
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

/** Whether GitHub's workflow builds and deploys it. */
export const isByWorkflow = ({ repository }: Deployment): boolean => repository !== "";

export function stepsOf(deployment: Deployment, now: number): Step[] {
  const { timings, kind, status } = deployment;
  const step = (label: string, span: Span | null, detail = ""): Step => {
    if (!span) return { label, state: isOver(status) ? "skipped" : "todo", ms: null, detail: "" };
    return { label, state: stateOf(span.next), ms: Math.max(0, (span.end ?? now) - span.began), detail };
  };
  if (isByWorkflow(deployment)) {
    const [send, build] = sentAndBuilt(deployment);
    const link = linkOf(deployment.run_url);
    const built = step("Build on GitHub", build);
    const check = step("Check the address", spanOf(deployment, "verifying"));
    return [step("Send to GitHub", send), link ? { ...built, link } : built, check];
  }
  return STEPS.filter((each) => each.status !== "building" || kind === "deploy").map((each) => {
    const detail = each.timings
      .filter((name) => timings[name] !== undefined)
      .map((name) => `${name} ${duration(timings[name] as number)}`)
      .join(", ");
    return step(each.label, spanOf(deployment, each.status), detail);
  });
}

/** How long a deployment was in a status, and what came after. */
interface Span {
  began: number;
  end: number | undefined;
  next: Status | undefined;
}

function spanOf({ transitions }: Deployment, status: Status): Span | null {
  const last = transitions.findLastIndex((transition) => transition.status === status);
  // Remarks on a status have a line of their own.
  let first = last;
  while (transitions[first - 1]?.status === status) first--;
  const began = transitions[first];
  const next = transitions[last + 1];
  return began ? { began: began.at, end: next?.at, next: next?.status } : null;
}

/** While it builds the commit is sent first, then the workflow runs. Until when is known from the sending's time. */
function sentAndBuilt(deployment: Deployment): [Span | null, Span | null] {
  const whole = spanOf(deployment, "building");
  const sent = deployment.timings.prepare;
  if (!whole || sent === undefined) return [whole, null];
  const began = whole.began + sent;
  return [
    { began: whole.began, end: began, next: "building" },
    { ...whole, began },
  ];
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
      if (isByWorkflow(deployment)) return `Built by the workflow of ${deployment.repository}.`;
      return kind === "deploy" ? "" : kind === "promote" ? "The same files as before, not built anew." : note;
    case "failed":
      return "";
    default:
      return note; // that it waits, and why
  }
}

/** The newer of two states of one deployment, however they arrived. */
export function newer(before: Deployment | null, now: Deployment): Deployment {
  if (!before || before.id !== now.id) return now;
  const steps = now.transitions.length - before.transitions.length;
  const later = steps < 0 || (steps === 0 && now.log.length < before.log.length) ? before : now;
  const sync = newerSync(before.sync, now.sync);
  return sync === later.sync ? later : { ...later, sync };
}

/** The address, where it is one that a link may lead to. */
export function linkOf(url: string): string {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : "";
}
