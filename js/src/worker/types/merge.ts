/** One list of what a check found. What is known of a place already is not told twice. */
import { type Diagnostic, tidy } from "../diagnostics";

export function merge(others: Diagnostic[], types: Diagnostic[]): Diagnostic[] {
  const kept: Diagnostic[] = [];
  const out = [...others];
  for (const type of types) {
    const at = out.findIndex((each) => overlap(each, type));
    const known = out[at];
    if (known?.severity === "error") out[at] = { ...known, hint: known.hint || type.hint };
    else if (known?.kind === "resolve") {
      out.splice(at, 1);
      kept.push({ ...type, hint: type.hint || known.hint });
    } else kept.push(type);
  }
  return tidy([...out, ...kept]);
}

function overlap({ location: a }: Diagnostic, { location: b }: Diagnostic): boolean {
  if (!a || !b || a.file !== b.file || a.line !== b.line) return false;
  return a.column <= b.column + Math.max(b.length, 1) && b.column <= a.column + Math.max(a.length, 1);
}
