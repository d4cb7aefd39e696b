/** @jsxImportSource react */
/** What is selected, and what can be done with it without a mouse. */
import { useGetPuck } from "@puckeditor/core";
import { type ReactNode, useEffect } from "react";
import { usePuck } from "./bridge";
import { useLibrary } from "./context";
import { duplicate, move, remove } from "./insertion";

export function Selection(): ReactNode {
  const library = useLibrary();
  const getPuck = useGetPuck();
  const type = usePuck((puck) => puck.selectedItem?.type ?? null);
  const help = type === null ? "" : (library.component(String(type))?.help ?? "");
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      const typing = (event.target as Element | null)?.closest?.("input,textarea,select,[contenteditable]");
      if (!event.altKey || typing || !/^Arrow(?:Up|Down)$/.test(event.key)) return;
      event.preventDefault();
      move(getPuck(), event.key === "ArrowUp" ? -1 : 1);
    };
    addEventListener("keydown", listener);
    return () => removeEventListener("keydown", listener);
  }, [getPuck]);
  if (type === null) {
    const tag = library.page?.root;
    return (
      <header className="ov-selection">
        <h2>Page</h2>
        <p className="ov-help">
          {tag ? `The page's own element, <${tag}>. ` : ""}Select something in the page to change it.
        </p>
      </header>
    );
  }
  return (
    <header className="ov-selection">
      <h2>{library.label(String(type))}</h2>
      <div className="ov-actions">
        <button type="button" onClick={() => move(getPuck(), -1)} title="Move up (Alt+↑)" aria-label="Move up">
          ↑
        </button>
        <button type="button" onClick={() => move(getPuck(), 1)} title="Move down (Alt+↓)" aria-label="Move down">
          ↓
        </button>
        <button type="button" onClick={() => duplicate(getPuck())}>
          Duplicate
        </button>
        <button type="button" onClick={() => remove(getPuck())}>
          Delete
        </button>
      </div>
      {help && <p className="ov-help">{help}</p>}
    </header>
  );
}
