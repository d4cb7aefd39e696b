// What an editor has beside its frame: in the toolbar, above the canvas, and below it.
import { useEffect, useRef } from "preact/hooks";
import { DiffFiles } from "./diff_view";
import type { EditorActions } from "./editor";
import type { EditorState } from "./editor_state";
import { remarkOf, savedOf } from "./editor_words";
import { Button } from "./icons";
import type { Store } from "./store";

export interface EditorParts {
  store: Store<EditorState>;
  actions: EditorActions;
}

interface Props {
  state: EditorState;
  actions: EditorActions;
}

export function EditorTools({ state, actions }: Props) {
  const { word, bad } = savedOf(state.sync);
  return (
    <>
      <span class="saved" role="status" aria-live="polite" data-bad={bad || undefined} title={word}>
        {word}
      </span>
      <button
        type="button"
        class="button"
        title={`What changed in ${state.page} since the editor was opened`}
        aria-expanded={state.changes.open}
        onClick={() => actions.toggleChanges()}
      >
        Changes
      </button>
    </>
  );
}

export function EditorRemark({ state, actions }: Props) {
  const remark = remarkOf(state.page, state.sync, state.trouble);
  if (!remark) return null;
  return (
    <div class="remark" role="alert">
      <p>{remark.text}</p>
      {remark.choices.map(({ choice, label, title }) => (
        <button key={choice} type="button" class="text-button" title={title} onClick={() => actions.choose(choice)}>
          {label}
        </button>
      ))}
    </div>
  );
}

export function EditorChanges({ state, actions }: Props) {
  const { open, files, failure } = state.changes;
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (open) panel.current?.scrollIntoView?.({ block: "nearest" });
  }, [open]);
  if (!open) return null;
  return (
    <section class="since" ref={panel} aria-label={`Changes of ${state.page}`}>
      <div class="console-head">
        <span class="title">Since the editor was opened</span>
        <span class="space" />
        <Button icon="close" label="Close the changes" onClick={() => actions.toggleChanges()} />
      </div>
      <div class="since-files">
        {failure && <p class="sentence">{failure}</p>}
        {!failure && files?.length === 0 && <p class="sentence">{state.page} is as it was.</p>}
        {!failure && files && files.length > 0 && <DiffFiles files={files} />}
        {!failure && !files && <p class="sentence">Loading…</p>}
      </div>
    </section>
  );
}
