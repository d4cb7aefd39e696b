// All of a preview but its frame, in a shadow root. The frame is slotted in: no rendering ever touches it.
import { render } from "preact";
import { useEffect, useReducer } from "preact/hooks";
import { ConsolePanel } from "./console_panel";
import { ErrorCard } from "./error_card";
import { Handle } from "./handle";
import type { Device } from "./model";
import type { State } from "./state";
import { Status } from "./status";
import type { Store } from "./store";
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
export function renderView(element: HTMLElement, store: Store<State>, actions: ViewActions): () => void {
  const root = element.attachShadow({ mode: "open" });
  const bound: ViewActions = {
    reload: () => actions.reload(),
    setDevice: (device) => actions.setDevice(device),
    setHeight: (height) => actions.setHeight(height),
    previewHeight: (height) => actions.previewHeight(height),
    toggleFull: () => actions.toggleFull(),
  };
  render(<View store={store} actions={bound} />, root);
  return () => render(null, root);
}

function View({ store, actions }: { store: Store<State>; actions: ViewActions }) {
  const [, update] = useReducer((n: number) => n + 1, 0);
  useEffect(() => store.listen(() => update(undefined)), [store]);
  const state = store.value;
  const width = state.isTab ? 0 : WIDTHS[state.device];
  const toggleConsole = () => store.set({ consoleOpen: !state.consoleOpen });
  const frame = `--frame-height:${state.height}px;--frame-width:${width ? `${width}px` : "100%"}`;
  return (
    <>
      <style>{css}</style>
      <div
        class="stage"
        data-theme={state.theme}
        data-tab={state.isTab || undefined}
        data-full={state.full || undefined}
      >
        {!state.isTab && <Toolbar state={state} actions={actions} toggleConsole={toggleConsole} />}
        <div class="body" style={frame}>
          <div class="viewport" data-sized={width > 0 || undefined}>
            <slot name="frame" />
          </div>
          <ErrorCard state={state} onDismiss={() => store.set({ dismissed: true })} />
          {state.isTab && (
            <div class="floating">
              <Status state={state} />
            </div>
          )}
        </div>
        {state.consoleOpen && (
          <ConsolePanel state={state} onClear={() => store.set({ lines: [] })} onClose={toggleConsole} />
        )}
        {!state.isTab && !state.full && <Handle height={state.height} actions={actions} />}
      </div>
    </>
  );
}
