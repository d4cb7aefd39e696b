// The timeline of one deployment: its steps with their times, its address, and what there is to say about it.
import { type ComponentChildren, render } from "preact";
import { useEffect, useLayoutEffect, useReducer, useState } from "preact/hooks";
import type { Deployment } from "../protocol";
import { copyText } from "./clipboard";
import base from "./deployments.css";
import { duration, isOver, linkOf, type Step, sentenceOf, size, stepsOf, tookOf, wordOf } from "./deployments_state";
import type { Theme } from "./host";
import { Button, icons } from "./icons";
import type { Store } from "./store";
import theme from "./theme.css";
import type { Connection } from "./transport";

export const css = `${theme}\n${base}`;

export interface TimelineState {
  theme: Theme;
  /** The app's. */
  name: string;
  deployment: Deployment | null;
  /** Why the engine could not be asked, or did not do what it was asked. */
  failure: string;
  connection: Connection;
  now: number;
  logOpen: boolean;
  cancelling: boolean;
}

export interface TimelineActions {
  cancel(): void;
  toggleLog(): void;
}

export function renderTimeline(
  element: HTMLElement,
  store: Store<TimelineState>,
  actions: TimelineActions,
): () => void {
  const root = element.attachShadow({ mode: "open" });
  render(<Timeline store={store} actions={actions} />, root);
  return () => render(null, root);
}

export function useStore<T extends object>(store: Store<T>): Readonly<T> {
  const [, update] = useReducer((n: number) => n + 1, 0);
  // Before anything else runs: an answer may be there sooner than the browser draws.
  useLayoutEffect(() => store.listen(() => update(undefined)), [store]);
  return store.value;
}

function Timeline({ store, actions }: { store: Store<TimelineState>; actions: TimelineActions }) {
  const state = useStore(store);
  const { deployment } = state;
  return (
    <section class="stage deployment" data-theme={state.theme} aria-label={`Deployment of ${state.name}`}>
      <style>{css}</style>
      {deployment ? <Known deployment={deployment} state={state} actions={actions} /> : <Unknown state={state} />}
    </section>
  );
}

/** Before the engine has answered. */
function Unknown({ state }: { state: TimelineState }) {
  return (
    <div class="deployment-head">
      <span class="status" role="status" data-status={state.failure ? "failed" : "pending"}>
        <span class="dot" aria-hidden="true" />
        <span class="word">{state.name}</span>
        <span class="more">{state.failure || "waiting for the engine…"}</span>
      </span>
    </div>
  );
}

function Known(props: { deployment: Deployment; state: TimelineState; actions: TimelineActions }) {
  const { deployment, state, actions } = props;
  const { status, kind, name, environment, warnings, log, error, hint } = deployment;
  const over = isOver(status);
  const took = tookOf(deployment, state.now);
  const sentence = sentenceOf(deployment);
  const lost = state.connection === "lost" && !over;
  return (
    <>
      <div class="deployment-head">
        <span class="title" title={`${name}, ${kind} to ${environment}`}>
          {name} <span class="arrow">{kind === "rollback" ? "↺" : "→"}</span> {environment}
        </span>
        <span class="status" role="status" aria-live="polite" data-status={status}>
          <span class="dot" aria-hidden="true" />
          <span class="word">{lost ? "Disconnected" : wordOf(deployment)}</span>
          {lost && <span class="more">the work goes on; run the cell again to see it</span>}
        </span>
        {!over && !lost && log.length > 0 && (
          <span class="activity" title={log.at(-1)}>
            {log.at(-1)}
          </span>
        )}
        <span class="space" />
        {took !== null && <span class="took">{duration(took)}</span>}
        {!over && (
          <button type="button" class="text-button" disabled={state.cancelling} onClick={actions.cancel}>
            {state.cancelling ? "Cancelling…" : "Cancel"}
          </button>
        )}
      </div>
      <ol class="steps" aria-label="Steps">
        {stepsOf(deployment, state.now).map((step) => (
          <StepItem key={step.label} step={step} />
        ))}
      </ol>
      {sentence && <p class="sentence">{sentence}</p>}
      {(error || (over && state.failure)) && (
        <div class="trouble" role="alert">
          <p>{error || state.failure}</p>
          {hint && <p class="hint">{hint}</p>}
        </div>
      )}
      {status === "deployed" && <Address url={deployment.url} local={deployment.target === "local"} />}
      {warnings.map((warning) => (
        <p key={warning} class="warning">
          {warning}
        </p>
      ))}
      <div class="facts">
        <Facts deployment={deployment} />
        <span class="space" />
        {log.length > 0 && (
          <button type="button" class="text-button quiet" aria-expanded={state.logOpen} onClick={actions.toggleLog}>
            {state.logOpen ? "Hide log" : `Log, ${log.length} ${log.length === 1 ? "line" : "lines"}`}
          </button>
        )}
      </div>
      {state.logOpen && log.length > 0 && <LogLines lines={log} />}
    </>
  );
}

const words: Record<Step["state"], string> = {
  todo: "to do",
  current: "under way",
  done: "done",
  failed: "failed",
  stopped: "stopped",
  skipped: "not done",
};

function StepItem({ step }: { step: Step }) {
  return (
    <li class="step" data-state={step.state} aria-current={step.state === "current" ? "step" : undefined}>
      <span class="mark" aria-hidden="true">
        {step.state === "done" && icons.check}
        {step.state === "failed" && icons.close}
        {step.state === "stopped" && icons.stop}
      </span>
      <span class="label">{step.label}</span>
      <span class="visually-hidden">, {words[step.state]}</span>
      <span class="ms" title={step.detail || undefined}>
        {step.ms === null ? "" : duration(step.ms)}
      </span>
    </li>
  );
}

function Address({ url, local }: { url: string; local: boolean }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const link = linkOf(url);
  if (!link) return null;
  return (
    <div class="address">
      <a href={link} target="_blank" rel="noopener noreferrer">
        {link}
      </a>
      <Button
        icon="copy"
        label={copied ? "Copied" : "Copy the address"}
        onClick={async () => setCopied(await copyText(link))}
      >
        {copied && <span class="copied">Copied</span>}
      </Button>
      {local && <span class="badge">on this machine</span>}
    </div>
  );
}

function Facts({ deployment }: { deployment: Deployment }) {
  const { artefact, files, first_load_gzip: bytes } = deployment;
  const facts: ComponentChildren[] = [];
  if (bytes) facts.push(<span key="size">{size(bytes)} first load</span>);
  if (files) facts.push(<span key="files">{files === 1 ? "1 file" : `${files} files`}</span>);
  if (artefact) {
    facts.push(
      <code key="hash" class="hash" title={artefact}>
        {artefact.slice(0, 12)}
      </code>,
    );
  }
  return <>{facts}</>;
}

/** Follows its end as long as its end is in sight. */
function LogLines({ lines }: { lines: string[] }) {
  const follow = (element: HTMLPreElement | null) => {
    if (!element) return;
    const atEnd = element.dataset.left !== "true";
    if (atEnd) element.scrollTop = element.scrollHeight;
  };
  return (
    <pre
      ref={follow}
      class="code log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must be able to.
      tabIndex={0}
      role="log"
      aria-label="Log"
      onScroll={({ currentTarget: at }) => {
        at.dataset.left = String(at.scrollTop + at.clientHeight < at.scrollHeight - 4);
      }}
    >
      {lines.join("\n")}
    </pre>
  );
}
