// The button that begins a recording, and the steps beneath the toolbar until they are kept.
import { useEffect, useRef } from "preact/hooks";
import { Button } from "./icons";
import { DEFAULT_NAME, type Recorded, type RecordingActions, wordsOf } from "./recording";

interface Props {
  recorded: Recorded;
  actions: RecordingActions;
}

export function RecordButton({ recorded, actions }: Props) {
  return (
    <Button
      icon="record"
      label={recorded.on ? "Drop what is recorded" : "Record what you do"}
      pressed={recorded.on}
      onClick={() => (recorded.on ? actions.drop() : actions.begin())}
    />
  );
}

export function RecordingPanel({ recorded, actions }: Props) {
  const { on, name, steps, keeping, said, failed } = recorded;
  const list = useRef<HTMLOListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest step is to be seen.
  useEffect(() => list.current?.scrollTo({ top: list.current.scrollHeight }), [steps.length]);
  if (!on) {
    return said ? (
      <div class="recording" role="status">
        <p class={failed ? "bad" : ""}>{said}</p>
        <Button icon="close" label="Close" onClick={actions.drop} />
      </div>
    ) : null;
  }
  const submit = (event: Event) => {
    event.preventDefault();
    actions.keep();
  };
  return (
    <form class="recording" aria-label="Recording" onSubmit={submit}>
      {said && (
        <p class={failed ? "bad" : ""} role="alert">
          {said}
        </p>
      )}
      <ol ref={list} class="recording-steps" aria-label="Steps">
        {steps.map((step, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two steps may be the same, and none has a state.
          <li key={n}>
            {wordsOf(step)}
            {failed && <Button icon="close" label={`Leave out step ${n + 1}`} onClick={() => actions.remove(n)} />}
          </li>
        ))}
        {steps.length === 0 && <li class="quiet">Use the preview: what you do is written down.</li>}
      </ol>
      <input
        class="recording-name"
        type="text"
        value={name}
        placeholder={DEFAULT_NAME}
        aria-label="Name of the recording"
        disabled={keeping}
        onInput={(event) => actions.rename(event.currentTarget.value)}
      />
      <button type="submit" class="recording-keep" disabled={keeping || steps.length === 0}>
        {keeping ? "Keeping…" : "Stop and keep"}
      </button>
    </form>
  );
}
