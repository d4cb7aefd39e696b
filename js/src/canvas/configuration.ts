/** Puck's configuration for a page: a component for each type that the palette has, or that the page uses. */
import type { ComponentConfig, Config } from "@puckeditor/core";
import { LOCKED, TEXT } from "../worker/editor/data";
import type { Fields } from "../worker/editor/fields";
import { isOwnText, isWrittenSlot, nameInPage, OWN_TEXT, toPuck } from "./data";
import { lockedField, type PuckFields, puckFields, strayField } from "./fields";
import { rendererOf } from "./items";
import type { Library } from "./library";
import { renderRoot } from "./root";

const OWN: Fields = { [OWN_TEXT]: { type: "textarea", label: "Text", help: "", required: true } };
/** What elements say when they are put in. */
const SAID: Record<string, string> = {
  ...{ h1: "Heading", h2: "Heading", h3: "Heading", p: "Text", span: "Text", a: "Link", button: "Button", li: "Item" },
  label: "Label",
};
const TEXT_FIELDS: Fields = { text: { type: "textarea", label: "Text", help: "", required: true } };
export function configuration(library: Library): Config {
  const types = new Set<string>([
    TEXT,
    LOCKED,
    ...(library.palette?.components ?? []).map(({ type }) => type),
    ...Object.keys(library.palette?.hosts ?? {}),
    ...library.types,
  ]);
  const components: Record<string, ComponentConfig> = {};
  for (const type of types) components[type] = componentConfig(type, library);
  return { components, root: rootConfig(library) };
}

function componentConfig(type: string, library: Library): ComponentConfig {
  const fields = fieldsOf(type, library);
  const own: PuckFields = type === LOCKED ? { source: lockedField } : puckFields(fields);
  for (const name of library.slotsOf(type)) own[name] ??= { type: "slot", label: name };
  const defaults = library.defaultsOf(type);
  const blank = { type, props: { id: "", ...defaults } };
  const { id: _, ...defaultProps } = toPuck({ root: { props: {} }, content: [blank] }, library).content[0]!.props;
  return {
    label: library.label(type),
    fields: own,
    defaultProps:
      type === TEXT ? { text: "Text" } : { ...defaultProps, ...(type in SAID && { [OWN_TEXT]: SAID[type] }) },
    inline: true,
    render: rendererOf(type) as ComponentConfig["render"],
    // Code is moved and deleted, and written in the source.
    permissions: type === LOCKED ? { duplicate: true, edit: true } : {},
    resolveFields: ({ props }: { props: Record<string, unknown> }) => withStrays(own, fields, props, type, library),
  } as ComponentConfig;
}

function fieldsOf(type: string, library: Library): Fields {
  return type === TEXT ? TEXT_FIELDS : library.fieldsOf(type);
}

/** Properties that an item has and its component does not know are shown, and kept. */
function withStrays(
  own: PuckFields,
  fields: Fields,
  props: Record<string, unknown>,
  type: string,
  library: Library,
): PuckFields {
  const strays: Fields = {};
  const known = library.kindOf(type) !== "component";
  const first = OWN_TEXT in props && !(props.children as unknown[] | undefined)?.length ? puckFields(OWN) : {};
  for (const [given, value] of Object.entries(props)) {
    if (
      isOwnText(given) ||
      given === "id" ||
      given === "puck" ||
      given === "editMode" ||
      given in own ||
      value === undefined
    )
      continue;
    const name = isWrittenSlot(given) ? given : nameInPage(given);
    const hidden = fields[name]?.type === "hidden";
    strays[given] = strayField(
      isWrittenSlot(given) ? given.slice(1) : name,
      value,
      known || hidden || isWrittenSlot(given),
    );
  }
  return { ...first, ...own, ...puckFields(strays) };
}

function rootConfig(library: Library): Config["root"] {
  const tag = library.page?.root ?? "";
  const fields = tag ? library.fieldsOf(tag) : {};
  const { children: _, ...attributes } = fields;
  const own = puckFields(attributes);
  return {
    label: tag ? `Page <${tag}>` : "Page",
    fields: own,
    render: renderRoot,
    resolveFields: ({ props = {} }: { props?: Record<string, unknown> }) =>
      withStrays(own, attributes, props, tag || "div", library),
  } as Config["root"];
}
