/** A file that uses the component as a preview does, and what TypeScript's findings in it mean. */
import { type Diagnostic, diagnosticAt } from "../diagnostics";
import { component } from "../prop_sets";
import type { Source } from "../repair/sources";
import type { Found } from "./found";

/** A component without a fault: where it has one, the types are to blame. */
export const SOUND = `
import * as React from "react";
const sound: React.ElementType = ({ children }: { children?: React.ReactNode }) => {
  const [n, setN] = React.useState(0);
  return <p className="a" onClick={() => setN(n + 1)}>{n}{children}</p>;
};
export const Used = () => <>{React.createElement(sound)}</>;
`;

export function probe(module: string, exported: string): string {
  const from = JSON.stringify(`./${module.replace(/\.tsx?$/, "")}`);
  return `${SOUND}import * as module from ${from};
export const used: React.ElementType = module[${JSON.stringify(exported)}];
`;
}

export function isSound(found: Found[]): boolean {
  return !found.some(({ pos }) => pos < SOUND.length);
}

/** Too little is known of a value of these types. */
const UNKNOWN = /^(?:unknown|any|never|object|\{\}|symbol)$/;

export function judgeProbe(found: Found, source: Source, exported: string): Diagnostic | null {
  if (found.code !== 2322) return null;
  const at = component(source.body, exported);
  const tell = (severity: Diagnostic["severity"], message: string, hint: string) => {
    const start = at?.start ?? 0;
    const end = source.text.indexOf("\n", start);
    const length = Math.min((at?.end ?? 1) - start, (end < 0 ? source.text.length : end) - start);
    return diagnosticAt("type", message, source.path, source.text, start, length, { severity, hint });
  };
  const returns = found.all.matchAll(/Type '(.+)' is not assignable to type '(?:Promise<ReactNode> \| )?ReactNode'/g);
  const given = [...returns].at(-1)?.[1];
  if (given === "void") return tell("warning", "The component returns nothing", "Return what it should show.");
  if (given && !UNKNOWN.test(given))
    return tell("error", `The component returns '${given}', which React cannot show`, "Return elements, text or null.");
  return null;
}
