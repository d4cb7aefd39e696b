/** Elements of components that know nothing of the canvas are found in React's tree: nothing is put around them. */
import { Component, createElement, Fragment, type ReactNode } from "react";

interface Fiber {
  type: unknown;
  stateNode: unknown;
  child: Fiber | null;
  sibling: Fiber | null;
  return: Fiber | null;
}

/** The first element that is rendered below a component. */
function firstElement(fiber: Fiber | null): HTMLElement | null {
  for (let at = fiber; at; at = at.sibling) {
    // A portal's content is elsewhere.
    if (at.stateNode && typeof at.type !== "string" && (at.stateNode as { containerInfo?: unknown }).containerInfo)
      continue;
    if (typeof at.type === "string" && at.stateNode instanceof Element) return at.stateNode as HTMLElement;
    const below = firstElement(at.child);
    if (below) return below;
  }
  return null;
}

/** The element that a component is rendered into. */
function elementAbove(fiber: Fiber): HTMLElement | null {
  for (let at = fiber.return; at; at = at.return) {
    if (typeof at.type === "string" && at.stateNode instanceof Element) return at.stateNode as HTMLElement;
  }
  return null;
}

const fiberOf = (component: unknown) => (component as { _reactInternals: Fiber })._reactInternals;

export const PLACEHOLDER = "data-overskill-placeholder";

interface Within {
  children?: ReactNode;
  /** What to show where a component shows nothing that could be selected. */
  placeholder: ReactNode;
  found(element: HTMLElement | null): void;
}

/** Tells which element its children begin with. */
export class Anchor extends Component<Within, { empty: boolean }> {
  override state = { empty: false };
  private element: HTMLElement | null = null;

  override componentDidMount(): void {
    this.look();
  }

  override componentDidUpdate(): void {
    this.look();
  }

  override componentWillUnmount(): void {
    this.element = null;
    this.props.found(null);
  }

  private look(): void {
    const element = firstElement(fiberOf(this).child);
    if (element === this.element) return;
    const { empty } = this.state;
    if (!element && !empty) this.setState({ empty: true });
    if (element && empty && !element.hasAttribute(PLACEHOLDER)) this.setState({ empty: false });
    this.element = element;
    this.props.found(element);
  }

  override render(): ReactNode {
    const { children, placeholder } = this.props;
    return createElement(Fragment, null, children, this.state.empty ? placeholder : null);
  }
}

interface Above {
  children?: ReactNode;
  /** Whether an element can be taken; false where it serves another one. */
  take(element: HTMLElement): boolean;
  left(): void;
  /** Brings what was taken up to date. */
  refresh(): void;
  /** What to render instead where there is none to take. */
  instead: ReactNode;
}

/** Takes the element that its children are rendered into. */
export class Taker extends Component<Above, { alone: boolean }> {
  override state = { alone: false };

  override componentDidMount(): void {
    const element = elementAbove(fiberOf(this));
    if (!element || !this.props.take(element)) this.setState({ alone: true });
  }

  override componentDidUpdate(): void {
    this.props.refresh();
  }

  override componentWillUnmount(): void {
    this.props.left();
  }

  override render(): ReactNode {
    return this.state.alone ? this.props.instead : this.props.children;
  }
}
