/** @jsxImportSource react */
/**
 * The page runs for real around the canvas: its component, with all its hooks, is rendered, but what it returns is the
 * canvas, which is given the page's expressions to call.
 */
import { Component, createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";

export interface Scope {
  /** `e:` and the source of an expression, or `j:` and that of JSX, to what it is. */
  values: Record<string, () => unknown>;
  /** Components that are none of the app's own, by their type. */
  types: Record<string, () => unknown>;
}

declare global {
  var __overskill_canvas__: (scope: Scope) => ReactNode;
}

const ScopeContext = createContext<Scope | null>(null);
const Inside = createContext<{ content: ReactNode; reached(there: boolean): void } | null>(null);

export function installScope(): void {
  globalThis.__overskill_canvas__ = (scope) => <Outlet scope={scope} />;
}

function Outlet({ scope }: { scope: Scope }): ReactNode {
  const inside = useContext(Inside);
  const reached = inside?.reached;
  useEffect(() => {
    reached?.(true);
    return () => reached?.(false);
  }, [reached]);
  return <ScopeContext.Provider value={scope}>{inside?.content}</ScopeContext.Provider>;
}

/** The canvas's content, within the page where that compiles, runs and gets as far as its layout. */
export function PageScope({
  page,
  token,
  children,
}: {
  page: unknown;
  token: unknown;
  children: ReactNode;
}): ReactNode {
  const [there, setThere] = useState(true);
  const last = useRef(false);
  const inside = useRef((now: boolean) => {
    last.current = now;
    setThere(now);
  });
  // Effects of what is within run first: a page that did not reach its layout is known by now.
  useEffect(() => setThere(last.current), []);
  if (typeof page !== "function" && typeof page !== "object") return children;
  if (page === null) return children;
  const Page = page as React.ComponentType;
  const content = there ? children : null;
  return (
    <>
      <Fails token={token} fallback={children}>
        <Inside.Provider value={{ content, reached: inside.current }}>
          <Page />
        </Inside.Provider>
      </Fails>
      {!there && children}
    </>
  );
}

class Fails extends Component<{ token: unknown; fallback: ReactNode; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch(error: unknown): void {
    reportError(error);
  }

  override componentDidUpdate(before: { token: unknown }): void {
    if (this.state.failed && before.token !== this.props.token) this.setState({ failed: false });
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}

export function useScope(): Scope | null {
  return useContext(ScopeContext);
}

/** What an expression of the page is now; undefined where the page does not have it, or it throws. */
export function evaluated(scope: Scope | null, key: string): unknown {
  const made = scope?.values[key];
  if (!made) return undefined;
  try {
    return made();
  } catch {
    return undefined;
  }
}
