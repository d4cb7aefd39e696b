/** Where an import stands in the source. Read only when there is something to say about it. */
import { type Diagnostic, diagnostic, diagnosticAt, type Location, locate, offsetOf } from "./diagnostics";

/** Finds the specifier in an import, an export from, a dynamic import or a require. */
export function findImport(file: string, text: string, specifier: string): Diagnostic["location"] {
  const code = blankComments(text);
  const quoted = quoteForRegExp(specifier);
  const strict = new RegExp(`(?:\\bfrom|\\bimport|\\bimport\\s*\\(|\\brequire\\s*\\()\\s*(["'\`])${quoted}\\1`);
  const match = strict.exec(code) ?? new RegExp(`(["'\`])${quoted}\\1`).exec(code);
  if (!match) return null;
  const end = match.index + match[0].length;
  return locate(file, text, end - specifier.length - 2, specifier.length + 2);
}

/** The place of an import; the file's start where it is not written out, as JSX's own imports are not. */
export function placeOf(file: string | null, text: string, specifier: string): Location | null {
  if (file === null) return null;
  return findImport(file, text, specifier) ?? { file, line: 1, column: 1, length: 0 };
}

/** A problem with an import, at its place. */
export function importProblem(
  kind: Diagnostic["kind"],
  file: string | null,
  text: string,
  specifier: string,
  message: string,
  hint = "",
): Diagnostic {
  const location = placeOf(file, text, specifier);
  if (!location?.length) return diagnostic(kind, message, { hint, location });
  return diagnosticAt(kind, message, location.file, text, offsetOf(text, location), location.length, { hint });
}

/** Finds a name in the braces of an import from a specifier. */
export function findName(file: string, text: string, specifier: string, name: string): Diagnostic["location"] {
  const code = blankComments(text);
  const statement = new RegExp(
    `\\b(?:import|export)\\b([^;"'\`]*?)\\bfrom\\s*(["'])${quoteForRegExp(specifier)}\\2`,
    "g",
  );
  for (const match of code.matchAll(statement)) {
    const at = new RegExp(`(?<![\\w$])${quoteForRegExp(name)}(?![\\w$])`).exec(match[1]!);
    if (at) return locate(file, text, match.index + 6 + at.index, name.length);
  }
  return findImport(file, text, specifier);
}

function quoteForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

/** Comments to blanks of the same length. Strings are passed over, so that `"//"` stays. */
function blankComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*/g, (match) =>
    match[0] === "/" ? match.replace(/[^\n]/g, " ") : match,
  );
}
