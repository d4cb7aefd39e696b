/** A component that the file forgot to export as the default. */
import { posix } from "node:path";
import { walk } from "../literal";
import type { Edit } from "./edits";
import { type Node, type Source, stem } from "./sources";

export function defaultExport(source: Source): Edit[] {
  const { body, text, path } = source;
  if (body.some((node) => node.type === "ExportDefaultDeclaration" || exportsDefault(node))) return [];
  const components = body.flatMap(declared).filter(({ name, node }) => /^[A-Z]/.test(name) && rendersSomething(node));
  const wanted = stem(path);
  const found =
    components.find(({ name }) => name === wanted) ??
    (components.length === 1 ? components[0] : undefined) ??
    main(components, text);
  if (!found) return [];
  const gap = text.endsWith("\n") ? "\n" : "\n\n";
  const note = `exported ${found.name} as the default of ${posix.basename(path)}`;
  return [{ start: text.length, end: text.length, text: `${gap}export default ${found.name};\n`, note }];
}

function exportsDefault(node: Node): boolean {
  if (node.type !== "ExportNamedDeclaration") return false;
  return ((node.specifiers as Node[]) ?? []).some(
    (s) => ((s.exported as Node).name ?? (s.exported as Node).value) === "default",
  );
}

function declared(statement: Node): { name: string; node: Node }[] {
  const node = statement.type === "ExportNamedDeclaration" ? ((statement.declaration as Node) ?? statement) : statement;
  if (/^(?:Function|Class)Declaration$/.test(node.type)) return [{ name: (node.id as Node).name as string, node }];
  if (node.type !== "VariableDeclaration") return [];
  return (node.declarations as Node[]).flatMap((d) => {
    const id = d.id as Node;
    const init = d.init as Node | null;
    const fits = init && /Function|Class|Call/.test(init.type);
    return id.type === "Identifier" && fits ? [{ name: id.name as string, node: init }] : [];
  });
}

function rendersSomething(node: Node): boolean {
  let found = false;
  walk(node, (inner) => {
    found ||= inner.type === "JSXElement" || inner.type === "JSXFragment";
    found ||= inner.type === "Identifier" && inner.name === "createElement";
  });
  return found;
}

/** The one that none of the others shows. */
function main(components: { name: string; node: Node }[], text: string): { name: string } | undefined {
  const roots = components.filter(({ name }) => !new RegExp(`<${name}[\\s/>]`).test(text));
  return roots.length === 1 ? roots[0] : undefined;
}
