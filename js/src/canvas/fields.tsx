/** @jsxImportSource react */
/** From the fields of the palette to Puck's: lists and groups are Puck's own, all else is drawn here. */
import type { Field as PuckField } from "@puckeditor/core";
import { isCode, isRecord } from "../worker/editor/data";
import type { Field, Fields } from "../worker/editor/fields";
import { nameInPuck } from "./data";
import { Code, Leaf } from "./leaf";

export type PuckFields = Record<string, PuckField>;

export function puckFields(fields: Fields): PuckFields {
  const out: PuckFields = {};
  for (const [name, field] of Object.entries(fields)) {
    const made = puckField(field);
    if (made) out[nameInPuck(name)] = made;
  }
  return out;
}

function puckField(field: Field): PuckField | null {
  const label = field.label;
  switch (field.type) {
    case "hidden":
      return null;
    case "slot":
      return { type: "slot", label };
    case "array":
      if (field.plain || !field.arrayFields) return leaf(field);
      return {
        type: "array",
        label,
        metadata: { field },
        arrayFields: puckFields(field.arrayFields),
        defaultItemProps: isRecord(field.defaultItem) ? field.defaultItem : {},
        getItemSummary: (item: Record<string, unknown>, index?: number) => summary(item, index ?? 0),
      } as PuckField;
    case "object":
      if (!field.objectFields) return leaf(field);
      return { type: "object", label, metadata: { field }, objectFields: puckFields(field.objectFields) } as PuckField;
    default:
      return leaf(field);
  }
}

function leaf(field: Field): PuckField {
  return {
    type: "custom",
    label: field.label,
    metadata: { field },
    render: ({ name, id, value, onChange, readOnly }) => (
      <Leaf field={field} id={id ?? name} value={value} onChange={onChange} readOnly={readOnly ?? false} />
    ),
  };
}

/** What a list shows of an item that is closed: the text that names it. */
function summary(item: Record<string, unknown>, index: number): string {
  const named = ["title", "label", "name", "heading", "text", "question", "value"].map((name) => item[name]);
  const found = [...named, ...Object.values(item)].find((value) => typeof value === "string" && value);
  return typeof found === "string" ? found : `Item ${index + 1}`;
}

/** A field for a property that the component does not know (any more), or that nothing is known of. */
export function strayField(name: string, value: unknown, known: boolean): Field {
  const help = known ? "" : "The component has no property of this name; it is kept as it is.";
  const base = { label: name, help, required: false };
  if (typeof value === "boolean") {
    const options = [
      { label: "Yes", value: true },
      { label: "No", value: false },
    ];
    return { ...base, type: "radio", options };
  }
  if (typeof value === "number") return { ...base, type: "number" };
  if (typeof value === "string" || isCode(value)) return { ...base, type: "text" };
  return { ...base, type: "json" };
}

/** JSX that is code: it is read here, and changed where it is written. */
export const lockedField: PuckField = {
  type: "custom",
  render: ({ value }) => (
    <div className="ov-field">
      <Code source={String(value)} />
      <p className="ov-help">It is shown as it runs. Change it in the page's source.</p>
    </div>
  ),
};
