// All of a preview but its frame, in a shadow root. The frame is slotted in: no rendering ever touches it.
import { render } from "preact";
import { useEffect, useReducer } from "preact/hooks";
import { ConsolePanel } from "./console_panel";
import { EditorPrompt } from "./editor_prompt";
import { EditorChanges, type EditorParts, EditorRemark, EditorTools } from "./editor_view";
import { ErrorCard } from "./error_card";
import { Handle } from "./handle";
import type { Device } from "./model";
import type { RecordingActions } from "./recording";
import { RecordButton, RecordingPanel } from "./recording_view";
import type { State } from "./state";
import { Status } from "./status";
import type { Store } from "./store";
import { css as all } from "./styles";
import css from "./theme.css";
import { Toolbar, WIDTHS } from "./toolbar";

export interface ViewActions {
  reload(): void;
  setDevice(device: Device): void;
  /** 0 is automatic. */
  setHeight(height: number): void;
  /** While it is being dragged. */
  previewHeight(height: number): void;
  toggleFull(): void;
}

/** Renders into the element's shadow root; gives back what takes it away again. */
export function renderView(
  element: HTMLElement,
  store: Store<State>,
  actions: ViewActions,
  editor?: EditorParts,
  recording?: RecordingActions,
): () => void {
  const root = element.attachShadow({ mode: "open" });
  const bound: ViewActions = {
    reload: () => actions.reload(),
    setDevice: (device) => actions.setDevice(device),
    setHeight: (height) => actions.setHeight(height),
    previewHeight: (height) => actions.previewHeight(height),
    toggleFull: () => actions.toggleFull(),
  };
  render(<View store={store} actions={bound} editor={editor} recording={editor ? undefined : recording} />, root);
  return () => render(null, root);
}

interface Props {
  store: Store<State>;
  actions: ViewActions;
  editor: EditorParts | undefined;
  /** Of a preview whose steps can be written down. */
  recording: RecordingActions | undefined;
}

function View({ store, actions, editor, recording }: Props) {
  const [, update] = useReducer((n: number) => n + 1, 0);
  useEffect(() => store.listen(() => update(undefined)), [store]);
  useEffect(() => editor?.store.listen(() => update(undefined)), [editor]);
  const state = store.value;
  // An editor keeps its own parts beside the page, whatever the page's width.
  const width = state.isTab || editor ? 0 : WIDTHS[state.device];
  const parts = editor && { state: editor.store.value, actions: editor.actions };
  const toggleConsole = () => store.set({ consoleOpen: !state.consoleOpen });
  const frame = `--frame-height:${state.height}px;--frame-width:${width ? `${width}px` : "100%"}`;
  return (
    <>
      <style>{editor ? all : css}</style>
      <div
        class="stage"
        data-theme={state.theme}
        data-tab={state.isTab || undefined}
        data-full={state.full || undefined}
      >
        {!state.isTab && (
          <Toolbar state={state} actions={actions} of={parts ? "Editor" : "Preview"} toggleConsole={toggleConsole}>
            {parts && <EditorTools {...parts} />}
            {recording && <RecordButton recorded={state.recorded} actions={recording} />}
          </Toolbar>
        )}
        {recording && <RecordingPanel recorded={state.recorded} actions={recording} />}
        {parts && <EditorRemark {...parts} />}
        <div class="body" style={frame}>
          <div class="viewport" data-sized={width > 0 || undefined}>
            <slot name="frame" />
          </div>
          <ErrorCard
            state={parts ? besideRemark(state, parts.state) : state}
            onDismiss={() => store.set({ dismissed: true })}
          />
          {state.isTab && (
            <div class="floating">
              <Status state={state} />
            </div>
          )}
        </div>
        {parts && <EditorPrompt {...parts} />}
        {parts && <EditorChanges {...parts} />}
        {state.consoleOpen && (
          <ConsolePanel state={state} onClear={() => store.set({ lines: [] })} onClose={toggleConsole} />
        )}
        {!state.isTab && !state.full && <Handle height={state.height} actions={actions} />}
      </div>
    </>
  );
}

/** Without what is wrong with the page's own text: that is said above the canvas, which shows the page as it was. */
function besideRemark(state: State, { page, sync }: EditorParts["store"]["value"]): State {
  if (!sync.broken) return state;
  return { ...state, diagnostics: state.diagnostics.filter(({ location }) => location?.file !== page) };
}
