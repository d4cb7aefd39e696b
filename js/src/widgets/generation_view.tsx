// One generation: what the model writes while it runs, then what came of it and what can be done with it.
import { render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Open, Outcome, type Part } from "./generation_outcome";
import { Pane } from "./generation_pane";
import { type Course, isOver, type Status } from "./generation_state";
import { type Act, actsOf, sentenceOf, subjectOf, tokensOf, wordOf } from "./generation_words";
import type { Theme } from "./host";
import { icons } from "./icons";
import type { Store } from "./store";
import { css } from "./styles";
import { duration } from "./times";
import type { Connection } from "./transport";
import { Trouble } from "./trouble";
import { useStore } from "./use_store";

export interface GenerationState {
  theme: Theme;
  /** The component's; empty where none was asked for. */
  name: string;
  course: Course;
  /** Why what was asked for last was not done. */
  failure: string;
  /** Whether the engine does not know it any more. */
  gone: boolean;
  connection: Connection;
  /** What is being done. */
  acting: Act | "";
  now: number;
  /** When it began; null where that was not seen. */
  began: number | null;
  open: Open;
}

export interface GenerationActions {
  act(act: Act): void;
  open(part: Part, open: boolean): void;
}

export function renderGeneration(
  element: HTMLElement,
  store: Store<GenerationState>,
  actions: GenerationActions,
): () => void {
  const root = element.attachShadow({ mode: "open" });
  render(<GenerationOf store={store} actions={actions} />, root);
  return () => render(null, root);
}

function GenerationOf({ store, actions }: { store: Store<GenerationState>; actions: GenerationActions }) {
  const state = useStore(store);
  const { course, gone, failure } = state;
  const over = isOver(course);
  const unknown = gone && !over;
  return (
    <section
      class="stage deployment generation"
      data-theme={state.theme}
      aria-label={`Generation of ${subjectOf(state.name, course.known)}`}
    >
      <style>{css}</style>
      <Head state={state} actions={actions} />
      {failure && <Trouble error={failure} />}
      {over && course.status === "failed" && <Trouble error={course.error || "The generation failed."} />}
      {unknown && <p class="sentence">This generation is not known any more; run the cell again.</p>}
      {!over && (!unknown || course.pieces.length > 0) && <Pane course={course} prose={course.known?.task === "ask"} />}
      {over && <Outcome course={course} open={state.open} onOpen={actions.open} />}
    </section>
  );
}

const MARKS: Record<Exclude<Status, "running">, keyof typeof icons> = {
  kept: "check",
  answered: "check",
  proposed: "draft",
  failed: "close",
  cancelled: "stop",
  undone: "undo",
};

function Head({ state, actions }: { state: GenerationState; actions: GenerationActions }) {
  const { course, gone, connection, began, now } = state;
  const { known, status } = course;
  const running = status === "running" && !gone;
  const subject = subjectOf(state.name, known);
  const lost = running && connection === "lost";
  const sentence = running ? "" : sentenceOf(course);
  const word = gone && status === "running" ? "Interrupted" : lost ? "Disconnected" : wordOf(course);
  return (
    <div class="deployment-head" data-status={status}>
      <span class="outcome" data-status={running ? "running" : status} aria-hidden="true">
        {status !== "running" && icons[MARKS[status]]}
      </span>
      <span class="title" title={known?.prompt}>
        {subject}
      </span>
      <span class="status" role="status" aria-live="polite">
        <span class="word">{word}</span>
        {sentence && <span class="more">{sentence}</span>}
      </span>
      {known?.model && (
        <span class="model" title={known.model}>
          {known.model}
        </span>
      )}
      <span class="space" />
      {running && course.attempt > 1 && <span class="took">attempt {course.attempt}</span>}
      {running && <span class="took">{tokensOf(course.cost, course.uncounted)}</span>}
      {running && began !== null && <span class="took clock">{duration(Math.floor((now - began) / 100) * 100)}</span>}
      {!gone && <Acts state={state} actions={actions} />}
    </div>
  );
}

const DOING: Record<Act, string> = {
  cancel_generation: "Stopping…",
  keep_generation: "Keeping…",
  undo_generation: "Undoing…",
  retry_generation: "Asking…",
};

function Acts({ state, actions }: { state: GenerationState; actions: GenerationActions }) {
  const group = useRef<HTMLSpanElement>(null);
  const focused = useRef(false);
  const acts = actsOf(state.course);
  const names = acts.map(({ label }) => label).join();
  // The button that was used goes with what it did: what comes in its place has the focus then.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when there are other buttons.
  useLayoutEffect(() => {
    const root = group.current?.getRootNode() as ShadowRoot | undefined;
    if (focused.current && !root?.activeElement) group.current?.querySelector("button")?.focus();
  }, [names]);
  return (
    <span
      class="acts"
      ref={group}
      onFocusIn={() => {
        focused.current = true;
      }}
      onFocusOut={({ relatedTarget }) => {
        focused.current = relatedTarget === null;
      }}
    >
      {acts.map(({ act, label, title }, at) => (
        <button
          key={label}
          type="button"
          class={at === 0 && act !== "retry_generation" ? "text-button primary" : "text-button"}
          title={title}
          aria-disabled={state.acting !== ""}
          onClick={() => actions.act(act)}
        >
          {state.acting === act ? DOING[act] : label}
        </button>
      ))}
    </span>
  );
}
