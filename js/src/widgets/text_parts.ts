// A text, taken apart at the addresses in it. Pure.

export interface Part {
  /** Where it begins. */
  at: number;
  part: string;
  address: boolean;
}

/** What ends a sentence, or closes a bracket around an address, is no part of it. */
const ADDRESS = /https?:\/\/[^\s<>"'`)\]]*[^\s<>"'`)\].,;:!?]/g;

export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  const add = (at: number, part: string, address: boolean) => part && parts.push({ at, part, address });
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    add(end, text.slice(end, index), false);
    add(index, found, true);
    end = index + found.length;
  }
  add(end, text.slice(end), false);
  return parts;
}
