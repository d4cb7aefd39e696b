/** @jsxImportSource react */
/** The page's own element, and the page's component around it. */
import { cloneElement, type ReactElement, type ReactNode, useMemo } from "react";
import { useLibrary, useStore } from "./context";
import { resolved } from "./props";
import { PageScope, useScope } from "./scope";
import { HostContext, HostZone } from "./zone";

interface RootProps {
  children: ReactElement<{ as?: unknown; minEmptyHeight?: number }>;
  [prop: string]: unknown;
}

/** Puck calls it as a function. */
export function renderRoot(props: RootProps): ReactNode {
  return <Root {...props} />;
}

function Root({ children, ...props }: RootProps): ReactNode {
  const page = useStore((state) => state.component);
  const version = useStore((state) => state.version);
  return (
    <PageScope page={page} token={version}>
      <Element given={props}>{children}</Element>
    </PageScope>
  );
}

function Element({ given, children }: { given: Record<string, unknown>; children: RootProps["children"] }): ReactNode {
  const scope = useScope();
  const tag = useLibrary().page?.root ?? "";
  const { id: _, puck: __, editMode: ___, ...props } = given;
  const attributes = resolved(props, scope);
  const host = useMemo(() => ({ tag, attributes, dragRef: null }), [tag, attributes]);
  if (!tag) return cloneElement(children, { minEmptyHeight: 120 });
  return (
    <HostContext.Provider value={host}>
      {cloneElement(children, { as: HostZone, minEmptyHeight: 120 })}
    </HostContext.Provider>
  );
}
