/** Names that are used and come from nowhere, where it is known who has them. */
import type { Edit } from "./edits";
import { boundNames, importsOf, type Source, type Sources, usedNames } from "./sources";

const REACT = new Set(
  `useState useEffect useRef useMemo useCallback useReducer useContext useLayoutEffect useId useTransition
  useDeferredValue useImperativeHandle useSyncExternalStore useInsertionEffect useOptimistic useActionState use
  createContext createRef forwardRef memo lazy Fragment Suspense StrictMode Component PureComponent Children
  cloneElement createElement isValidElement startTransition`.split(/\s+/),
);
const ICONS = "lucide-react";
/** Names of the browser that look like components. */
const BROWSER = new Set(["Map", "Set", "Image", "Option", "Text", "Date", "History", "Link", "File"]);

export function missingImports(source: Source, sources: Sources): Edit[] {
  const { body, path } = source;
  const bound = boundNames(body);
  const wanted = new Map<string, { names: Set<string>; standard: string }>();
  const from = (specifier: string) => {
    const known = wanted.get(specifier) ?? { names: new Set<string>(), standard: "" };
    wanted.set(specifier, known);
    return known;
  };
  for (const [name, { jsx }] of usedNames(body)) {
    if (bound.has(name)) continue;
    if (REACT.has(name) && (jsx || !(name in globalThis))) from("react").names.add(name);
    else if (name === "React") from("react").standard = "React";
    else {
      const exported = jsx || !(name in globalThis) ? sources.exporter(name) : undefined;
      if (exported && exported.path !== path) {
        const target = from(sources.specifier(path, exported.path));
        if (exported.isDefault) target.standard = name;
        else target.names.add(name);
      } else if (jsx && !BROWSER.has(name) && sources.installed(ICONS) && sources.exportsOf(ICONS).has(name)) {
        from(ICONS).names.add(name);
      }
    }
  }
  return [...wanted].map(([specifier, { names, standard }]) => add(source, specifier, [...names].sort(), standard));
}

function add(source: Source, specifier: string, names: string[], standard: string): Edit {
  const note = `imported ${[standard, ...names].filter(Boolean).join(", ")} from ${specifier}`;
  const there = importsOf(source).find((i) => i.specifier === specifier && i.names.some((n) => n.kind === "named"));
  if (there && !standard && names.length) {
    const last = there.names.filter((n) => n.kind === "named").at(-1)!.node;
    return { start: last.end, end: last.end, text: `, ${names.join(", ")}`, note };
  }
  const list = names.length ? `{ ${names.join(", ")} }` : "";
  const line = `import ${[standard, list].filter(Boolean).join(", ")} from "${specifier}";\n`;
  const at = firstStatement(source);
  return { start: at, end: at, text: line, note };
}

/** After directives such as "use client". */
function firstStatement({ body, text }: Source): number {
  const first = body.find((node) => !(node.type === "ExpressionStatement" && typeof node.directive === "string"));
  if (first) return first === body[0] ? 0 : first.start;
  return text.length;
}
