/** What a function prop was called with, as plain data for Python. */
const DEPTH = 8;
const ITEMS = 1000;
const TEXT = 100_000;

export function plain(value: unknown, depth = 0, above: readonly unknown[] = []): unknown {
  switch (typeof value) {
    case "string":
      return value.length > TEXT ? `${value.slice(0, TEXT)}…` : value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "bigint":
      return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
    case "boolean":
      return value;
    case "undefined":
      return null;
    case "symbol":
      return value.toString();
    case "function":
      return `[Function ${value.name || "anonymous"}]`;
  }
  if (value === null) return null;
  if (above.includes(value)) return "[Circular]";
  if (depth >= DEPTH) return Array.isArray(value) ? "[Array]" : "[Object]";
  const path = [...above, value];
  const inside = (item: unknown) => plain(item, depth + 1, path);
  const object = value as object;
  if (isEvent(object)) return plainEvent(object);
  if (object instanceof Date) return Number.isNaN(object.getTime()) ? null : object.toISOString();
  if (object instanceof Error) return { name: object.name, message: object.message };
  if (object instanceof Element) return `[${object.tagName.toLowerCase()}]`;
  if (object instanceof Node || object === window) return "[Node]";
  if (object instanceof RegExp || object instanceof URL) return String(object);
  if (object instanceof File) return { name: object.name, size: object.size, type: object.type };
  if (object instanceof FormData) return formValues(object);
  if (object instanceof URLSearchParams) return Object.fromEntries(object);
  if (object instanceof Promise) return "[Promise]";
  if (object instanceof Set) return [...object].slice(0, ITEMS).map(inside);
  if (object instanceof Map) {
    return Object.fromEntries([...object].slice(0, ITEMS).map(([key, item]) => [String(plain(key)), inside(item)]));
  }
  if (Array.isArray(object)) return object.slice(0, ITEMS).map(inside);
  if (ArrayBuffer.isView(object) && "length" in object) {
    return Array.from(object as unknown as ArrayLike<number>)
      .slice(0, ITEMS)
      .map(inside);
  }
  if (typeof (object as { toJSON?: unknown }).toJSON === "function") {
    try {
      return plain((object as { toJSON(): unknown }).toJSON(), depth + 1, path);
    } catch {
      return "[Object]";
    }
  }
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(object).slice(0, ITEMS)) {
    try {
      const item = (object as Record<string, unknown>)[key];
      if (item !== undefined) out[key] = inside(item);
    } catch {
      out[key] = "[unreadable]";
    }
  }
  return out;
}

interface EventLike {
  type: string;
  target: unknown;
  nativeEvent?: unknown;
  preventDefault(): void;
}

function isEvent(value: object): value is EventLike {
  return value instanceof Event || (value as Partial<EventLike>).nativeEvent instanceof Event;
}

function plainEvent(event: EventLike): Record<string, unknown> {
  const out: Record<string, unknown> = { type: event.type };
  const { target } = event;
  if (target instanceof HTMLFormElement && (event.type === "submit" || event.type === "reset")) {
    // The sandbox has nowhere to send a form to.
    if (event.type === "submit") event.preventDefault();
    out.values = formValues(new FormData(target, submitterOf(event)));
    return out;
  }
  if (target instanceof Element) {
    const { value, name, checked, type } = target as HTMLInputElement;
    if (typeof value === "string") out.value = value;
    if (typeof name === "string" && name) out.name = name;
    if (type === "checkbox" || type === "radio") out.checked = checked;
    if (target instanceof HTMLSelectElement && target.multiple) {
      out.value = [...target.selectedOptions].map((option) => option.value);
    }
  }
  const native = (event.nativeEvent ?? event) as Partial<KeyboardEvent>;
  if (typeof native.key === "string") out.key = native.key;
  return out;
}

function submitterOf(event: EventLike): HTMLElement | null {
  return ((event.nativeEvent ?? event) as Partial<SubmitEvent>).submitter ?? null;
}

/** A field that is there more than once becomes a list. */
function formValues(data: FormData): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const name of new Set(data.keys())) {
    const all = data.getAll(name).map((item) => plain(item));
    out[name] = all.length > 1 ? all : all[0];
  }
  return out;
}
