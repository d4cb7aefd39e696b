// What a generation's data means for a reader. Pure.
import type { Attempt, Cost, Diagnostic, FileDiff, Generation } from "../protocol";
import { type Course, isOver, type Status } from "./generation_state";
import { duration } from "./times";

const OUTCOMES: Record<Exclude<Status, "running">, string> = {
  kept: "Kept",
  proposed: "Proposed",
  answered: "Answered",
  failed: "Failed",
  cancelled: "Stopped",
  undone: "Undone",
};

const SENTENCES: Partial<Record<Status, string>> = {
  kept: "it is in the app",
  proposed: "nothing is written yet",
  cancelled: "the app is as it was",
  undone: "the files are as they were before",
};

const PHASES: Record<Course["phase"], string> = {
  waiting: "Waiting for the model…",
  writing: "Writing…",
  working: "Working…",
  checked: "Checked",
};

/** Of what, in a word or two. `name` is the component's, where one was asked for. */
export function subjectOf(name: string, known: Generation | null): string {
  if (name || known?.name) return name || (known?.name ?? "");
  if (!known) return "Generation";
  return { component: "Component", app: "The whole app", fix: "Fix", ask: "Question" }[known.task];
}

export function wordOf(course: Course): string {
  if (course.status !== "running") return OUTCOMES[course.status];
  if (course.known?.task === "ask" && course.phase === "writing") return "Answering…";
  return PHASES[course.phase];
}

export function sentenceOf(course: Course): string {
  if (course.status === "kept" && course.known && !course.known.files.length) return "it changed nothing";
  return SENTENCES[course.status] ?? "";
}

/** In words, such as "1,234 tokens"; what was not counted yet is estimated. */
export function tokensOf(cost: Cost | null, uncounted: number): string {
  const counted = (cost?.input_tokens ?? 0) + (cost?.output_tokens ?? 0);
  const count = counted + Math.ceil(uncounted / 4);
  if (!count) return "";
  return `${uncounted ? "about " : ""}${figure(count)} ${count === 1 ? "token" : "tokens"}`;
}

/** What it cost, one fact each. */
export function costsOf({ cost, attempts }: Pick<Course, "cost" | "attempts">): string[] {
  if (!cost) return [];
  const facts: string[] = [];
  if (cost.input_tokens || cost.output_tokens) {
    facts.push(`${figure(cost.input_tokens)} tokens in + ${figure(cost.output_tokens)} out`);
  }
  if (cost.money !== null) facts.push(money(cost.money));
  const times = [cost.seconds && `${duration(cost.seconds * 1000)} model`];
  times.push(cost.own_seconds && `${duration(cost.own_seconds * 1000)} ours`);
  const said = times.filter(Boolean).join(" + ");
  if (said) facts.push(said);
  // Where there is more to say of them a button says how many they are.
  if (attempts.length && !saysMore(attempts)) facts.push("1 attempt");
  return facts;
}

/** What a tool gave, without the marks that tell a model whose words they are. */
export const outcomeOf = (outcome: string): string => outcome.replace(/^<data name="[^"]*">\s*/, "");

export const figure = (count: number): string => count.toLocaleString("en-US");

/** Two figures that say something, however little it is. */
export function money(dollars: number): string {
  if (dollars >= 1 || dollars === 0) return `$${dollars.toFixed(2)}`;
  const digits = Math.min(8, 1 - Math.floor(Math.log10(dollars)));
  return `$${dollars.toFixed(Math.max(2, digits))}`;
}

/** A problem in one line. */
export function lineOf({ message, location }: Diagnostic): string {
  const line = message.split("\n", 1)[0] ?? "";
  return location ? `${line} (${location.file}:${location.line})` : line;
}

/** Whether the attempts have more to say than that one passed. */
export const saysMore = (attempts: Attempt[]): boolean =>
  attempts.length > 1 || attempts.some((attempt) => attempt.diagnostics.length || attempt.mended.length);

export type Act = "cancel_generation" | "keep_generation" | "undo_generation" | "retry_generation";

/** What can be done with it, the likeliest first. */
export function actsOf(course: Course): { act: Act; label: string; title: string }[] {
  const { status, known } = course;
  if (!isOver(course)) {
    return [{ act: "cancel_generation", label: "Stop", title: "Stop the model; the app stays as it is" }];
  }
  const keep = (label: string, title: string) => ({ act: "keep_generation" as const, label, title });
  const written = (known?.files.length ?? 0) > 0;
  const acts: { act: Act; label: string; title: string }[] = [];
  if (written && status === "proposed") acts.push(keep("Keep", "Write it to the app"));
  if (written && status === "failed") acts.push(keep("Keep anyway", "Write it to the app although its check failed"));
  if (written && status === "undone") acts.push(keep("Keep again", "Write it to the app again"));
  if (written && status === "kept") {
    acts.push({ act: "undo_generation", label: "Undo", title: "Put the files back as they were before" });
  }
  const again = status === "kept" ? "Take it back, and ask the same once more" : "Ask the same once more";
  acts.push({ act: "retry_generation", label: "Retry", title: again });
  return acts;
}

const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

/** One difference a file. `diff` is that of all files after one another. */
export function filesOf({ files, diff }: Pick<Generation, "files" | "diff">): FileDiff[] {
  const texts: string[] = [];
  let before = 0;
  let after = 0;
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    // Inside of a hunk a line that begins as a file's name does is one that went.
    if (!before && !after && line.startsWith("--- ")) texts.push("");
    const hunk = HUNK.exec(line);
    if (!before && !after && hunk) {
      before = Number(hunk[1] ?? 1);
      after = Number(hunk[2] ?? 1);
    } else {
      if (/^[- ]/.test(line) && before) before--;
      if (/^[+ ]/.test(line) && after) after--;
    }
    if (texts.length) texts[texts.length - 1] += `${line}\n`;
  }
  const byPath = new Map(texts.map((text) => [pathOf(text), text]));
  return files.map(({ path, before: old, after: now }) => ({
    path,
    status: old === null ? "added" : now === null ? "removed" : "changed",
    text: byPath.get(path) ?? "",
  }));
}

function pathOf(text: string): string {
  const [old = "", now = ""] = text.split("\n", 2);
  return (now === "+++ /dev/null" ? old : now).slice("+++ b/".length);
}
