/** @jsxImportSource react */
/** A property that is one of a few values: side by side where they are few, else in a list. */
import type { ReactNode } from "react";
import type { Field } from "../worker/editor/fields";

interface ChoiceProps {
  id: string;
  field: Field;
  value: unknown;
  onChange(value: unknown): void;
  readOnly: boolean;
}

export function Choice({ id, field, value, onChange, readOnly }: ChoiceProps): ReactNode {
  const options = field.options ?? [];
  const at = options.findIndex((option) => option.value === value);
  const standard = options.findIndex((option) => option.value === field.default);
  if (field.type === "radio") {
    return (
      <div className="ov-choices" id={id} role="radiogroup" aria-label={field.label}>
        {options.map((option, index) => (
          <label key={String(option.value)} data-standard={(value === undefined && index === standard) || undefined}>
            <input
              type="radio"
              name={id}
              checked={index === at}
              disabled={readOnly}
              onChange={() => onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
    );
  }
  // A value that is no option is shown as it is, and stays until another one is chosen.
  const other = at < 0 && value !== undefined;
  return (
    <select
      id={id}
      value={other ? "other" : at}
      disabled={readOnly}
      onChange={(event) => {
        const index = Number(event.target.value);
        onChange(index < 0 ? undefined : options[index]?.value);
      }}
    >
      {(!field.required || at < 0) && (
        <option value={-1}>{standard < 0 ? "Not set" : `Default (${options[standard]!.label})`}</option>
      )}
      {other && (
        <option value="other" disabled>
          {JSON.stringify(value)}
        </option>
      )}
      {options.map((option, index) => (
        <option key={String(option.value)} value={index}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
