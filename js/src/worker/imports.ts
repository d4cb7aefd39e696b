/** Where an import stands in the source. Read only when there is something to say about it. */
import { type Diagnostic, locate } from "./diagnostics";

/** Finds the specifier in an import, an export from, a dynamic import or a require. */
export function findImport(file: string, text: string, specifier: string): Diagnostic["location"] {
  const code = blankComments(text);
  const quoted = escape(specifier);
  const strict = new RegExp(`(?:\\bfrom|\\bimport|\\bimport\\s*\\(|\\brequire\\s*\\()\\s*(["'\`])${quoted}\\1`);
  const match = strict.exec(code) ?? new RegExp(`(["'\`])${quoted}\\1`).exec(code);
  if (!match) return null;
  const end = match.index + match[0].length;
  return locate(file, text, end - specifier.length - 2, specifier.length + 2);
}

/** Finds a name in the braces of an import from a specifier. */
export function findName(file: string, text: string, specifier: string, name: string): Diagnostic["location"] {
  const code = blankComments(text);
  const statement = new RegExp(`\\b(?:import|export)\\b([^;"'\`]*?)\\bfrom\\s*(["'])${escape(specifier)}\\2`, "g");
  for (const match of code.matchAll(statement)) {
    const at = new RegExp(`(?<![\\w$])${escape(name)}(?![\\w$])`).exec(match[1]!);
    if (at) return locate(file, text, match.index + 6 + at.index, name.length);
  }
  return findImport(file, text, specifier);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

/** Comments to blanks of the same length. Strings are passed over, so that `"//"` stays. */
function blankComments(text: string): string {
  return text.replace(
    /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*/g,
    (match) => (match[0] === "/" ? match.replace(/[^\n]/g, " ") : match),
  );
}
