/** Pages as syntax trees: while one is edited, its text is asked for several times. */
import { parseSource, type Source } from "../repair/sources";

const KEPT = 8;

const known = new Map<string, Source>();

/** Not to be changed: others have it, too. */
export function parsed(path: string, text: string): Source {
  const found = known.get(path);
  if (found?.text === text) return found;
  const source = parseSource(path, text);
  known.delete(path);
  known.set(path, source);
  if (known.size > KEPT) known.delete(known.keys().next().value!);
  return source;
}
