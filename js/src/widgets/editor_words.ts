// The editor's state in words. Pure.
import type { Run } from "./editor_run";
import type { SyncState } from "./editor_state";
import { lineOf, tokensOf, wordOf } from "./generation_words";

/** Whether what is in the canvas is in the file, in a word or two; empty before the page was seen. */
export function savedOf(sync: SyncState): { word: string; bad: boolean } {
  const not = (why: string) => ({ word: `Not saved: ${why}`, bad: true });
  if (sync.theirs) return not("the file was changed, too");
  if (sync.held) return not("nobody was seen to change it");
  if (sync.broken && sync.waits) return not(sync.broken.hash ? "the file cannot be read" : "the file is gone");
  if (sync.saving) return { word: "Saving…", bad: false };
  if (sync.failure && (sync.waits || sync.refused)) return not(small(sync.failure));
  if (sync.unreachable && sync.waits) return not("the connection is lost");
  if (sync.waits) return { word: "Saving…", bad: false };
  return { word: sync.hash && !sync.broken ? "Saved" : "", bad: false };
}

export type Choice = "file" | "mine" | "keep" | "drop" | "again" | "load";

export interface Remark {
  text: string;
  choices: { choice: Choice; label: string; title: string }[];
}

/** What the person is to know, and can do about it; null where all is well. */
export function remarkOf(page: string, sync: SyncState, trouble: string): Remark | null {
  const again = { choice: "again" as const, label: "Try again", title: "Ask the engine once more" };
  if (trouble) {
    return { text: trouble, choices: [{ ...again, choice: "load", title: "Ask for the editor's code again" }] };
  }
  if (sync.theirs) {
    return {
      text: `${page} was changed outside of the canvas while you changed it here.`,
      choices: [
        { choice: "file", label: "Use the file", title: "Show the file as it is now; your changes in the canvas go" },
        { choice: "mine", label: "Keep mine", title: "Write the canvas into the file; what was changed there goes" },
      ],
    };
  }
  if (sync.broken) {
    const { hash, problems } = sync.broken;
    const [first] = problems;
    const why = hash ? `${page} cannot be shown: ${first ? lineOf(first) : "it cannot be read"}.` : `${page} is gone.`;
    const then = hash ? "that is mended" : "it is back";
    const rest = sync.waits ? `Your edits are kept until ${then}.` : `The canvas goes on when ${then}.`;
    return { text: `${why.replace(/\.+$/, ".")} ${rest}`, choices: [] };
  }
  if (sync.held) {
    return {
      text: "The canvas changed the page although nobody did anything there.",
      choices: [
        { choice: "keep", label: "Save it", title: "Write it into the file" },
        { choice: "drop", label: "Put it back", title: "Show the page as the file has it" },
      ],
    };
  }
  if (!sync.failure || sync.unreachable) return null;
  if (sync.refused) return { text: `Not saved: ${sync.failure} The canvas shows the file again.`, choices: [] };
  return { text: sync.waits ? `Not saved: ${sync.failure}` : sync.failure, choices: [again] };
}

/** How a prompt goes, in one line. */
export function progressOf({ course, name, stopping }: Run): string {
  if (stopping) return "Stopping…";
  const facts = [`${name}: ${wordOf(course)}`];
  if (course.attempt > 1) facts.push(`attempt ${course.attempt}`);
  const tokens = tokensOf(course.cost, course.uncounted);
  if (tokens) facts.push(tokens);
  return facts.join(" · ");
}

function small(sentence: string): string {
  const text = sentence.replace(/\.$/, "");
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
