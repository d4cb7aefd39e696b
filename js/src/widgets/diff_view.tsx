// What became of files, line by line.
import type { FileDiff } from "../protocol";
import { countsOf, type DiffLine, linesOf } from "./diff_lines";

/** Lines of one file that are shown. */
const MOST = 600;

const SIGNS: Record<DiffLine["kind"], string> = { same: " ", added: "+", removed: "−", gap: "⋯", remark: " " };
const WORDS: Partial<Record<DiffLine["kind"], string>> = { added: "added: ", removed: "removed: " };

export function DiffFiles({ files }: { files: FileDiff[] }) {
  if (!files.length) return <p class="sentence">No file differs.</p>;
  return (
    <>
      {files.map((file) => (
        <DiffFile key={file.path} file={file} />
      ))}
    </>
  );
}

function DiffFile({ file }: { file: FileDiff }) {
  const lines = linesOf(file.text);
  const { added, removed } = countsOf(lines);
  const rest = lines.length - MOST;
  return (
    <section class="diff-file" aria-label={`${file.path}, ${file.status}`}>
      <div class="diff-head">
        <span class="path" title={file.path}>
          {file.path}
        </span>
        {file.status !== "changed" && <span class="badge">{file.status}</span>}
        <span class="space" />
        {added > 0 && <span class="plus">+{added}</span>}
        {removed > 0 && <span class="minus">−{removed}</span>}
      </div>
      {lines.length === 0 ? (
        <p class="diff-rest">Nothing to show line by line: it is empty, too long, or not text.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must be able to.
        <section class="diff" tabIndex={0} aria-label={`Lines of ${file.path}`}>
          {lines.slice(0, MOST).map((line) => (
            <Line key={`${line.kind}${line.before}-${line.after}`} line={line} />
          ))}
          {rest > 0 && <p class="diff-rest">{rest} more lines</p>}
        </section>
      )}
    </section>
  );
}

function Line({ line }: { line: DiffLine }) {
  const { kind, text, before, after } = line;
  return (
    <div class="diff-line" data-kind={kind}>
      <span class="line-number" aria-hidden="true">
        {kind === "gap" || kind === "remark" ? "" : (after ?? before)}
      </span>
      <span class="sign" aria-hidden="true">
        {SIGNS[kind]}
      </span>
      <code>
        {WORDS[kind] && <span class="visually-hidden">{WORDS[kind]}</span>}
        {text}
      </code>
    </div>
  );
}
