/** Elements of the page itself. */

/** They have no children. */
const VOID = new Set("area base br col embed hr img input link meta source track wbr".split(" "));
/** What is in them is no layout: it is kept as it is written. */
const OPAQUE = new Set("svg math style script template textarea option".split(" "));

export const isHost = (type: string): boolean => /^[a-z][\w:.-]*$/.test(type) && !type.includes(".");

export function holdsItems(tag: string): boolean {
  return !VOID.has(tag) && !OPAQUE.has(tag);
}

export const isVoid = (tag: string): boolean => VOID.has(tag);
