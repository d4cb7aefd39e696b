import { useRef } from "preact/hooks";
import { clamp, MAX, MIN } from "./height";
import type { ViewActions } from "./view";

/** The bottom edge: drag it, or use the arrow keys, to choose a height; a double click goes back to automatic. */
export function Handle({ height, actions }: { height: number; actions: ViewActions }) {
  const from = useRef<{ y: number; height: number } | null>(null);
  const now = (event: PointerEvent) => {
    const start = from.current;
    return start && clamp(start.height + event.clientY - start.y, MIN, MAX);
  };
  const end = (event: PointerEvent) => {
    const wanted = now(event);
    const moved = from.current && Math.abs(event.clientY - from.current.y) > 2;
    from.current = null;
    if (wanted && moved) actions.setHeight(wanted);
  };
  const key = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 100 : 20;
    const wanted = { ArrowDown: height + step, ArrowUp: height - step, Home: MIN, Escape: 0 }[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    actions.setHeight(wanted && clamp(wanted, MIN, MAX));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an hr cannot be moved.
    <div
      class="handle"
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the preview"
      aria-valuenow={height}
      aria-valuemin={MIN}
      aria-valuemax={MAX}
      title="Drag to choose a height, double click for automatic"
      tabIndex={0}
      onKeyDown={key}
      onDblClick={() => actions.setHeight(0)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { y: event.clientY, height };
      }}
      onPointerMove={(event) => {
        const wanted = now(event);
        if (wanted) actions.previewHeight(wanted);
      }}
      onPointerUp={end}
      onPointerCancel={end}
    />
  );
}
