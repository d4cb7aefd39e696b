/** @jsxImportSource react */
/** The editor on screen: what can be put in, the page, and the fields of what is selected. */
import { Puck, type Data as PuckData } from "@puckeditor/core";
import { memo, type ReactElement, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { PageView, Palette } from "../protocol";
import { ActionBar } from "./action_bar";
import { useBackdrop } from "./backdrop";
import { Bar } from "./bar";
import { Bridge, changed, dataOf, Edits } from "./bridge";
import { configuration } from "./configuration";
import { EditorContext, LibraryContext, type Surroundings, useEditor, useStore } from "./context";
import { Library } from "./library";
import { PalettePanel } from "./palette";
import { Selection } from "./selection";
import { fieldTypes } from "./written";

/** One element for good: React need not look into it again. */
const elements = new WeakMap<object, ReactElement>();

export function editorIn(surroundings: Surroundings): ReactElement {
  let element = elements.get(surroundings.store);
  if (!element) {
    element = (
      <EditorContext.Provider value={surroundings}>
        <Editor />
      </EditorContext.Provider>
    );
    elements.set(surroundings.store, element);
  }
  return element;
}

const OVERRIDES = { actionBar: ActionBar, fieldTypes } as NonNullable<React.ComponentProps<typeof Puck>["overrides"]>;
const NO_FRAME = { enabled: false };
const ALL = {};
/** Widths, in pixels, from which there is room for one panel and for both. */
const NARROW = 480;
const WIDE = 620;

function Editor(): ReactNode {
  const palette = useStore((state) => state.palette);
  const page = useStore((state) => state.page);
  // A page that cannot be read at the moment leaves what is shown.
  const [shown, setShown] = useState(page);
  if (page?.data && page !== shown) setShown(page);
  const library = useLibraryOf(palette, shown);
  if (!palette || !shown?.data) return null;
  return (
    <LibraryContext.Provider value={library}>
      <Workbench library={library} />
    </LibraryContext.Provider>
  );
}

/** Rendered again for another library only: Puck asks all items anew what may be done with them whenever it is rendered. */
const Workbench = memo(function Workbench({ library }: { library: Library }): ReactNode {
  const { host, store } = useEditor();
  const edits = useMemo(() => new Edits(), []);
  const latest = useRef(library);
  latest.current = library;
  const config = useMemo(() => configuration(library), [library]);
  const [initial] = useState(() => {
    edits.data = (store.value.page?.data ?? null) as typeof edits.data;
    return dataOf(store.value.page, library);
  });
  const onChange = useMemo(
    () => (data: PuckData) =>
      changed(
        edits,
        latest.current,
        (data) => host.say({ type: "edited", data, edit: edits.last, base: edits.base }),
        data,
      ),
    [edits, host],
  );
  return (
    <Puck
      config={config}
      data={initial}
      onChange={onChange}
      iframe={NO_FRAME}
      permissions={ALL}
      overrides={OVERRIDES}
      height="100vh"
    >
      <Bridge edits={edits} />
      <Layout />
    </Puck>
  );
});

/** The same object as long as it says the same: all items ask it, and Puck sets its store anew for another configuration. */
function useLibraryOf(palette: Palette | null, page: PageView | null): Library {
  const now = new Library(palette, page);
  const types = JSON.stringify([...now.types].sort().map((type) => [type, now.slotsOf(type)]));
  const origins = JSON.stringify([page?.root, page?.path, page?.types]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what of the page goes into it.
  return useMemo(() => now, [palette, types, origins]);
}

const Layout = memo(function Layout(): ReactNode {
  const { host } = useEditor();
  const width = useStore((state) => state.width);
  const [left, setLeft] = useState(innerWidth >= NARROW);
  const [right, setRight] = useState(innerWidth >= WIDE);
  const [tab, setTab] = useState<"components" | "outline">("components");
  // Puck mounts what is in it twice, the second time with drag and drop.
  useEffect(() => {
    const timer = setTimeout(() => host.say({ type: "ready" }));
    return () => clearTimeout(timer);
  }, [host]);
  return (
    <div className="ov-editor">
      <Bar left={left} right={right} onLeft={() => setLeft(!left)} onRight={() => setRight(!right)} />
      <div className="ov-columns">
        {left && (
          <aside className="ov-panel ov-left" data-overskill-ui="" aria-label="Components and outline">
            <div className="ov-tabs" role="tablist">
              {(["components", "outline"] as const).map((name) => (
                <button type="button" role="tab" key={name} aria-selected={tab === name} onClick={() => setTab(name)}>
                  {name === "components" ? "Components" : "Outline"}
                </button>
              ))}
            </div>
            {tab === "components" ? <PalettePanel /> : <Puck.Outline />}
          </aside>
        )}
        <main className="ov-canvas">
          <div
            className="ov-page"
            data-overskill-canvas=""
            style={{ ...useBackdrop(), ...(width && { width, flex: "none", margin: "0 auto" }) }}
          >
            {/* The app's styles speak of the element that its entry renders into. */}
            <div id="root">
              <Puck.Preview />
            </div>
          </div>
        </main>
        {right && (
          <aside className="ov-panel ov-right" data-overskill-ui="" aria-label="Properties">
            <Selection />
            <Puck.Fields />
          </aside>
        )}
      </div>
    </div>
  );
});
