/** Names of React that a new file imports and does not use: strict projects refuse to build with them. */
import { type Edit, wholeLine } from "./edits";
import { importsOf, type Node, type Source } from "./sources";

export function unusedImports(source: Source): Edit[] {
  const { text } = source;
  const imports = importsOf(source);
  const rest = imports.reduceRight(
    (left, { node }) => left.slice(0, node.start) + " ".repeat(node.end - node.start) + left.slice(node.end),
    text,
  );
  const edits: Edit[] = [];
  for (const { node, specifier, names } of imports) {
    if (specifier !== "react" || !names.length) continue;
    const left = names.filter(({ local }) =>
      new RegExp(`(?<![\\w$.])${local.replaceAll("$", "\\$")}(?![\\w$])`).test(rest),
    );
    if (left.length === names.length) continue;
    const gone = names.filter((name) => !left.includes(name)).map(({ local }) => local);
    const note = `left out the import of ${gone.join(", ")}, which is not used`;
    const [start, end] = wholeLine(text, node.start, node.end);
    const spelled = (kind: (name: string) => boolean) =>
      left.filter((name) => kind(name.kind)).map((name) => text.slice(name.node.start, name.node.end));
    const named = spelled((kind) => kind === "named");
    const list = [...spelled((kind) => kind !== "named"), ...(named.length ? [`{ ${named.join(", ")} }`] : [])];
    const from = node.source as Node;
    const type = node.importKind === "type" ? "type " : "";
    const line = `import ${type}${list.join(", ")} from ${text.slice(from.start, from.end)};\n`;
    edits.push({ start, end, text: list.length ? line : "", note });
  }
  return edits;
}
