/** A state that begins as a number and is given a field's text. */
import { walk } from "../literal";
import type { Edit } from "./edits";
import type { Node, Source } from "./sources";

export function numbers({ text, body }: Source): Edit[] {
  const setters = new Set<string>();
  walk(body, (node) => {
    if (node.type !== "VariableDeclarator" || (node.id as Node).type !== "ArrayPattern") return;
    const call = node.init as Node | null;
    if (
      call?.type !== "CallExpression" ||
      !/^(?:React\.)?useState$/.test(text.slice((call.callee as Node).start, (call.callee as Node).end))
    ) {
      return;
    }
    const types = call.typeArguments as Node | null | undefined;
    const typed = types ? text.slice(types.start, types.end) : "";
    const first = (call.arguments as Node[])[0];
    const isNumber = first?.type === "Literal" && typeof first.value === "number";
    const setter = ((node.id as Node).elements as (Node | null)[])[1];
    if (isNumber && (!typed || typed === "<number>") && setter?.type === "Identifier")
      setters.add(setter.name as string);
  });
  const edits: Edit[] = [];
  if (!setters.size) return edits;
  walk(body, (node) => {
    if (node.type !== "CallExpression" || !setters.has((node.callee as Node).name as string)) return;
    const [argument, ...more] = node.arguments as Node[];
    if (!argument || more.length) return;
    const given = text.slice(argument.start, argument.end);
    if (!/^[\w$]+\.(?:target|currentTarget)\.value$/.test(given)) return;
    edits.push({
      start: argument.start,
      end: argument.end,
      text: `Number(${given})`,
      note: "made a number of a field's text",
    });
  });
  return edits;
}
