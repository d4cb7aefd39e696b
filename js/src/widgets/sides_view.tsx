// A file that both sides changed: the two versions beside each other.
import type { Conflict } from "../protocol";
import { type Side, sideBySide } from "./diff_lines";

/** Rows of one file that are shown. */
const MOST = 400;

export function Sides({ conflict }: { conflict: Conflict }) {
  const { path, ours, theirs, binary } = conflict;
  const rows = binary ? [] : sideBySide(ours, theirs);
  return (
    <section class="diff-file" aria-label={`${path}, both versions`}>
      <div class="diff-head">
        <span class="path" title={path}>
          {path}
        </span>
      </div>
      {binary ? (
        <p class="diff-rest">It is not text, so the two versions are not shown.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must be able to.
        <section class="diff" tabIndex={0} aria-label={`Lines of ${path}`}>
          <table class="sides">
            <thead>
              <tr>
                <th scope="col">Here{ours === null && ", removed"}</th>
                <th scope="col">On GitHub{theirs === null && ", removed"}</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, MOST).map((row) =>
                "skipped" in row ? (
                  <tr key={row.from} class="fold">
                    <td colSpan={2}>{row.skipped === 1 ? "1 equal line" : `${row.skipped} equal lines`}</td>
                  </tr>
                ) : (
                  <tr key={`${row.ours?.number}-${row.theirs?.number}`} data-differs={row.differs || undefined}>
                    <Cell side={row.ours} differs={row.differs} />
                    <Cell side={row.theirs} differs={row.differs} />
                  </tr>
                ),
              )}
            </tbody>
          </table>
          {rows.length > MOST && <p class="diff-rest">{rows.length - MOST} more lines</p>}
        </section>
      )}
    </section>
  );
}

function Cell({ side, differs }: { side: Side | null; differs: boolean }) {
  return (
    <td data-lacks={!side || undefined}>
      {side && (
        <span class="diff-line">
          <span class="line-number" aria-hidden="true">
            {side.number}
          </span>
          <code>
            {differs && <span class="visually-hidden">differs: </span>}
            {side.text}
          </code>
        </span>
      )}
    </td>
  );
}
