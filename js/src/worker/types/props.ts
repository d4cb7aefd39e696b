/** Props that components of the app do not get, or do not know. */
import { closest } from "../diagnostics";
import type { Node, Source } from "../repair/sources";
import type { Found } from "./found";
import type { Verdict } from "./judge";
import type { Origin, Origins } from "./origins";
import { elementAt } from "./places";

/** What is given to any component in the belief that it hands it on; nothing breaks where it does not. */
const HANDED_ON = /^(?:className|style|id|title|role|tabIndex|ref|(?:data|aria)-.*)$/;

export function judgeProps(found: Found, source: Source, chain: Node[], origins: Origins): Verdict | null {
  const element = elementAt(chain);
  const name = element && (element.name.name as string | undefined);
  // Elements of the page take what React says at run time; members of objects are not looked up.
  if (!element || !name || !/^[A-Z]/.test(name)) return null;
  const origin = origins.of(name, source);
  if (origin.where === "elsewhere") return null;
  if (found.code === 2786) return { severity: "warning", message: `${name} does not give what React can show` };
  const { attribute } = element;
  return attribute
    ? unknown(found, name, origin, attribute, source)
    : (missing(found, name, origin) ?? unknownChildren(found, name, origin));
}

function missing(found: Found, name: string, origin: Origin): Verdict | null {
  const one = /Property '([^']+)' is missing in type/.exec(found.all)?.[1];
  const several = /missing the following properties from type '.*?': ([\w$, -]+)/s.exec(found.all)?.[1];
  const absent = one ? [one] : (several?.split(", ") ?? []);
  const needed = origin.props.filter((prop) => !prop.optional).map((prop) => prop.name);
  const missed = several && /and \d+ more/.test(found.all) ? needed : absent.filter((prop) => needed.includes(prop));
  if (!missed.length) return null;
  const words = `${name} is used without its ${missed.length > 1 ? "props" : "prop"} '${missed.join("', '")}'`;
  return { severity: severity(origin), message: words, hint: known(origin) };
}

function unknown(found: Found, name: string, origin: Origin, attribute: Node, source: Source): Verdict | null {
  const prop = source.text.slice((attribute.name as Node).start, (attribute.name as Node).end);
  const extra = /Property '([^']+)' does not exist on type 'IntrinsicAttributes/.exec(found.all)?.[1];
  if (extra === prop || found.code === 2559) {
    const meant = closest(
      prop,
      origin.props.map((each) => each.name),
    );
    return {
      severity: HANDED_ON.test(prop) ? "warning" : severity(origin),
      message: `${name} has no prop '${prop}'`,
      hint: meant ? `Did you mean '${meant}'?` : known(origin),
      node: attribute.name as Node,
    };
  }
  const literal =
    /^Type '("[^"]*"|-?[\d.]+)' is not assignable to type '((?:"[^"]*"|[\d.]+)(?: \| (?:"[^"]*"|[\d.]+))*)'/;
  const [, given, wanted] = literal.exec(found.text) ?? [];
  if (!given) return null;
  return { severity: "warning", message: `${name}'s prop '${prop}' is ${given}`, hint: `It may be ${wanted}.` };
}

/** What stands between its tags is a prop, too. */
function unknownChildren(found: Found, name: string, origin: Origin): Verdict | null {
  if (!/Property 'children' does not exist on type 'IntrinsicAttributes/.test(found.all)) return null;
  const message = `${name} does not show what stands between its tags: it has no prop 'children'`;
  return { severity: severity(origin), message, hint: known(origin) };
}

/** What a file declares and uses itself is seen when it is rendered. */
function severity(origin: Origin): Verdict["severity"] {
  return origin.where === "app" ? "error" : "warning";
}

function known({ props }: Origin): string {
  return props.length ? `Its props: ${props.map((p) => p.name + (p.optional ? "?" : "")).join(", ")}.` : "";
}
