/** `export * from`: names of the module's own go first, and `default` is never among them. */
import type { Exports } from "./registry";

export function exportAll(exports: Exports, from: Exports): void {
  if (exports === from || from === null || typeof from !== "object") return;
  for (const key in from) {
    if (key === "default" || key === "__esModule" || key in exports) continue;
    Object.defineProperty(exports, key, { enumerable: true, configurable: true, get: () => from[key] });
  }
}
