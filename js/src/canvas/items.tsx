/** @jsxImportSource react */
/** How items are rendered: as the page renders them, with the least around them that the canvas can do with. */
import { Component, type ComponentType, createElement, type ReactNode, type Ref, useMemo, useRef } from "react";
import { FRAGMENT, LOCKED, TEXT } from "../worker/editor/data";
import { Anchor, PLACEHOLDER } from "./anchor";
import { useEditor, useLibrary, useStore } from "./context";
import { OWN_TEXT } from "./data";
import { keepPosition } from "./position";
import { hasCode, resolved } from "./props";
import { evaluated, type Scope, useScope } from "./scope";
import { assign, BareZone, HostContext, HostZone, type Slot, ZoneText } from "./zone";

/** What Puck renders an item with. */
interface Given {
  id: string;
  puck: { dragRef: Ref<Element> | null };
  editMode?: boolean;
  [prop: string]: unknown;
}

export type Renderer = (props: Given) => ReactNode;

/** Height of an empty slot, in pixels. */
const EMPTY = 40;

const made = new Map<string, Renderer>();
const places = new Map<string, { path: string; export: string }>();

/** The one renderer of a type: with another one React would begin anew, and state would be lost. */
export function rendererOf(type: string): Renderer {
  let renderer = made.get(type);
  if (!renderer) {
    const Item = type === TEXT ? TextItem : type === LOCKED ? LockedItem : type === FRAGMENT ? FragmentItem : TypedItem;
    renderer = (props) => createElement(Item, { type, given: props });
    made.set(type, renderer);
  }
  return renderer;
}

interface ItemProps {
  type: string;
  given: Given;
}

/** Only what is written as code depends on the page's scope, which is another one whenever the page has run. */
function TypedItem(item: ItemProps): ReactNode {
  const { puck: _, ...props } = item.given;
  return hasCode(props) ? <ScopedItem {...item} /> : <PlainItem {...item} scope={null} />;
}

function ScopedItem(item: ItemProps): ReactNode {
  return <PlainItem {...item} scope={useScope()} />;
}

function PlainItem({ type, given, scope }: ItemProps & { scope: Scope | null }): ReactNode {
  const { id: _, puck, editMode: __, ...props } = given;
  const library = useLibrary();
  const values = resolved(props, scope);
  const kind = library.kindOf(type);
  if (kind === "host") {
    const slot = slotIn(props, "children");
    return <ElementItem tag={type} attributes={values} slot={slot} text={ownText(given)} dragRef={puck.dragRef} />;
  }
  if (kind === "component") return <ComponentItem type={type} values={values} given={given} />;
  return <OtherItem type={type} values={values} given={given} />;
}

function ownText(props: Record<string, unknown>): string {
  const text = props[OWN_TEXT];
  return typeof text === "string" ? text : "";
}

function slotIn(props: Record<string, unknown>, name: string): Slot | null {
  return typeof props[name] === "function" ? (props[name] as Slot) : null;
}

interface Elements {
  tag: string;
  attributes: Record<string, unknown>;
  slot: Slot | null;
  text: string;
  dragRef: Ref<Element> | null;
}

function ElementItem({ tag, attributes, slot, text, dragRef }: Elements): ReactNode {
  const host = useMemo(() => ({ tag, attributes, dragRef }), [tag, attributes, dragRef]);
  const set = (element: HTMLElement | null) => {
    if (element) keepPosition(element);
    assign(dragRef, element);
  };
  if (!slot || attributes.dangerouslySetInnerHTML) return <Referring tag={tag} attributes={attributes} found={set} />;
  // Written as an expression, the children are no items.
  if (attributes.children !== undefined) return <Referring tag={tag} attributes={attributes} found={set} />;
  return (
    <HostContext.Provider value={host}>
      <ZoneText.Provider value={text}>{slot({ as: HostZone, minEmptyHeight: EMPTY })}</ZoneText.Provider>
    </HostContext.Provider>
  );
}

interface ReferringProps {
  tag: string;
  attributes: Record<string, unknown>;
  found(element: HTMLElement | null): void;
}

function Referring({ tag, attributes, found }: ReferringProps): ReactNode {
  const latest = useRef(found);
  latest.current = found;
  const ref = useMemo(() => (element: HTMLElement | null) => latest.current(element), []);
  return createElement(tag, { ...attributes, ref });
}

interface Components {
  type: string;
  values: Record<string, unknown>;
  given: Given;
}

/** A component of the app. */
function ComponentItem({ type, values, given }: Components): ReactNode {
  const { host } = useEditor();
  const { path, export: exported } = useLibrary().component(type)!;
  places.set(type, { path, export: exported });
  const found = useStore(() => host.component(path, exported));
  return <Anchored type={type} values={values} given={given} component={found} />;
}

/** A component of the page's own, of a package, or one of the app's that is none at the moment: shown as it was, then. */
function OtherItem({ type, values, given }: Components): ReactNode {
  const { host } = useEditor();
  const scope = useScope();
  const place = places.get(type);
  const known = useStore(() => place && host.component(place.path, place.export));
  return <Anchored type={type} values={values} given={given} component={typeIn(scope, type) ?? known} />;
}

function Anchored({ type, values, given, component }: Components & { component: unknown }): ReactNode {
  const library = useLibrary();
  const props = { ...values };
  for (const name of library.slotsOf(type)) {
    const slot = slotIn(given, name);
    if (!slot || props[name] !== undefined) continue;
    const text = name === "children" ? ownText(given) : "";
    props[name] = <ZoneText.Provider value={text}>{slot({ as: BareZone, minEmptyHeight: EMPTY })}</ZoneText.Provider>;
  }
  const label = library.label(type);
  return (
    <Anchor found={(element) => anchored(element, given.puck.dragRef)} placeholder={<Placeholder label={label} />}>
      <Safe label={label} token={component} given={given}>
        {component ? createElement(component as ComponentType, props) : <Placeholder label={`${label} is not there`} />}
      </Safe>
    </Anchor>
  );
}

function typeIn(scope: Scope | null, type: string): unknown {
  try {
    return scope?.types[type]?.();
  } catch {
    return undefined;
  }
}

function anchored(element: HTMLElement | null, dragRef: Ref<Element> | null): void {
  if (element) keepPosition(element);
  assign(dragRef, element);
}

function TextItem({ given }: ItemProps): ReactNode {
  const text = String(given.text ?? "");
  const ref = given.puck.dragRef as Ref<HTMLSpanElement>;
  return (
    <span ref={ref} data-overskill-text="">
      {text}
    </span>
  );
}

function LockedItem({ given }: ItemProps): ReactNode {
  const scope = useScope();
  const source = String(given.source ?? "");
  const shown = evaluated(scope, `j:${source}`);
  const { dragRef } = given.puck;
  const text = typeof shown === "string" || typeof shown === "number";
  return (
    <Anchor found={(element) => anchored(element, dragRef)} placeholder={<Placeholder label={short(source)} />}>
      <Safe label="Code" token={scope} given={source}>
        {text ? <span>{shown}</span> : (shown as ReactNode)}
      </Safe>
    </Anchor>
  );
}

function short(source: string): string {
  const line = source.replace(/\s+/g, " ").trim();
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

function FragmentItem({ given }: ItemProps): ReactNode {
  const slot = slotIn(given, "children");
  return (
    <div ref={given.puck.dragRef as Ref<HTMLDivElement>} data-overskill-group="">
      {slot?.({ as: BareZone, minEmptyHeight: EMPTY })}
    </div>
  );
}

function Placeholder({ label }: { label: string }): ReactNode {
  return <span {...{ [PLACEHOLDER]: "" }}>{label}</span>;
}

interface SafeProps {
  label: string;
  /** Another one of these, or other values, and it is tried again. */
  token: unknown;
  given: unknown;
  children: ReactNode;
}

/** One component that throws takes nothing else away. */
class Safe extends Component<SafeProps, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error: error ?? new Error("It threw nothing") };
  }

  override componentDidUpdate({ token, given }: SafeProps): void {
    const changed = token !== this.props.token || given !== this.props.given;
    if (this.state.error !== null && changed) this.setState({ error: null });
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const message = error instanceof Error ? error.message : String(error);
    return <Placeholder label={`${this.props.label} cannot be shown: ${message}`} />;
  }
}
