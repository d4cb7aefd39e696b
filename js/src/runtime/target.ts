/** Which export of its module a target means. */
import type { Target } from "./messages";
import { isLikelyComponentType } from "./refresh";
import type { Exports } from "./registry";

export class NoComponent extends Error {}

/** The export that is named, else the one named like the file, else the default, else the only component. */
export function componentOf(target: Target, exports: Exports): unknown {
  const file = target.module
    .split("/")
    .at(-1)!
    .replace(/\.\w+$/, "");
  const folder = target.module.split("/").at(-2) ?? "";
  for (const name of [target.export, file, file === "index" ? folder : "", "default"]) {
    if (name && isRenderable(exports[name])) return exports[name];
  }
  const likely = new Set(Object.values(exports).filter(isLikelyComponentType));
  if (likely.size === 1) return [...likely][0];
  const why = likely.size ? "has more than one export that is a component" : "has no export that is a component";
  throw new NoComponent(`${target.module} ${why}; add \`export default\``);
}

function isRenderable(value: unknown): boolean {
  return (
    typeof value === "function" ||
    (typeof value === "object" && value !== null && "$$typeof" in value && !("props" in value))
  );
}
