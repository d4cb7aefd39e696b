/** @jsxImportSource react */
/** The page's own element, and the page's component around it. */
import { cloneElement, type ReactElement, type ReactNode, useMemo } from "react";
import { useLibrary, useStore } from "./context";
import { hasCode, resolved } from "./props";
import { PageScope, useScope } from "./scope";
import { HostContext, HostZone } from "./zone";

interface RootProps {
  children: ReactElement<{ as?: unknown; minEmptyHeight?: number }>;
  [prop: string]: unknown;
}

/** Puck calls it as a function. */
export function renderRoot(props: RootProps): ReactNode {
  return <Root given={props} />;
}

/** What is in it stays the same element while only the page's code is another: React need not look into all items again. */
function Root({ given }: { given: RootProps }): ReactNode {
  const page = useStore((state) => state.component);
  const version = useStore((state) => state.version);
  const content = useMemo(() => <Element given={given} />, [given]);
  return (
    <PageScope page={page} token={version}>
      {content}
    </PageScope>
  );
}

function Element({ given }: { given: RootProps }): ReactNode {
  const scope = useScope();
  const tag = useLibrary().page?.root ?? "";
  const { children, id: _, puck: __, editMode: ___, ...props } = given;
  const used = hasCode(props) ? scope : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the properties are those of what is given.
  const attributes = useMemo(() => resolved(props, used), [given, used]);
  const host = useMemo(() => ({ tag, attributes, dragRef: null }), [tag, attributes]);
  return useMemo(() => {
    if (!tag) return cloneElement(children, { minEmptyHeight: 120 });
    return (
      <HostContext.Provider value={host}>
        {cloneElement(children, { as: HostZone, minEmptyHeight: 120 })}
      </HostContext.Provider>
    );
  }, [tag, children, host]);
}
