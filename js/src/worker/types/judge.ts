/**
 * Which of TypeScript's findings matter to a component that a model wrote. An error is what fails at run time for sure, or
 * breaks what the module says that it exports; a warning is what is likely a slip; nothing else is told.
 */
import { type Diagnostic, diagnosticAt } from "../diagnostics";
import { boundNames, type Node, type Source, usedNames } from "../repair/sources";
import { type Found, withHint } from "./found";
import type { Origins } from "./origins";
import { around, isExposed, isFollowed, isHarmless, isOptional, isType } from "./places";
import { judgeProps } from "./props";
import { isLoose, isSure } from "./receivers";

export type Severity = Diagnostic["severity"];

/** What to say of a finding, and where, if not where it was found. */
export interface Verdict {
  severity: Severity;
  message: string;
  hint?: string;
  node?: Node;
}

interface Place {
  found: Found;
  source: Source;
  chain: Node[];
  origins: Origins;
  /** Whether the page's own scripts may define names. */
  scripted: boolean;
}

type Judge = (place: Place) => Verdict | null;

const JUDGES = new Map<number, Judge>();

function judges(codes: number[], judge: Judge): void {
  for (const code of codes) JUDGES.set(code, judge);
}

export function judge(found: Found, source: Source, origins: Origins, scripted: boolean): Diagnostic | null {
  const chain = around(source.body, found.pos, found.end);
  const verdict = JUDGES.get(found.code)?.({ found, source, chain, origins, scripted });
  if (!verdict) return null;
  const { severity, node } = verdict;
  const [start, end] = node ? [node.start, node.end] : [found.pos, found.end];
  const { message, hint } = withHint(verdict.message);
  return diagnosticAt("type", message, source.path, source.text, start, end - start, {
    severity,
    hint: verdict.hint || hint,
  });
}

// --------------------------------------------------------------------------------------------------------------- names

/** Browsers have these, or some do; TypeScript does not know them. */
const BROWSERS =
  /^(?:webkit|moz)|^(?:EyeDropper|SpeechRecognition|SpeechGrammarList|BarcodeDetector|Temporal|Sanitizer)$/;

judges([2304, 2552, 2686, 18004], ({ found, source, chain, scripted }) => {
  const name = source.text.slice(found.pos, found.end);
  const message = found.code === 18004 || found.code === 2686 ? `Cannot find name '${name}'` : found.text;
  if (isType(chain)) return { severity: isExposed(chain) ? "error" : "warning", message };
  if (BROWSERS.test(name) || isHarmless(chain) || isGuarded(name, source)) return null;
  return { severity: scripted ? "warning" : "error", message };
});

/** Whether the source asks somewhere whether there is such a name. */
function isGuarded(name: string, { text }: Source): boolean {
  return new RegExp(`typeof\\s+${name.replace(/\W/g, "\\$&")}(?![\\w$])`).test(text);
}

judges([2503, 2694], ({ found, chain }) => {
  if (!isType(chain)) return null;
  return { severity: isExposed(chain) ? "error" : "warning", message: found.text };
});

// ------------------------------------------------------------------------------------------------------------- modules

judges([2305, 2614, 2724, 2459], ({ found, source, chain }) => {
  const specifier = chain.find((node) => /^(?:Import|Export)Specifier$/.test(node.type));
  const local = (specifier?.local as Node | undefined)?.name as string | undefined;
  if (specifier?.type === "ExportSpecifier" || !local) return null;
  const message = found.text.replace(/"/g, "");
  return { severity: usedNames(source.body).has(local) ? "error" : "warning", message };
});

// ---------------------------------------------------------------------------------------------------------- properties

judges([2339, 2551], ({ found, source, chain }) => {
  const type = /on type '(.+?)'\.(?: Did you mean|$)/s.exec(found.text)?.[1] ?? "";
  if (
    isType(chain) ||
    isHarmless(chain) ||
    chain.some((node) => node.type === "JSXOpeningElement" && !inValue(node, chain))
  )
    return null;
  if (isSure(type)) {
    // What is only read is undefined then, and may be meant to be; a member that is misspelt, or gone, is not.
    const read = found.code === 2339 && !type.startsWith("typeof") && !isFollowed(chain);
    return { severity: read || isOptional(chain) ? "warning" : "error", message: found.text };
  }
  if (isLoose(type)) return null;
  const declared = boundNames(source.body).has(type.replace(/<.*/s, ""));
  return found.code === 2551 || declared ? { severity: "warning", message: found.text } : null;
});

/** Whether the place lies in a value that an element is given, not in the names of its tag. */
function inValue(opening: Node, chain: Node[]): boolean {
  return chain[chain.indexOf(opening) + 1]?.type === "JSXAttribute";
}

// -------------------------------------------------------------------------------------------------------------- calls

judges([2554, 2555], ({ found }) => {
  const [, wanted, given] = /(\d+)(?:-\d+)? arguments?, but got (\d+)/.exec(found.text) ?? [];
  // What is too much is ignored; what the app itself asks for is missed.
  const own = found.related.some(({ file }) => file !== null);
  return own && Number(given) < Number(wanted) ? { severity: "warning", message: found.text } : null;
});

judges([2349], ({ found }) => {
  const type = /Type '(.+)' has no call signatures/s.exec(found.all)?.[1] ?? "";
  return isSure(type) && !type.startsWith("typeof")
    ? { severity: "error", message: `What is called here is no function: its type is '${type}'` }
    : null;
});

judges([2348], ({ found }) => ({ severity: "error", message: found.text }));

judges([2488], ({ found }) => {
  const type = /Type '(.+?)' must have/s.exec(found.text)?.[1] ?? "";
  return { severity: /^(?:number|boolean)$/.test(type) ? "error" : "warning", message: found.text };
});

// ------------------------------------------------------------------------------------------------------------ bindings

judges([2588, 2448, 2449], ({ found }) => ({ severity: "error", message: found.text }));

// --------------------------------------------------------------------------------------------------------------- props

judges([2322, 2741, 2739, 2740, 2559, 2786], ({ found, source, chain, origins }) =>
  judgeProps(found, source, chain, origins),
);
