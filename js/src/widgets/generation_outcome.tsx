// What came of a generation: the difference, what the model said, and what was wrong with its versions.
import type { ComponentChildren } from "preact";
import type { Attempt, FileDiff } from "../protocol";
import { AnswerText } from "./answer_text";
import { countsOf, linesOf } from "./diff_lines";
import { DiffFiles } from "./diff_view";
import { Pane } from "./generation_pane";
import type { Course } from "./generation_state";
import { costsOf, filesOf, lineOf, saysMore } from "./generation_words";

/** Changed lines up to which a difference is shown at once. */
const SHORT = 16;
/** Characters of the same for what is said beside the code. */
const SHORT_ANSWER = 600;

export type Part = "diff" | "answer" | "attempts" | "written";
export type Open = Partial<Record<Part, boolean>>;

interface Shown {
  part: Part;
  label: ComponentChildren;
  open: boolean;
  content: ComponentChildren;
}

export function Outcome(props: { course: Course; open: Open; onOpen: (part: Part, open: boolean) => void }) {
  const { course, open, onOpen } = props;
  const { known, attempts } = course;
  const files = known ? filesOf(known) : [];
  const answer = known?.answer ?? "";
  const asked = known?.task === "ask";
  const shown: Shown[] = [];
  const add = (part: Part, first: boolean, label: ComponentChildren, content: ComponentChildren) =>
    shown.push({ part, label, open: open[part] ?? first, content });
  if (files.length) {
    const { added, removed } = changesOf(files);
    const label = (
      <>
        Difference ({(added > 0 || removed === 0) && <span class="plus">+{added}</span>}
        {added > 0 && removed > 0 && " "}
        {removed > 0 && <span class="minus">−{removed}</span>})
      </>
    );
    add("diff", added + removed <= SHORT, label, <DiffFiles files={files} />);
  }
  if (answer && !asked && answer.length > SHORT_ANSWER) {
    add("answer", false, "What the model said", <AnswerText text={answer} />);
  }
  if (saysMore(attempts)) {
    const label = attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`;
    add("attempts", false, label, <Attempts attempts={attempts} />);
  }
  // Without files there is nothing else that would show it.
  if (!files.length && !answer && course.pieces.length) {
    add("written", false, "What was written", <Pane course={course} prose={asked} />);
  }
  return (
    <>
      {answer && (asked || answer.length <= SHORT_ANSWER) && <AnswerText text={answer} />}
      <div class="facts">
        {costsOf(course).map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
        {known?.replayed && (
          <span class="badge" title="A recording answered; this is what it cost then">
            replayed
          </span>
        )}
        <span class="space" />
        {shown.map((each) => (
          <button
            key={each.part}
            type="button"
            class="text-button quiet"
            aria-expanded={each.open}
            onClick={() => onOpen(each.part, !each.open)}
          >
            <span class="turner" aria-hidden="true" />
            {each.label}
          </button>
        ))}
      </div>
      {shown.map(
        (each) =>
          each.open && (
            <div key={each.part} class="part" data-part={each.part}>
              {each.content}
            </div>
          ),
      )}
    </>
  );
}

function changesOf(files: FileDiff[]): { added: number; removed: number } {
  return countsOf(files.flatMap((file) => linesOf(file.text)));
}

function Attempts({ attempts }: { attempts: Attempt[] }) {
  return (
    <ol class="attempts">
      {attempts.map((attempt) => (
        <li key={attempt.number}>
          <p>
            Attempt {attempt.number}{" "}
            <span class={attempt.passed ? "passed" : "failed"}>{attempt.passed ? "passed" : "failed"}</span>
            {attempt.mended.length > 0 && <span class="hint"> · {attempt.mended.join(" · ")}</span>}
          </p>
          {attempt.diagnostics.map((diagnostic) => (
            <details key={lineOf(diagnostic)} data-severity={diagnostic.severity}>
              <summary>{lineOf(diagnostic)}</summary>
              {diagnostic.frame && <pre class="code">{diagnostic.frame}</pre>}
              {diagnostic.hint && <p class="hint">{diagnostic.hint}</p>}
            </details>
          ))}
        </li>
      ))}
    </ol>
  );
}
