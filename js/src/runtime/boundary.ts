/** The error boundary around every root: it tells what was thrown, and starts anew with the next good update. */
import type * as React from "react";
import { isGuarding, note, suspend } from "./guard";
import { commitCount, restoreAlways } from "./refresh";

type ReactModule = typeof React;
type Report = (error: unknown, componentStack: string) => void;

interface State {
  failure: { error: unknown } | null;
}

export interface Boundaries {
  wrap(children: React.ReactNode): React.ReactElement;
  broken(): boolean;
  /** Renders again what is broken. */
  reset(): void;
  /** From here on commits are those of an update. */
  mark(): void;
}

function Above({ children }: { children?: React.ReactNode }): React.ReactNode {
  return children;
}

export function makeBoundaries(react: ReactModule, report: Report): Boundaries {
  const mounted = new Set<Preview>();
  let marked = 0;

  class Preview extends react.Component<{ children?: React.ReactNode }, State> {
    override state: State = { failure: null };

    static getDerivedStateFromError(error: unknown): State {
      return { failure: { error } };
    }

    override componentDidMount(): void {
      mounted.add(this);
    }

    override componentWillUnmount(): void {
      mounted.delete(this);
    }

    override componentDidCatch(error: unknown, info: React.ErrorInfo): void {
      report(error, info.componentStack ?? "");
    }

    override render(): React.ReactNode {
      const { failure } = this.state;
      if (!failure) return this.props.children;
      // Nothing of the update is committed yet: it can be taken back with all state. An effect's error comes too late.
      if (isGuarding() && commitCount() === marked) suspend(failure.error);
      note(failure.error);
      return null;
    }
  }

  restoreAlways(Above);

  // React 18 does not suspend an urgent update where no boundary is; later ones then commit nothing, which is better.
  const needsSuspense = Number.parseInt(react.version, 10) < 19;
  return {
    wrap(children) {
      const boundary = react.createElement(Above, null, react.createElement(Preview, null, children));
      return needsSuspense ? react.createElement(react.Suspense, { fallback: null }, boundary) : boundary;
    },
    broken: () => [...mounted].some((preview) => preview.state.failure),
    reset() {
      for (const preview of mounted) if (preview.state.failure) preview.setState({ failure: null });
    },
    mark() {
      marked = commitCount();
    },
  };
}
