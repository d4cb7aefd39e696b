/**
 * A stylesheet's next version, rule by rule: a new text has the browser look at every element again, a rule that is put
 * in (as Tailwind's next class is) only at those that it may match.
 */
import { type Rule, rulesOf } from "./css_rules";

type Container = CSSStyleSheet | CSSGroupingRule;

/** Brings a sheet from one text to the next; false where it has to be given the whole text instead. */
export function restyle(sheet: CSSStyleSheet, before: string, after: string): boolean {
  try {
    return change(sheet, rulesOf(before), rulesOf(after));
  } catch {
    // A rule that this browser does not take by itself.
    return false;
  }
}

function change(container: Container, before: Rule[] | null, after: Rule[] | null): boolean {
  // The browser leaves out what it does not understand; then its numbers are not ours.
  if (!before || !after || container.cssRules.length !== before.length) return false;
  let start = 0;
  let rest = 0;
  const most = Math.min(before.length, after.length);
  while (start < most && before[start]!.text === after[start]!.text) start += 1;
  while (rest < most - start && before.at(-1 - rest)!.text === after.at(-1 - rest)!.text) rest += 1;
  const [oldEnd, newEnd] = [before.length - rest, after.length - rest];
  while (start < oldEnd && start < newEnd) {
    const inner = container.cssRules[start]!;
    const [old, next] = [before[start]!, after[start]!];
    if (old.text !== next.text) {
      if (old.head !== next.head || !(inner instanceof CSSGroupingRule)) break;
      if (!change(inner, rulesOf(old.body ?? ""), rulesOf(next.body ?? ""))) return false;
    }
    start += 1;
  }
  for (let i = oldEnd; i > start; i--) container.deleteRule(i - 1);
  for (let i = start; i < newEnd; i++) container.insertRule(after[i]!.text, i);
  return container.cssRules.length === after.length;
}
