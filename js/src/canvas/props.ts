/** What an item's properties are when it is rendered. */
import { attributeOf, isCode, isRecord, isSpread, TYPE_ARGUMENTS } from "../worker/editor/data";
import { isOwnText, isWrittenSlot, nameInPage, writtenSlot } from "./data";
import { evaluated, type Scope } from "./scope";

/** Whether something in a value is written as code, which depends on the page's scope. */
export function hasCode(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isCode(value) || Object.values(value).some(hasCode);
}

/** Properties for React, slots left out. */
export function resolved(props: Record<string, unknown>, scope: Scope | null): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [given, value] of Object.entries(props)) {
    const name = nameInPage(given);
    if (name === TYPE_ARGUMENTS || isOwnText(name) || typeof value === "function") continue;
    if (isSpread(name)) Object.assign(out, evaluated(scope, `e:${name.trimEnd()}`));
    else if (isWrittenSlot(given)) out[given.slice(writtenSlot("").length)] = written(given, value, scope);
    else
      out[attributeOf(name)] =
        name === "children" && isCode(value) ? written("children", value, scope) : now(value, scope);
  }
  return out;
}

/** A slot that is an attribute has an expression; what stands between the tags is JSX. */
function written(name: string, value: unknown, scope: Scope | null): unknown {
  if (!isCode(value)) return value;
  const kind = name.endsWith("children") ? "j" : "e";
  return evaluated(scope, `${kind}:${value.$source}`);
}

function now(value: unknown, scope: Scope | null): unknown {
  if (isCode(value)) return evaluated(scope, `e:${value.$source}`);
  if (Array.isArray(value)) return value.map((inner) => now(inner, scope));
  if (!isRecord(value)) return value;
  if (typeof value.$date === "string") return new Date(value.$date);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [nameInPage(name), now(inner, scope)]));
}
