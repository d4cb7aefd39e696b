/** Types that are known by their names: TypeScript's own, React's, and what packages call theirs. */
import { attributesOf } from "./host_fields";
import { alternatives, type Member, member, membersOf, merged, type Shape, union } from "./shapes";

/** The shape of a type by its name, without what it is a member of; null where that says nothing. */
export function knownType(name: string, argument: (i: number) => Shape): Shape | null {
  switch (name) {
    case "Array":
    case "ReadonlyArray":
      return { kind: "array", of: argument(0) };
    case "Readonly":
    case "Required":
    case "NonNullable":
    case "NoInfer":
    case "Awaited": {
      const shape = argument(0);
      if (name === "Required") return changed(shape, (m) => ({ ...m, optional: false }));
      return name === "NonNullable"
        ? union(alternatives(shape).filter((s) => !/^(?:null|undefined)$/.test(s.kind)))
        : shape;
    }
    case "Partial":
      return changed(argument(0), (m) => ({ ...m, optional: true }));
    case "Pick":
    case "Omit": {
      const names = new Set(alternatives(argument(1)).flatMap((s) => (s.kind === "literal" ? [String(s.value)] : [])));
      const shape = argument(0);
      return { kind: "object", members: membersOf(shape).filter((m) => names.has(m.name) === (name === "Pick")) };
    }
    case "Exclude":
    case "Extract": {
      const others = alternatives(argument(1));
      const fits = (s: Shape) => others.some((o) => JSON.stringify(o) === JSON.stringify(s) || isOf(s, o));
      return union(alternatives(argument(0)).filter((s) => fits(s) === (name === "Extract")));
    }
    case "Record": {
      const names = alternatives(argument(0));
      const of = argument(1);
      if (!names.every((s) => s.kind === "literal")) return { kind: "record", of };
      return { kind: "object", members: names.map((s) => member(String((s as { value: string }).value), of, false)) };
    }
    case "PropsWithChildren":
      return merged([argument(0), { kind: "object", members: [member("children", { kind: "node" })] }]);
    case "Date":
      return { kind: "date" };
    case "CSSProperties":
      return { kind: "style" };
    case "HTMLMotionProps":
      return elementProps(argument(0));
    case "HTMLProps":
      return elementProps(null);
    case "DetailedHTMLProps":
      return argument(0);
  }
  const html = /^(\w*?)(?:HTML|SVG)(?:Attributes|Props)$|^SVG(?:Props|Attributes)$|^AllHTMLAttributes$/.exec(name);
  if (html) return attributes(tagOfAttributes(html[1] ?? ""));
  if (/^(?:ReactNode|ReactElement|ReactChild|ReactFragment|ReactPortal|Element|ReactI18NextChildren|VNode)$/.test(name))
    return { kind: "node" };
  if (/^(?:HTML|SVG)\w*Element$|^(?:Document|Window|Node|ShadowRoot|DocumentFragment|AbortSignal)$/.test(name))
    return { kind: "reference" };
  if (/(?:Ref|RefObject|RefCallback|ForwardedRef)$/.test(name)) return { kind: "reference" };
  if (/^(?:FC|VFC|FunctionComponent|ComponentType|ComponentClass|ElementType|JSXElementConstructor)$/.test(name))
    return { kind: "component" };
  if (/(?:Icon|IconType|IconNode|IconProp|ExoticComponent)$/.test(name)) return { kind: "component" };
  if (/(?:Handler|Dispatch|Function|Callback|SetStateAction|Formatter|Renderer|Fn)$/.test(name))
    return { kind: "function" };
  if (/^(?:Key|ReactText)$/.test(name)) return { kind: "string" };
  if (/^(?:Booleanish)$/.test(name)) return { kind: "boolean" };
  if (/^(?:HTMLInputTypeAttribute|HTMLAttributeAnchorTarget)$/.test(name)) return { kind: "string" };
  return null;
}

/** What an element of the page itself takes, as far as a person would set it. */
export function elementProps(tag: Shape | null): Shape {
  return attributes(tag?.kind === "literal" ? String(tag.value) : "div");
}

function attributes(tag: string): Shape {
  return { kind: "object", members: attributesOf(tag).map((one) => ({ ...one, foreign: true })) };
}

/** `ButtonHTMLAttributes` to `button`. */
function tagOfAttributes(prefix: string): string {
  const short: Record<string, string> = { anchor: "a", "": "div", all: "div", ol: "ol", details: "details" };
  const name = prefix.toLowerCase();
  return short[name] ?? name;
}

function changed(shape: Shape, change: (member: Member) => Member): Shape {
  return { kind: "object", members: membersOf(shape).map(change) };
}

function isOf(shape: Shape, other: Shape): boolean {
  if (shape.kind === "literal") return typeof shape.value === other.kind;
  return shape.kind === other.kind && shape.kind !== "object";
}
