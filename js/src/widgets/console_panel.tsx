import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "./icons";
import type { ConsoleRow, State } from "./state";

const filters = ["all", "errors", "warnings"] as const;
type Filter = (typeof filters)[number];

const names: Record<Filter, string> = { all: "All", errors: "Errors", warnings: "Warnings" };

/** What the app wrote to its console. Stays at the end unless the user scrolled away from it. */
export function ConsolePanel({ state, onClear, onClose }: { state: State; onClear: () => void; onClose: () => void }) {
  const [filter, setFilter] = useState<Filter>("all");
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const rows = state.lines.filter((line) => passes(line, filter));
  useLayoutEffect(() => {
    if (atEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  });
  return (
    <section class="console" aria-label="Console">
      <div class="console-head">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along. */}
        <span class="filters" role="group" aria-label="Show">
          {filters.map((name) => (
            <button
              type="button"
              class="filter"
              key={name}
              aria-pressed={filter === name}
              onClick={() => setFilter(name)}
            >
              {names[name]}
              {name !== "all" && <span class="number">{total(state.lines, name)}</span>}
            </button>
          ))}
        </span>
        <span class="space" />
        <Button icon="clear" label="Clear the console" onClick={onClear} />
        <Button icon="close" label="Close the console" onClick={onClose} />
      </div>
      <div
        class="rows"
        role="log"
        aria-label="Console messages"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must be able to.
        tabIndex={0}
        ref={list}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < 8;
        }}
      >
        {rows.length === 0 && <p class="none">Nothing here yet.</p>}
        {rows.map((row) => (
          <div class="row" key={row.key} data-level={row.level}>
            <span class="level">{row.level}</span>
            <span class="text">{row.text}</span>
            {row.count > 1 && (
              <span class="times" title={`${row.count} times`}>
                {row.count}
              </span>
            )}
          </div>
        ))}
      </div>
    </section>
  );
}

function passes({ level }: ConsoleRow, filter: Filter): boolean {
  if (filter === "errors") return level === "error";
  return filter === "all" || level === "warn";
}

function total(rows: ConsoleRow[], filter: Filter): number {
  return rows.reduce((sum, row) => sum + (passes(row, filter) ? row.count : 0), 0);
}
