/** @jsxImportSource react */
/** Between Puck's state and what the page says: pages come in, what the person does goes out. */
import { createUsePuck, type Data as PuckData, useGetPuck } from "@puckeditor/core";
import { type ReactNode, useEffect } from "react";
import type { PageView } from "../protocol";
import { type Data, same } from "../worker/editor/data";
import { useEditor, useLibrary, useStore } from "./context";
import { toPage, toPuck } from "./data";
import { put } from "./insertion";
import type { Library } from "./library";

export const usePuck = createUsePuck();

/** Numbers the person's edits, and knows those that are our own doing. */
export class Edits {
  last = 0;
  applying = false;
  selected: string | null = null;
  /** Hash of the page that was taken in last. */
  base = "";
  /** What Puck holds, as far as it has been told or has told. */
  data: Data | null = null;
}

/** The data that Puck is to hold. */
export function dataOf(page: PageView | null, library: Library): PuckData {
  const data = (page?.data ?? { root: { props: {} }, content: [] }) as Data;
  return toPuck(data, library) as unknown as PuckData;
}

export function Bridge({ edits }: { edits: Edits }): ReactNode {
  const { host, store } = useEditor();
  const library = useLibrary();
  const getPuck = useGetPuck();
  const page = useStore((state) => state.page);
  const insert = useStore((state) => state.insert);
  const select = useStore((state) => state.select);
  const selected = usePuck((puck) => puck.selectedItem?.props.id ?? null);
  const types = usePuck((puck) => puck.config);

  useEffect(() => {
    if (!page?.data) return;
    edits.base = page.hash;
    // An answer to what was not the last edit: the last one's comes.
    const { edit } = store.value;
    if (edit !== null && edit !== edits.last) return;
    const next = page.data as Data;
    if (edits.data && same(edits.data, next)) return;
    const { dispatch, selectedItem, getSelectorForId } = getPuck();
    const id = selectedItem?.props.id;
    edits.applying = true;
    edits.data = next;
    dispatch({ type: "setData", data: dataOf(page, library), recordHistory: edit === null });
    if (edit === null) refreshField(getPuck);
    const selector = id ? (getSelectorForId(id) ?? null) : null;
    if (id) dispatch({ type: "setUi", ui: { itemSelector: selector ?? null } });
    edits.applying = false;
  }, [page, library, edits, getPuck, store]);

  useEffect(() => {
    if (edits.selected === selected) return;
    edits.selected = selected === null ? null : String(selected);
    const type = selected === null ? undefined : getPuck().selectedItem?.type;
    const item = selected === null || type === undefined ? null : { id: String(selected), type: String(type) };
    host.say({ type: "selected", item });
  }, [selected, host, getPuck, edits]);

  useEffect(() => {
    if (!insert || !(insert in types.components)) return;
    store.set({ insert: null });
    put(getPuck(), library, insert);
  }, [insert, types, store, getPuck, library]);

  useEffect(() => {
    if (!select) return;
    store.set({ select: null });
    const { dispatch, getSelectorForId } = getPuck();
    const selector = select.id ? (getSelectorForId(select.id) ?? null) : null;
    dispatch({ type: "setUi", ui: { itemSelector: selector } });
  }, [select, store, getPuck]);

  return null;
}

/** A field with the focus keeps what was typed into it, and the next key would write that over what the file has now. */
function refreshField(getPuck: ReturnType<typeof useGetPuck>): void {
  const { appState, dispatch } = getPuck();
  const { focus } = appState.ui.field;
  if (!focus) return;
  dispatch({ type: "setUi", ui: { field: { focus: null } } });
  setTimeout(() => {
    const isLeft = !document.activeElement?.matches("input,textarea") || getPuck().appState.ui.field.focus;
    if (!isLeft) dispatch({ type: "setUi", ui: { field: { focus } } });
  });
}

/** What Puck says of every change of its data. */
export function changed(edits: Edits, library: Library, say: (data: Data) => void, data: unknown): void {
  const next = toPage(data as Data, library);
  if (edits.applying || (edits.data && same(edits.data, next))) return;
  edits.data = next;
  edits.last += 1;
  say(next);
}
