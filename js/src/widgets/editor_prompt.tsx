// One field for prompts. It belongs to the page and not to the canvas, where generated code could write into it.
import { useEffect, useRef } from "preact/hooks";
import type { EditorActions } from "./editor";
import { componentOf, type EditorState, type Kind, kindOf } from "./editor_state";
import { progressOf } from "./editor_words";

export function EditorPrompt({ state, actions }: { state: EditorState; actions: EditorActions }) {
  const { text, name, focus, run, failure, done } = state.prompt;
  const kind = kindOf(state);
  const component = componentOf(state);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focus) field.current?.focus();
  }, [focus]);
  const placeholder = kind === "edit" ? `What is to change about ${component?.name}?` : "Describe a new component";
  const submit = (event: Event) => {
    event.preventDefault();
    actions.submit();
  };
  return (
    <form class="prompt" aria-label="Prompt" onSubmit={submit}>
      <div class="prompt-line">
        {component ? (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along.
          <span class="filters" role="group" aria-label="What the prompt is for">
            <Aim kind="edit" label={`Edit ${component.name}`} state={state} actions={actions} />
            <Aim kind="generate" label="Generate here" state={state} actions={actions} />
          </span>
        ) : (
          <span class="prompt-kind" title={placeOf(state)}>
            Generate here
          </span>
        )}
        <input
          ref={field}
          class="prompt-field"
          type="text"
          value={text}
          placeholder={placeholder}
          aria-label={
            kind === "edit" ? `Edit ${component?.name} with a prompt` : `Generate a component, ${placeOf(state)}`
          }
          aria-describedby={failure ? "prompt-failure" : undefined}
          disabled={run !== null}
          onInput={(event) => actions.write(event.currentTarget.value)}
        />
        {kind === "generate" && (
          <input
            class="prompt-name"
            type="text"
            value={name}
            placeholder="Name"
            aria-label="Name of the new component"
            spellcheck={false}
            disabled={run !== null}
            onInput={(event) => actions.rename(event.currentTarget.value.trim())}
          />
        )}
        {run ? (
          <button type="button" class="text-button" disabled={run.stopping} onClick={() => actions.cancel()}>
            Stop
          </button>
        ) : (
          <button type="submit" class="text-button primary" disabled={!text.trim()}>
            {kind === "edit" ? "Change" : "Generate"}
          </button>
        )}
      </div>
      <p class="prompt-said" role="status" aria-live="polite" hidden={!run && !done}>
        {run ? progressOf(run) : done}
      </p>
      {failure && (
        <p class="prompt-said" id="prompt-failure" role="alert" data-bad>
          {failure}
        </p>
      )}
    </form>
  );
}

function Aim(props: { kind: Kind; label: string; state: EditorState; actions: EditorActions }) {
  const { kind, label, state, actions } = props;
  return (
    <button
      type="button"
      class="filter"
      aria-pressed={kindOf(state) === kind}
      disabled={state.prompt.run !== null}
      title={kind === "edit" ? "Change the component itself, wherever it is used" : placeOf(state)}
      onClick={() => actions.aim(kind)}
    >
      {label}
    </button>
  );
}

function placeOf({ selected }: EditorState): string {
  return selected ? "at what is selected" : "at the end of the page";
}
