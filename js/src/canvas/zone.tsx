/** @jsxImportSource react */
/** Slots without elements of their own: a zone is the element of the page, or of a component, that its items are in. */
import {
  type CSSProperties,
  createContext,
  createElement,
  type ElementType,
  Fragment,
  forwardRef,
  type ReactNode,
  type Ref,
  useContext,
  useLayoutEffect,
  useMemo,
  useRef,
} from "react";
import { Taker } from "./anchor";
import { keepPosition } from "./position";

/** What Puck gives as a slot. Called, not rendered: it is another function whenever its items are others. */
export type Slot = (props: { as: ElementType; minEmptyHeight: number }) => ReactNode;

/** What Puck gives the element of a zone. */
interface ZoneProps {
  className?: string;
  style?: CSSProperties;
  children?: ReactNode;
  "data-puck-dropzone"?: string;
  "data-testid"?: string;
}

/** Attributes of a zone's element in place of Puck's classes, which would change its layout. */
function zoneAttributes(
  { className = "", style: _, children: __, ...rest }: ZoneProps,
  text: string,
): Record<string, string> {
  const out: Record<string, string> = { "data-overskill-zone": "" };
  for (const [name, value] of Object.entries(rest)) if (name.startsWith("data-")) out[name] = String(value);
  // Where the page is tried, not edited, a zone is nothing special.
  if (!className.includes("DropZone")) return out;
  const state = (name: string) => className.includes(`DropZone--${name}_`);
  if (!state("hasChildren") && !text) out["data-overskill-empty"] = "";
  if (state("isEnabled")) out["data-overskill-enabled"] = "";
  if (state("hoveringOverArea") && !state("isRootZone")) out["data-overskill-hovered"] = "";
  return out;
}

/** The text that stands in a zone before its items. */
export const ZoneText = createContext("");

/** What is in a zone, and whether a text is all of it. */
function useContent(children: ReactNode): { content: ReactNode; text: string } {
  const text = useContext(ZoneText);
  // Handed on as they came: as one list they would have to have keys.
  const items = Array.isArray(children) ? (children as ReactNode[]) : [children];
  const content = createElement(Fragment, null, text, createElement(ZoneText.Provider, { value: "" }, ...items));
  return { content, text };
}

export function assign<T>(ref: Ref<T> | undefined, value: T | null): void {
  if (typeof ref === "function") ref(value);
  else if (ref) ref.current = value;
}

export interface HostElement {
  tag: string;
  attributes: Record<string, unknown>;
  dragRef: Ref<Element> | null;
}

export const HostContext = createContext<HostElement>({ tag: "div", attributes: {}, dragRef: null });

/** An element of the page that is an item and the zone of its items at once. */
export const HostZone = forwardRef<HTMLElement, ZoneProps>(function HostZone(props, zoneRef) {
  const { tag, attributes, dragRef } = useContext(HostContext);
  const element = useRef<HTMLElement | null>(null);
  const refs = useRef<(Ref<HTMLElement> | Ref<Element> | null)[]>([]);
  refs.current = [zoneRef, dragRef];
  const set = useMemo(
    () => (node: HTMLElement | null) => {
      element.current = node;
      for (const ref of refs.current) assign(ref as Ref<HTMLElement>, node);
    },
    [],
  );
  useLayoutEffect(() => {
    if (element.current) keepPosition(element.current);
  });
  const { content, text } = useContent(props.children);
  return createElement(tag, { ...attributes, ...zoneAttributes(props, text), ref: set }, content);
});

/** The zone of a component's slot: the element that the component put it into. */
export const BareZone = forwardRef<HTMLElement, ZoneProps>(function BareZone(props, zoneRef) {
  const taken = useRef<HTMLElement | null>(null);
  const { content, text } = useContent(props.children);
  const attributes = zoneAttributes(props, text);
  const refresh = () => {
    const element = taken.current;
    if (!element) return;
    for (const name of ["empty", "enabled", "hovered"]) {
      const attribute = `data-overskill-${name}`;
      if (!(attribute in attributes)) element.removeAttribute(attribute);
    }
    for (const [name, value] of Object.entries(attributes)) {
      if (element.getAttribute(name) !== value) element.setAttribute(name, value);
    }
  };
  return (
    <Taker
      take={(element) => {
        if (element.hasAttribute("data-puck-dropzone")) return false;
        taken.current = element;
        refresh();
        assign(zoneRef, element);
        return true;
      }}
      left={() => {
        const element = taken.current;
        taken.current = null;
        if (!element) return;
        for (const name of Object.keys(attributes)) element.removeAttribute(name);
        assign(zoneRef, null);
      }}
      refresh={refresh}
      instead={
        <div {...attributes} ref={(node) => assign(zoneRef, node)}>
          {content}
        </div>
      }
    >
      {content}
    </Taker>
  );
});
