/** @jsxImportSource react */
/** A list of texts, numbers or other plain values. */
import type { ReactNode } from "react";
import type { Field } from "../worker/editor/fields";
import { Leaf, startOf } from "./leaf";

interface ListProps {
  field: Field;
  value: unknown;
  onChange(value: unknown): void;
  readOnly: boolean;
}

export function PlainList({ field, value, onChange, readOnly }: ListProps): ReactNode {
  const items = Array.isArray(value) ? value : [];
  const inner: Field = field.arrayFields?.value ?? { type: "text", label: "Item", help: "", required: true };
  const put = (index: number, next: unknown) => onChange(items.map((item, i) => (i === index ? next : item)));
  const swap = (index: number) => {
    const next = [...items];
    [next[index - 1], next[index]] = [next[index], next[index - 1]];
    onChange(next);
  };
  return (
    <div className="ov-list">
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: plain values have nothing else to be told apart by.
        <div className="ov-list-item" key={index}>
          <Leaf
            inList
            field={{ ...inner, label: `${field.label}, ${index + 1}` }}
            id={`${index}`}
            value={item}
            readOnly={readOnly}
            onChange={(next) => put(index, next)}
          />
          <div className="ov-list-actions">
            <button
              type="button"
              className="ov-quiet"
              disabled={index === 0}
              onClick={() => swap(index)}
              title="Move up"
            >
              ↑
            </button>
            <button
              type="button"
              className="ov-quiet"
              onClick={() => onChange(items.filter((_, i) => i !== index))}
              title="Take this one out"
            >
              ×
            </button>
          </div>
        </div>
      ))}
      <button
        type="button"
        className="ov-add"
        onClick={() => onChange([...items, field.defaultItem ?? startOf(inner)])}
      >
        Add
      </button>
    </div>
  );
}
