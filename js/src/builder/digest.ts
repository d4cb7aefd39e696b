/** Names that derive from a content. */
import { createHash } from "node:crypto";

export function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Eight letters for a file's name, as esbuild's are. */
export function shortHash(...parts: (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return [...hash.digest().subarray(0, 8)].map((byte) => LETTERS[byte & 31]).join("");
}
