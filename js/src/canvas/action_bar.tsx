/** @jsxImportSource react */
/** What stands at the selected item: Puck's own actions, and the way to a prompt. */
import { ActionBar as PuckActionBar } from "@puckeditor/core";
import type { ReactNode } from "react";
import { useEditor } from "./context";

interface Given {
  label?: string;
  children: ReactNode;
  parentAction: ReactNode;
}

export function ActionBar({ label, children, parentAction }: Given): ReactNode {
  const { host } = useEditor();
  return (
    <PuckActionBar>
      <PuckActionBar.Group>
        {parentAction}
        {label && <PuckActionBar.Label label={label} />}
      </PuckActionBar.Group>
      <PuckActionBar.Group>
        <PuckActionBar.Action label="Prompt" onClick={() => host.say({ type: "prompt", kind: "edit" })}>
          <Spark />
        </PuckActionBar.Action>
        {children}
      </PuckActionBar.Group>
    </PuckActionBar>
  );
}

function Spark(): ReactNode {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
      <path d="M8 1l1.6 4.4L14 7l-4.4 1.6L8 13 6.4 8.6 2 7l4.4-1.6z" />
    </svg>
  );
}
