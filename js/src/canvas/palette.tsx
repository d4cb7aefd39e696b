/** @jsxImportSource react */
/** What can be put into the page: the app's components by folder, then elements. Dragged, or put in by a button. */
import { Drawer, useGetPuck } from "@puckeditor/core";
import { memo, type ReactElement, type ReactNode, useMemo, useState } from "react";
import { TEXT } from "../worker/editor/data";
import { useLibrary } from "./context";
import { put } from "./insertion";
import type { Library } from "./library";

/** Elements that people put in, in the order in which they are offered. */
const ELEMENTS =
  "section div h1 h2 h3 p span a img button ul li header footer nav article form input label textarea".split(" ");

interface Group {
  name: string;
  types: { type: string; label: string; help: string }[];
}

function groupsOf(library: Library, wanted: string): Group[] {
  const groups = new Map<string, Group>();
  const add = (name: string, type: string, label: string, help: string) => {
    if (wanted && !`${label} ${name}`.toLowerCase().includes(wanted)) return;
    const group = groups.get(name) ?? { name, types: [] };
    group.types.push({ type, label, help });
    groups.set(name, group);
  };
  for (const { type, name, folder, help, path } of library.palette?.components ?? []) {
    if (path !== library.page?.path) add(/^\.?$/.test(folder) ? "src" : folder, type, name, help);
  }
  add("Elements", TEXT, "Text", "Text between elements");
  const known = library.palette?.hosts ?? {};
  for (const tag of ELEMENTS) if (tag in known) add("Elements", tag, tag, `<${tag}>`);
  return [...groups.values()];
}

export const PalettePanel = memo(function PalettePanel(): ReactNode {
  const library = useLibrary();
  const [wanted, setWanted] = useState("");
  const groups = useMemo(() => groupsOf(library, wanted.trim().toLowerCase()), [library, wanted]);
  return (
    <div className="ov-palette">
      <input
        type="search"
        className="ov-search"
        placeholder="Find a component"
        aria-label="Find a component"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      {groups.map((group) => (
        <section key={group.name} aria-label={group.name}>
          <h3>{group.name}</h3>
          <Drawer>
            {group.types.map(({ type, label, help }) => (
              <Drawer.Item key={type} name={type} label={label}>
                {() => <Card type={type} label={label} help={help} />}
              </Drawer.Item>
            ))}
          </Drawer>
        </section>
      ))}
      {groups.length === 0 && <p className="ov-help">Nothing of that name.</p>}
    </div>
  );
});

function Card({ type, label, help }: { type: string; label: string; help: string }): ReactElement {
  const library = useLibrary();
  const getPuck = useGetPuck();
  return (
    <div className="ov-card" title={help || `Drag ${label} into the page`} data-overskill-card={label}>
      <span>{label}</span>
      <button type="button" aria-label={`Insert ${label}`} onClick={() => put(getPuck(), library, type)}>
        +
      </button>
    </div>
  );
}
