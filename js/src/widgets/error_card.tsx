import { useEffect, useState } from "preact/hooks";
import type { Diagnostic } from "../protocol";
import { copyText } from "./clipboard";
import { Button } from "./icons";
import { isCardShown, placeOf, problemsOf, type State, textOf, titleOf } from "./state";
import { isOlder } from "./status";

/** The problems of a preview, one at a time, over the lower part of what still works. */
export function ErrorCard({ state, onDismiss }: { state: State; onDismiss: () => void }) {
  const problems = problemsOf(state);
  const [chosen, setIndex] = useState(0);
  const index = Math.min(chosen, problems.length - 1);
  const problem = problems[index];
  if (!problem || !isCardShown(state)) return null;
  const canDismiss = !state.silent && !state.diagnostics.some((diagnostic) => diagnostic.severity === "error");
  const place = placeOf(problem);
  const count = state.errors.find((error) => error.diagnostic === problem)?.count ?? 1;
  return (
    <div class="card" role="alert">
      <div class="card-head">
        <strong>{titleOf(problem)}</strong>
        {place && <code class="place">{place}</code>}
        {count > 1 && <span class="times">× {count}</span>}
        <span class="space" />
        {problems.length > 1 && <Pager index={index} total={problems.length} onGo={setIndex} />}
        <CopyButton problem={problem} />
        {canDismiss && <Button icon="close" label="Dismiss" onClick={onDismiss} />}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must be able to. */}
      <div class="card-body" tabIndex={0}>
        <p class="message">{problem.message}</p>
        {problem.frame && <pre class="code">{problem.frame}</pre>}
        {problem.hint && <p class="hint">{problem.hint}</p>}
        {problem.stack && (
          <details>
            <summary>Stack</summary>
            <pre class="code">{problem.stack}</pre>
          </details>
        )}
      </div>
      {isOlder(state) && <p class="kept">Showing the last working version.</p>}
    </div>
  );
}

function Pager({ index, total, onGo }: { index: number; total: number; onGo: (index: number) => void }) {
  return (
    <span class="pager">
      <button
        type="button"
        class="button"
        aria-label="Previous problem"
        disabled={index === 0}
        onClick={() => onGo(index - 1)}
      >
        ‹
      </button>
      {index + 1} of {total}
      <button
        type="button"
        class="button"
        aria-label="Next problem"
        disabled={index === total - 1}
        onClick={() => onGo(index + 1)}
      >
        ›
      </button>
    </span>
  );
}

function CopyButton({ problem }: { problem: Diagnostic }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => setCopied(await copyText(textOf(problem)));
  return (
    <Button icon="copy" label={copied ? "Copied" : "Copy as text"} onClick={copy}>
      {copied && <span class="copied">Copied</span>}
    </Button>
  );
}
