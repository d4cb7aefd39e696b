/** @jsxImportSource react */
/** Puck's own fields for lists and groups, where the page has an expression in place of one. */
import type { ReactElement, ReactNode } from "react";
import { isCode, isRecord } from "../worker/editor/data";
import type { Field } from "../worker/editor/fields";
import { Leaf } from "./leaf";

interface Given {
  children: ReactNode;
  field: { metadata?: { field?: Field } };
  name: string;
  value: unknown;
  onChange(value: unknown): void;
}

/** A value that Puck's field could not show is shown as it is. */
function unless(fits: (value: unknown) => boolean) {
  return function Written({ children, field: puckField, name, value, onChange }: Given): ReactElement {
    const field = puckField.metadata?.field;
    if (!field || value === undefined || fits(value)) return <>{children}</>;
    return <Leaf field={{ ...field, type: "json" }} id={name} value={value} onChange={onChange} readOnly={false} />;
  };
}

export const fieldTypes = {
  array: unless((value) => Array.isArray(value) && value.every((item) => isRecord(item) && !isCode(item))),
  object: unless((value) => isRecord(value) && !isCode(value)),
};
