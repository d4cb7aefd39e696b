// What the editor's frame says, looked at before anything of it is used.
import type { FromEditor } from "../runtime/messages";

/** Jupyter's server drops a kernel's connection at little more. */
export const MOST_DATA = 10_000_000;
const MOST_TEXT = 300;

export type Checked = FromEditor | { type: "refused"; edit: number; why: string };

/** The message, holding only what it may; null where it is none. */
export function checked(message: unknown): Checked | null {
  if (!isRecord(message)) return null;
  switch (message.type) {
    case "ready":
      return { type: "ready" };
    case "edited":
      return edited(message);
    case "selected":
      return selected(message.item);
    case "prompt":
      return message.kind === "generate" || message.kind === "edit" ? { type: "prompt", kind: message.kind } : null;
    default:
      return null;
  }
}

function edited({ edit, data, base }: Record<string, unknown>): Checked | null {
  if (!Number.isSafeInteger(edit) || (edit as number) < 1) return null;
  const number = edit as number;
  const refused = (why: string): Checked => ({ type: "refused", edit: number, why });
  if (!isRecord(data)) return refused("The canvas gave no data of a page.");
  let text: string;
  try {
    text = JSON.stringify(data);
  } catch {
    return refused("The canvas gave data that cannot be written down.");
  }
  const size = bytesOf(text);
  if (size > MOST_DATA) {
    const [is, most] = [size, MOST_DATA].map((bytes) => (bytes / 1e6).toFixed(1));
    return refused(
      `The page's data are ${is} MB, more than the ${most} MB that can be sent: take something out of it.`,
    );
  }
  const from = typeof base === "string" && base.length <= MOST_TEXT ? base : "";
  // Plain data from here on, whatever it was.
  return { type: "edited", edit: number, data: JSON.parse(text), base: from };
}

function selected(item: unknown): Checked | null {
  if (item === null) return { type: "selected", item };
  if (!isRecord(item)) return null;
  const { id, type } = item;
  if (typeof id !== "string" || typeof type !== "string" || Math.max(id.length, type.length) > MOST_TEXT) return null;
  return { type: "selected", item: { id, type } };
}

function bytesOf(text: string): number {
  return text.length * 3 <= MOST_DATA || text.length > MOST_DATA ? text.length : new TextEncoder().encode(text).length;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
