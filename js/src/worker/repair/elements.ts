/** Components of libraries that are not there, for which HTML has an element: `Button` of any of them is a button. */
import { walk } from "../literal";
import { type Edit, without } from "./edits";
import { absent } from "./packages";
import { boundNames, importsOf, type Node, type Source, type Sources, usedNames } from "./sources";

const ELEMENTS: Record<string, string> = {
  Button: "button",
  IconButton: "button",
  TouchableOpacity: "button",
  Pressable: "button",
  Input: "input",
  TextInput: "input",
  TextField: "input",
  Checkbox: "input",
  Textarea: "textarea",
  TextArea: "textarea",
  Label: "label",
  FormLabel: "label",
  Form: "form",
  Select: "select",
  Image: "img",
  Text: "span",
  Typography: "p",
  Heading: "h2",
  Title: "h2",
  View: "div",
  Box: "div",
  Container: "div",
  Card: "div",
  CardContent: "div",
  CardHeader: "div",
  Flex: "div",
  Stack: "div",
  HStack: "div",
  VStack: "div",
  Grid: "div",
  Paper: "div",
  Row: "div",
  Col: "div",
  FormControl: "div",
  FormGroup: "div",
  SafeAreaView: "div",
  ScrollView: "div",
  Table: "table",
  TableHead: "thead",
  TableBody: "tbody",
  TableRow: "tr",
};
const TYPES: Record<string, string> = { Checkbox: "checkbox" };

export function elements(source: Source, sources: Sources): Edit[] {
  const { body, text, path } = source;
  const bound = boundNames(body);
  const used = usedNames(body);
  const imports = importsOf(source).filter(
    ({ node, specifier }) =>
      node.importKind !== "type" &&
      (specifier === "react" || (!specifier.startsWith(".") && absent(specifier, path, sources))),
  );
  const imported = new Set(
    imports.flatMap((one) => one.names.filter((n) => n.kind !== "namespace").map((n) => n.local)),
  );
  const names = new Map<string, string>();
  for (const [name, { jsx }] of used) {
    const element = ELEMENTS[name];
    if (!element || !jsx || (bound.has(name) ? !imported.has(name) : sources.exporter(name))) continue;
    names.set(name, element);
  }
  if (!names.size) return [];
  const note = `took HTML's own ${[...new Set(names.values())].sort().join(", ")} for ${[...names.keys()].sort().join(", ")}`;
  const edits = imports.flatMap((one) => without(one, (local) => names.has(local), text, note));
  walk(body, (node) => {
    if (node.type !== "JSXOpeningElement" && node.type !== "JSXClosingElement") return;
    const tag = node.name as Node;
    const element = tag.type === "JSXIdentifier" ? names.get(tag.name as string) : undefined;
    if (!element) return;
    const type = node.type === "JSXOpeningElement" ? TYPES[tag.name as string] : undefined;
    edits.push({ start: tag.start, end: tag.end, text: type ? `${element} type="${type}"` : element, note });
  });
  return edits;
}
