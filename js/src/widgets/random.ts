/** A random name. `crypto.randomUUID` is missing on plain http pages that are not on localhost. */
export function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, "0")).join("");
}
