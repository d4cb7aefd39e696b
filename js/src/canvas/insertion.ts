/** Putting in, and moving, without a mouse. */
import type { PuckApi } from "@puckeditor/core";
import type { Library } from "./library";

/** Puck's name for the page's own slot. */
const ROOT = "root:default-zone";

type Puck = Pick<PuckApi, "dispatch" | "selectedItem" | "getSelectorForId" | "getItemBySelector" | "appState">;

/** Into the selected item's slot where it has an empty one, else after it; at the end of the page without a selection. */
export function put(puck: Puck, library: Library, type: string): void {
  const { dispatch, selectedItem, getSelectorForId } = puck;
  const insert = (zone: string, index: number) => {
    dispatch({ type: "insert", componentType: type, destinationZone: zone, destinationIndex: index });
    dispatch({ type: "setUi", ui: { itemSelector: { zone, index } } });
  };
  const id = selectedItem?.props.id;
  const selector = id ? getSelectorForId(id) : undefined;
  if (!selectedItem || !selector) {
    insert(ROOT, puck.appState.data.content.length);
    return;
  }
  const props = selectedItem.props as Record<string, unknown>;
  const open = library.slotsOf(String(selectedItem.type)).find((slot) => {
    const items = props[slot];
    return Array.isArray(items) && items.length === 0;
  });
  if (open) insert(`${id}:${open}`, 0);
  else insert(selector.zone ?? ROOT, selector.index + 1);
}

/** By one place up or down among its neighbours. */
export function move(puck: Puck, by: -1 | 1): void {
  const { dispatch, selectedItem, getSelectorForId, getItemBySelector } = puck;
  const selector = selectedItem ? getSelectorForId(selectedItem.props.id) : undefined;
  if (!selector) return;
  const zone = selector.zone ?? ROOT;
  const index = selector.index + by;
  if (index < 0 || !getItemBySelector({ zone, index })) return;
  dispatch({ type: "reorder", sourceIndex: selector.index, destinationIndex: index, destinationZone: zone });
  dispatch({ type: "setUi", ui: { itemSelector: { zone, index } } });
}

export function remove(puck: Puck): void {
  const { dispatch, selectedItem, getSelectorForId } = puck;
  const selector = selectedItem ? getSelectorForId(selectedItem.props.id) : undefined;
  if (selector) dispatch({ type: "remove", index: selector.index, zone: selector.zone ?? ROOT });
}

export function duplicate(puck: Puck): void {
  const { dispatch, selectedItem, getSelectorForId } = puck;
  const selector = selectedItem ? getSelectorForId(selectedItem.props.id) : undefined;
  if (selector) dispatch({ type: "duplicate", sourceIndex: selector.index, sourceZone: selector.zone ?? ROOT });
}
