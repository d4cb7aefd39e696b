// What a model writes, as it writes it. Follows the end as long as the end is in sight.
import { useLayoutEffect, useRef } from "preact/hooks";
import { AnswerText } from "./answer_text";
import type { Course, Piece } from "./generation_state";
import { outcomeOf } from "./generation_words";

/** A longer answer is not taken apart anew with each word. */
const MOST_PROSE = 20_000;
/** Within so many pixels of the end it is in sight. */
const NEAR = 24;

export function Pane({ course, prose }: { course: Course; prose: boolean }) {
  const box = useRef<HTMLElement>(null);
  const follows = useRef(true);
  const { attempt, pieces, reason, cut, size } = course;
  // biome-ignore lint/correctness/useExhaustiveDependencies: an attempt begins at its end.
  useLayoutEffect(() => {
    follows.current = true;
  }, [attempt]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with whatever is new.
  useLayoutEffect(() => {
    if (box.current && follows.current) box.current.scrollTop = box.current.scrollHeight;
  }, [pieces]);
  const asProse = prose && size < MOST_PROSE && pieces.every((piece) => piece.kind === "text");
  return (
    <>
      {attempt > 1 && (
        <p class="attempt-reason" title={reason}>
          Attempt {attempt}: {reason || "once more"}
        </p>
      )}
      <section
        ref={box}
        class="pane"
        data-prose={prose || undefined}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must be able to.
        tabIndex={0}
        aria-label="What the model writes"
        aria-live="off"
        onScroll={({ currentTarget: at }) => {
          follows.current = at.scrollTop + at.clientHeight >= at.scrollHeight - NEAR;
        }}
      >
        {cut && <p class="pane-note">The beginning is left out.</p>}
        {asProse ? (
          <AnswerText text={pieces.map((piece) => (piece.kind === "text" ? piece.text : "")).join("")} />
        ) : (
          pieces.map((piece, at) => <PieceOf key={piece.key} piece={piece} before={pieces[at - 1]} />)
        )}
      </section>
    </>
  );
}

function PieceOf({ piece, before }: { piece: Piece; before: Piece | undefined }) {
  if (piece.kind === "note") return <p class="pane-note">{piece.text}</p>;
  if (piece.kind === "tool") {
    return (
      <p class="pane-note" title={piece.outcome || undefined}>
        <span class="tool">{piece.tool}</span> {piece.subject}
        {piece.outcome && <span class="tool-outcome"> → {outcomeOf(piece.outcome)}</span>}
      </p>
    );
  }
  const path = piece.path && !(before?.kind === "text" && before.path === piece.path) ? piece.path : "";
  return (
    <>
      {path && <p class="pane-path">{path}</p>}
      <div class="written">{piece.text}</div>
    </>
  );
}
