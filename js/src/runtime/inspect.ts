/** A value as a line of text, in the manner of Node's `util.inspect`, but short. */
const DEPTH = 3;
const ITEMS = 50;
const TEXT = 10_000;

/** The arguments of a call of `console`, with `%s` and its like filled in. */
export function format(args: readonly unknown[]): string {
  const parts: string[] = [];
  let rest = 0;
  if (typeof args[0] === "string") {
    rest = 1;
    const text = args[0].replace(/%[sdifoOjc%]/g, (mark) => {
      if (mark === "%%") return "%";
      if (rest >= args.length) return mark;
      const value = args[rest++];
      switch (mark) {
        case "%s":
          return typeof value === "string" ? value : inspect(value, 1);
        case "%d":
        case "%i":
        case "%f": {
          const number = Number(typeof value === "object" ? Number.NaN : value);
          return String(mark === "%i" ? Math.trunc(number) : number);
        }
        case "%c":
          return "";
        default:
          return inspect(value);
      }
    });
    parts.push(text);
  }
  for (const value of args.slice(rest)) parts.push(typeof value === "string" ? value : inspect(value));
  const text = parts.join(" ");
  return text.length > TEXT ? `${text.slice(0, TEXT)}…` : text;
}

export function inspect(value: unknown, depth = DEPTH, above: readonly unknown[] = []): string {
  switch (typeof value) {
    case "string":
      return above.length ? quote(value) : value;
    case "bigint":
      return `${value}n`;
    case "symbol":
      return value.toString();
    case "function":
      return /^class\b/.test(Function.prototype.toString.call(value))
        ? `[class ${value.name || "(anonymous)"}]`
        : `[Function: ${value.name || "(anonymous)"}]`;
    case "object":
      break;
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
  if (value === null) return "null";
  if (above.includes(value)) return "[Circular]";
  try {
    return inspectObject(value as object, depth, above);
  } catch {
    return "[unreadable]";
  }
}

function inspectObject(value: object, depth: number, above: readonly unknown[]): string {
  if (value instanceof Error)
    return value.stack?.includes(value.message) ? value.stack : `${value.name}: ${value.message}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Element) return tag(value);
  if (value instanceof Promise) return "Promise {}";
  if (value === window) return "[Window]";
  const path = [...above, value];
  const inside = (item: unknown) => inspect(item, depth - 1, path);
  if (Array.isArray(value)) {
    return depth < 0 ? "[Array]" : list("", "[", "]", value.length, value.slice(0, ITEMS).map(inside));
  }
  const name = nameOf(value);
  if (depth < 0) return `[${name || "Object"}]`;
  const { size } = value as Set<unknown>;
  if (value instanceof Set) return list(`Set(${size}) `, "{", "}", size, [...value].slice(0, ITEMS).map(inside));
  if (value instanceof Map) {
    const items = [...value].slice(0, ITEMS).map(([key, item]) => `${inside(key)} => ${inside(item)}`);
    return list(`Map(${size}) `, "{", "}", size, items);
  }
  if (ArrayBuffer.isView(value) && "length" in value) {
    const all = value as unknown as ArrayLike<unknown>;
    return list(
      `${name}(${all.length}) `,
      "[",
      "]",
      all.length,
      Array.from({ length: Math.min(all.length, ITEMS) }, (_, i) => inside(all[i])),
    );
  }
  if (typeof (value as { $$typeof?: unknown }).$$typeof === "symbol") return element(value as { type?: unknown });
  const keys = Object.keys(value);
  const items = keys.slice(0, ITEMS).map((key) => {
    const shown = /^[\w$]+$/.test(key) ? key : quote(key);
    const property = Object.getOwnPropertyDescriptor(value, key);
    return `${shown}: ${property?.get ? "[Getter]" : inside(property?.value)}`;
  });
  return list(name ? `${name} ` : "", "{", "}", keys.length, items);
}

function list(head: string, open: string, close: string, total: number, items: string[]): string {
  if (total > items.length) items.push(`… ${total - items.length} more`);
  if (items.length === 0) return head + open + close;
  const line = items.join(", ");
  if (line.length <= 100 && !line.includes("\n")) {
    return open === "[" ? `${head}[${line}]` : `${head}${open} ${line} ${close}`;
  }
  return `${head}${open}\n${items.map((item) => `  ${item.replaceAll("\n", "\n  ")}`).join(",\n")}\n${close}`;
}

function nameOf(value: object): string {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return "";
  const made = (prototype as { constructor?: unknown }).constructor;
  return typeof made === "function" ? made.name : "";
}

function tag(value: Element): string {
  const id = value.id ? ` id=${quote(value.id)}` : "";
  const name = value.getAttribute("class") ? ` class=${quote(value.getAttribute("class")!)}` : "";
  return `<${value.tagName.toLowerCase()}${id}${name}>`;
}

function element({ type }: { type?: unknown }): string {
  const named = type as { displayName?: string; name?: string } | string | null | undefined;
  return `<${typeof named === "string" ? named : (named?.displayName ?? named?.name ?? "…")} />`;
}

function quote(text: string): string {
  return text.includes("'") ? JSON.stringify(text) : `'${text.replaceAll("\n", "\\n")}'`;
}
