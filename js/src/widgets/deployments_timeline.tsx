// The timeline of one deployment: its steps with their times, its address, and what there is to say about it.
import { type ComponentChildren, render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Deployment } from "../protocol";
import { copyText } from "./clipboard";
import {
  isByWorkflow,
  isOver,
  linkOf,
  type Step,
  sentenceOf,
  size,
  stepsOf,
  tookOf,
  wordOf,
} from "./deployments_state";
import { SyncRow } from "./deployments_sync";
import { short } from "./history_state";
import type { Theme } from "./host";
import { Button, icons } from "./icons";
import { LogLines } from "./log_lines";
import type { Store } from "./store";
import { css } from "./styles";
import { duration } from "./times";
import type { Connection } from "./transport";
import { Trouble } from "./trouble";
import { useStore } from "./use_store";

export interface TimelineState {
  theme: Theme;
  /** The app's. */
  name: string;
  deployment: Deployment | null;
  /** Why the engine could not be asked, or did not do what it was asked. */
  failure: string;
  connection: Connection;
  now: number;
  /** Null: as the deployment's state asks for it. */
  logOpen: boolean | null;
  cancelling: boolean;
}

export interface TimelineActions {
  cancel(): void;
  showLog(open: boolean): void;
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
  const { status, kind, name, environment, warnings, log, error, hint, sync } = deployment;
  const over = isOver(status);
  const took = tookOf(deployment, state.now);
  const sentence = sentenceOf(deployment);
  const lost = state.connection === "lost" && !over;
  // Where a workflow failed, its log is the reason.
  const logOpen = state.logOpen ?? (status === "failed" && isByWorkflow(deployment));
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
      {(error || (over && state.failure)) && <Trouble error={error || state.failure} hint={hint} />}
      {status === "deployed" && <Address url={deployment.url} local={deployment.target === "local"} />}
      {sync && <SyncRow sync={sync} now={state.now} />}
      {warnings.map((warning) => (
        <p key={warning} class="warning">
          {warning}
        </p>
      ))}
      <div class="facts">
        <Facts deployment={deployment} />
        <span class="space" />
        {log.length > 0 && (
          <button
            type="button"
            class="text-button quiet"
            aria-expanded={logOpen}
            onClick={() => actions.showLog(!logOpen)}
          >
            {logOpen ? "Hide log" : `Log, ${log.length} ${log.length === 1 ? "line" : "lines"}`}
          </button>
        )}
      </div>
      {logOpen && log.length > 0 && <LogLines lines={log} />}
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
      <span class="label">
        {step.link ? (
          <a href={step.link} target="_blank" rel="noopener noreferrer">
            {step.label}
          </a>
        ) : (
          step.label
        )}
      </span>
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
  const { artefact, commit, files, first_load_gzip: bytes } = deployment;
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
  if (commit) {
    facts.push(
      <span key="commit" title={commit}>
        checkpoint <code class="hash">{short(commit)}</code>
      </span>,
    );
  }
  return <>{facts}</>;
}
