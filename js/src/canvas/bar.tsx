/** @jsxImportSource react */
/** Above the page: undo and redo, and what is shown beside the page. */
import type { ReactNode } from "react";
import { usePuck } from "./bridge";

interface BarProps {
  left: boolean;
  right: boolean;
  onLeft(): void;
  onRight(): void;
}

export function Bar({ left, right, onLeft, onRight }: BarProps): ReactNode {
  const back = usePuck((puck) => puck.history.hasPast);
  const forward = usePuck((puck) => puck.history.hasFuture);
  const history = usePuck((puck) => puck.history);
  const mode = usePuck((puck) => puck.appState.ui.previewMode);
  const dispatch = usePuck((puck) => puck.dispatch);
  const interactive = mode === "interactive";
  return (
    <div className="ov-bar" data-overskill-ui="" role="toolbar" aria-label="Editing">
      <button type="button" aria-pressed={left} onClick={onLeft} title="Components and outline">
        ☰
      </button>
      <button type="button" disabled={!back} onClick={() => history.back()} aria-label="Undo" title="Undo (Ctrl+Z)">
        ↶
      </button>
      <button
        type="button"
        disabled={!forward}
        onClick={() => history.forward()}
        aria-label="Redo"
        title="Redo (Ctrl+Y)"
      >
        ↷
      </button>
      <span className="ov-space" />
      <button
        type="button"
        aria-pressed={interactive}
        title="Use the page instead of editing it"
        onClick={() =>
          dispatch({ type: "setUi", ui: { previewMode: interactive ? "edit" : "interactive", itemSelector: null } })
        }
      >
        Try it
      </button>
      <button type="button" aria-pressed={right} onClick={onRight} title="Properties">
        Properties
      </button>
    </div>
  );
}
