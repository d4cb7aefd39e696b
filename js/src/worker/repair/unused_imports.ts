/** Names of React that a new file imports and does not use: strict projects refuse to build with them. */
import { type Edit, without } from "./edits";
import { importsOf, type Source } from "./sources";

export function unusedImports(source: Source): Edit[] {
  const { text } = source;
  const imports = importsOf(source);
  const rest = imports.reduceRight(
    (left, { node }) => left.slice(0, node.start) + " ".repeat(node.end - node.start) + left.slice(node.end),
    text,
  );
  const edits: Edit[] = [];
  for (const found of imports) {
    const { specifier, names } = found;
    if (specifier !== "react" || !names.length) continue;
    const isUnused = (local: string) => !new RegExp(`(?<![\\w$.])${local.replaceAll("$", "\\$")}(?![\\w$])`).test(rest);
    const gone = names.map(({ local }) => local).filter(isUnused);
    const note = `left out the import of ${gone.join(", ")}, which is not used`;
    edits.push(...without(found, (local) => gone.includes(local), text, note));
  }
  return edits;
}
