/** Packages that are not there: left out where nothing is lost, or stood in for where it is certain what they do. */
import { closest } from "../diagnostics";
import { walk } from "../literal";
import { packageName } from "../packages";
import { type Edit, wholeLine } from "./edits";
import { type Import, importsOf, type Node, type Source, type Sources, usedNames } from "./sources";

const CLASS_NAMES = /^(?:classnames|clsx|classcat|tailwind-merge|tw-merge|cx)(?:\/|$)/;
const ICONS =
  /^(?:lucide-react|react-icons|@heroicons\/react|@mui\/icons-material|@material-ui\/icons|react-feather|phosphor-react|@phosphor-icons\/react|@tabler\/icons-react|@radix-ui\/react-icons|@fortawesome\/\w[\w-]*|lucide|heroicons)(?:\/|$)/;
const LUCIDE = "lucide-react";
const JOIN =
  '(...parts: unknown[]): string =>\n  parts.flat(Infinity as 1).flatMap((part) => (part && typeof part === "object" ? Object.keys(part).filter((key) => (part as Record<string, unknown>)[key]) : part ? [String(part)] : [])).join(" ")';
const ASSET = /\.(?:css|scss|sass|less)$/;

export function packages(source: Source, sources: Sources): Edit[] {
  const used = usedNames(source.body);
  const edits: Edit[] = [];
  for (const found of importsOf(source)) {
    const edit = absent(found.specifier, source.path, sources)
      ? stand(found, used, source, sources)
      : absentIcons(found, used, source, sources);
    if (edit) edits.push(...edit);
  }
  return edits;
}

/** Names that the icons' package does not have. */
function absentIcons(
  found: Import,
  used: Map<string, { jsx: boolean }>,
  source: Source,
  sources: Sources,
): Edit[] | null {
  if (found.specifier !== LUCIDE || found.node.importKind === "type") return null;
  const known = sources.exportsOf(LUCIDE);
  const lacking = found.names.filter(({ kind, imported }) => kind === "named" && !known.has(imported));
  if (!known.size || !lacking.length || found.names.some(({ kind }) => kind !== "named")) return null;
  if (!lacking.every(({ local }) => used.get(local)?.jsx)) return null;
  return icons(found, found.names, source, sources);
}

/** Whether an import leads nowhere. */
export function absent(specifier: string, path: string, sources: Sources): boolean {
  const { kind } = sources.project.resolver.resolve(specifier, path);
  return kind === "missing" || (kind === "failed" && (ASSET.test(specifier) || !/^[./]/.test(specifier)));
}

function stand(found: Import, used: Map<string, { jsx: boolean }>, source: Source, sources: Sources): Edit[] | null {
  const { specifier, names, node } = found;
  const [start, end] = wholeLine(source.text, node.start, node.end);
  const name = /^[./]/.test(specifier) ? specifier : packageName(specifier);
  const whole = (text: string, note: string): Edit[] => [{ start, end, text, note }];
  if (node.importKind === "type") return null;
  if (!names.length) return whole("", `left out the import of ${specifier}, which is not there`);
  const wanted = names.filter(({ local }) => used.has(local));
  if (!wanted.length) return whole("", `left out the import of ${name}, which is not there and not used`);
  if (name === "prop-types") return propTypes(found, source);
  if (CLASS_NAMES.test(specifier)) {
    const all = wanted.map(({ local }) => `const ${local} = ${typed(JOIN, source)};\n`).join("");
    return after(all, `wrote ${wanted.map((n) => n.local).join(", ")} out: ${name} is not installed`, found, source);
  }
  if (ICONS.test(specifier) && wanted.every(({ local, kind }) => kind !== "namespace" && used.get(local)!.jsx)) {
    return icons(found, wanted, source, sources);
  }
  if (
    /^(?:uuid|nanoid)$/.test(name) &&
    wanted.every((n) => n.kind === "named" && /^(?:v4|v1|nanoid)$/.test(n.imported))
  ) {
    const all = wanted.map(({ local }) => `const ${local} = () => crypto.randomUUID();\n`).join("");
    return after(all, `took crypto.randomUUID for ${name}, which is not installed`, found, source);
  }
  if (specifier === "next/link" && wanted.length === 1 && source.path.endsWith("x")) {
    const { local } = wanted[0]!;
    return after(
      `const ${local} = "a" as const;\n`,
      "took the element a for next/link, which is not installed",
      found,
      source,
    );
  }
  return null;
}

/** In place of the import, behind the last one: imports come first. */
function after(text: string, note: string, { node }: Import, source: Source): Edit[] {
  const [start, end] = wholeLine(source.text, node.start, node.end);
  const code = typed(text, source);
  const last = importsOf(source).at(-1)!.node;
  if (last === node) return [{ start, end, text: `\n${code}`, note }];
  const [, place] = wholeLine(source.text, last.start, last.end);
  return [
    { start, end, text: "", note },
    { start: place, end: place, text: `\n${code}`, note },
  ];
}

/** Without its types in a file of JavaScript. */
function typed(code: string, { path }: Source): string {
  if (/\.tsx?$/.test(path)) return code;
  return code
    .replaceAll(": unknown[]): string", ")")
    .replaceAll(" as 1", "")
    .replaceAll(" as Record<string, unknown>", "")
    .replaceAll(" as const", "");
}

function icons(found: Import, wanted: Import["names"], source: Source, sources: Sources): Edit[] {
  const known = sources.installed(LUCIDE) ? sources.exportsOf(LUCIDE) : new Set<string>();
  const [start, end] = wholeLine(source.text, found.node.start, found.node.end);
  const taken: string[] = [];
  const drawn: string[] = [];
  for (const { imported, local } of wanted) {
    const icon = known.size ? like(imported === "default" ? local : imported, known) : null;
    if (icon) taken.push(icon === local ? icon : `${icon} as ${local}`);
    else drawn.push(local);
  }
  const name = packageName(found.specifier);
  const line = taken.length ? `import { ${taken.join(", ")} } from "${LUCIDE}";\n` : "";
  if (!drawn.length) return [{ start, end, text: line, note: `took icons of ${LUCIDE} for those of ${name}` }];
  const props = /\.tsx$/.test(source.path) ? "props: { className?: string; size?: number | string }" : "props";
  const shapes = drawn.map(
    (local) =>
      `const ${local} = (${props}) => (\n  <svg className={props.className} width={props.size ?? "1em"} height={props.size ?? "1em"} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={2} aria-hidden="true">\n    <circle cx={12} cy={12} r={9} />\n  </svg>\n);\n`,
  );
  const edits = after(shapes.join(""), `drew ${drawn.join(", ")}: ${name} has no such icon here`, found, source);
  if (line) edits[0]!.text = line + edits[0]!.text;
  return edits;
}

/** `FaRegTrashAlt` and `TrashIcon` to `Trash`. */
function like(name: string, known: Set<string>): string | null {
  if (known.has(name)) return name;
  const plain = name
    .replace(/^(?:Fa|Md|Ai|Bi|Bs|Hi|Fi|Io|Ri|Tb|Gi|Go|Si|Ti|Vsc|Lu|Icon)(?=[A-Z])/, "")
    .replace(/^(?:Outline|Fill|Reg|Solid)(?=[A-Z])/, "");
  const bare = plain.replace(/(?:Icon|Outlined?|Filled?|Rounded|Sharp|Solid|Alt)+$/, "");
  for (const candidate of [plain, bare, SAME[bare] ?? ""]) if (known.has(candidate)) return candidate;
  const near = bare.length > 3 ? closest(bare, known) : null;
  return near?.toLowerCase().startsWith(bare.slice(0, 4).toLowerCase()) ? near : null;
}

const SAME: Record<string, string> = {
  Delete: "Trash",
  Add: "Plus",
  Close: "X",
  Times: "X",
  Edit: "Pencil",
  Remove: "Minus",
  Done: "Check",
  Person: "User",
  Email: "Mail",
  Envelope: "Mail",
  Favorite: "Heart",
  ShoppingBasket: "ShoppingCart",
  Cart: "ShoppingCart",
  Cog: "Settings",
  Gear: "Settings",
  MagnifyingGlass: "Search",
  Bars: "Menu",
};

/** The import and the statements `Name.propTypes = …` go. */
function propTypes(found: Import, source: Source): Edit[] | null {
  const locals = new Set(found.names.map((n) => n.local));
  const note = "left out prop-types, which is not installed";
  const statements = source.body.filter((node) => isPropTypes(node));
  const inside = (at: number) => statements.some((s) => s.start <= at && at < s.end);
  let elsewhere = false;
  walk(source.body, (node) => {
    if (node.type === "Identifier" && locals.has(node.name as string) && !inside(node.start)) {
      elsewhere ||= !(node.start >= found.node.start && node.end <= found.node.end);
    }
  });
  if (elsewhere) return null;
  return [found.node, ...statements].map((node) => {
    const [start, end] = wholeLine(source.text, node.start, node.end);
    return { start, end, text: "", note };
  });
}

function isPropTypes(node: Node): boolean {
  const expression = node.type === "ExpressionStatement" ? (node.expression as Node) : null;
  const left = expression?.type === "AssignmentExpression" ? (expression.left as Node) : null;
  return left?.type === "MemberExpression" && (left.property as Node).name === "propTypes";
}
