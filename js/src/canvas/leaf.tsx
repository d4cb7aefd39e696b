/** @jsxImportSource react */
/** One property's form field: its label, what it is for, the control, and the way back to the default. */
import { type ReactNode, useId, useState } from "react";
import { isCode, isRecord } from "../worker/editor/data";
import type { Field } from "../worker/editor/fields";
import { Choice } from "./choice";
import { inDigits } from "./colour";
import { PlainList } from "./plain_list";

export interface LeafProps {
  field: Field;
  id: string;
  value: unknown;
  onChange(value: unknown): void;
  readOnly: boolean;
  /** Whether it stands in a list, where it needs no label of its own. */
  inList?: boolean;
}

export function Leaf(props: LeafProps): ReactNode {
  const { field, value, onChange } = props;
  const id = useId();
  const set = value !== undefined;
  if (props.inList) {
    return (
      <div className="ov-field">
        <label className="ov-hidden" htmlFor={id}>
          {field.label}
        </label>
        {isCode(value) ? (
          <Code source={value.$source} onReplace={() => onChange(startOf(field))} />
        ) : (
          control(props, id)
        )}
      </div>
    );
  }
  return (
    <div className="ov-field" data-overskill-field={field.label}>
      <div className="ov-label">
        <label htmlFor={id}>
          {field.label}
          {field.required && <span title="The component needs it"> *</span>}
        </label>
        {set && !field.required && (
          <button type="button" className="ov-quiet" onClick={() => onChange(undefined)} title="Take the property out">
            Reset
          </button>
        )}
      </div>
      {isCode(value) ? <Code source={value.$source} onReplace={() => onChange(startOf(field))} /> : control(props, id)}
      {isOther(field, value) && <p className="ov-wrong">Now it is {JSON.stringify(value)}, which does not fit.</p>}
      {field.help && <p className="ov-help">{field.help}</p>}
    </div>
  );
}

/** Whether the value is of another kind than the field can show. */
function isOther({ type, options }: Field, value: unknown): boolean {
  if (value === undefined || value === null || isCode(value)) return false;
  if (type === "number") return typeof value !== "number";
  if (type === "array") return !Array.isArray(value);
  return type === "radio" && !options?.some((option) => option.value === value);
}

/** What a property begins with when a value takes an expression's place. */
export function startOf(field: Field): unknown {
  if (field.default !== undefined) return field.default;
  if (field.options?.length) return field.options[0]!.value;
  if (field.type === "number") return field.min ?? 0;
  if (field.type === "array") return [];
  if (field.type === "object") return {};
  return field.type === "json" ? null : "";
}

/** An expression of the page. It is changed where it is written. */
export function Code({ source, onReplace }: { source: string; onReplace?: () => void }): ReactNode {
  return (
    <div className="ov-code">
      <pre>{source}</pre>
      {onReplace && (
        <button type="button" className="ov-quiet" onClick={onReplace} title="Write a value in place of this code">
          Replace
        </button>
      )}
    </div>
  );
}

function control({ field, value, onChange, readOnly }: LeafProps, id: string): ReactNode {
  const hint = field.default === undefined || field.default === null ? "" : String(field.default);
  switch (field.type) {
    case "textarea":
      return (
        <textarea
          id={id}
          rows={4}
          readOnly={readOnly}
          placeholder={hint}
          value={shown(value)}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case "number":
      return <NumberInput id={id} field={field} value={value} onChange={onChange} readOnly={readOnly} hint={hint} />;
    case "radio":
    case "select":
      return <Choice id={id} field={field} value={value} onChange={onChange} readOnly={readOnly} />;
    case "color":
      return (
        <div className="ov-row">
          <input
            type="color"
            aria-label={`${field.label}: pick`}
            value={inDigits(shown(value) || hint)}
            disabled={readOnly}
            onChange={(event) => onChange(event.target.value)}
          />
          <input
            id={id}
            type="text"
            value={shown(value)}
            placeholder={hint}
            onChange={(e) => onChange(e.target.value)}
          />
        </div>
      );
    case "date":
      return <DateInput id={id} field={field} value={value} onChange={onChange} readOnly={readOnly} hint={hint} />;
    case "array":
      return <PlainList field={field} value={value} onChange={onChange} readOnly={readOnly} />;
    case "json":
    case "object":
      return <JsonInput id={id} value={value} onChange={onChange} />;
    default:
      return (
        <>
          <input
            id={id}
            type="text"
            list={field.suggestions ? `${id}-list` : undefined}
            readOnly={readOnly}
            placeholder={hint}
            value={shown(value)}
            onChange={(event) => onChange(event.target.value)}
          />
          {field.suggestions && (
            <datalist id={`${id}-list`}>
              {field.suggestions.map((suggestion) => (
                <option key={suggestion} value={suggestion} />
              ))}
            </datalist>
          )}
        </>
      );
  }
}

/** A value of another type than the field's is shown, and kept until it is changed. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

interface InputProps extends Omit<LeafProps, "id"> {
  id: string;
  hint: string;
}

function NumberInput({ id, field, value, onChange, readOnly, hint }: InputProps): ReactNode {
  const [draft, setDraft] = useState<string | null>(null);
  const { min, max, step } = field;
  return (
    <input
      id={id}
      type="number"
      {...{ min, max, step: step ?? "any" }}
      readOnly={readOnly}
      placeholder={hint}
      value={draft ?? shown(value)}
      onChange={(event) => {
        const { value: text, valueAsNumber: number } = event.target;
        setDraft(text);
        if (text === "") onChange(undefined);
        else if (Number.isFinite(number)) onChange(number);
      }}
      onBlur={() => setDraft(null)}
    />
  );
}

function DateInput({ id, field, value, onChange, readOnly }: InputProps): ReactNode {
  const date = isRecord(value) ? String(value.$date ?? "") : shown(value);
  const day = /^\d{4}-\d{2}-\d{2}/.exec(date)?.[0] ?? "";
  const set = (text: string) => {
    if (!text) return onChange(undefined);
    onChange(
      field.isDate
        ? { $date: text + (date.slice(10) || "") }
        : text + (/^T/.test(date.slice(10)) ? date.slice(10) : ""),
    );
  };
  // A text that is no day is not one that a picker could show.
  const plain = date !== "" && day === "";
  return (
    <input
      id={id}
      type={plain ? "text" : "date"}
      readOnly={readOnly}
      value={plain ? date : day}
      onChange={(event) => set(event.target.value)}
    />
  );
}

function JsonInput({ id, value, onChange }: { id: string; value: unknown; onChange(value: unknown): void }): ReactNode {
  const [draft, setDraft] = useState<string | null>(null);
  const [wrong, setWrong] = useState("");
  const text = draft ?? (value === undefined ? "" : JSON.stringify(value, null, 2));
  const take = (next: string) => {
    setDraft(next);
    try {
      onChange(next.trim() ? JSON.parse(next) : undefined);
      setWrong("");
    } catch (error) {
      setWrong((error as Error).message);
    }
  };
  return (
    <>
      <textarea
        id={id}
        className="ov-mono"
        rows={Math.min(10, text.split("\n").length + 1)}
        spellCheck={false}
        value={text}
        aria-invalid={wrong !== ""}
        onChange={(event) => take(event.target.value)}
        onBlur={() => !wrong && setDraft(null)}
      />
      {wrong && <p className="ov-wrong">This is not JSON yet: {wrong}</p>}
    </>
  );
}
