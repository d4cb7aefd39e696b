/** The attributes of the page's own elements that a person would set. */
import { isVoid } from "./host";
import { literal, type Member, member, type Shape, union } from "./shapes";

const string: Shape = { kind: "string" };
const number: Shape = { kind: "number" };
const boolean: Shape = { kind: "boolean" };
const of = (...values: string[]): Shape => union(values.map(literal));

const COMMON: Record<string, Shape> = { className: string, id: string, title: string, style: { kind: "style" } };
const media: Record<string, Shape> = {
  src: string,
  controls: boolean,
  autoPlay: boolean,
  loop: boolean,
  muted: boolean,
};
const size: Record<string, Shape> = { width: number, height: number };

const OWN: Record<string, Record<string, Shape>> = {
  a: { href: string, target: of("_self", "_blank"), rel: string },
  audio: media,
  blockquote: { cite: string },
  button: { type: of("button", "submit", "reset"), disabled: boolean },
  col: { span: number },
  details: { open: boolean },
  form: { action: string, method: of("get", "post") },
  iframe: { src: string, ...size },
  img: { src: string, alt: string, ...size, loading: of("eager", "lazy") },
  input: {
    type: of(
      "text",
      "email",
      "password",
      "number",
      "search",
      "tel",
      "url",
      "date",
      "time",
      "checkbox",
      "radio",
      "range",
      "color",
      "file",
    ),
    name: string,
    placeholder: string,
    defaultValue: string,
    required: boolean,
    disabled: boolean,
    readOnly: boolean,
  },
  label: { htmlFor: string },
  ol: { start: number, reversed: boolean },
  option: { value: string, disabled: boolean },
  progress: { value: number, max: number },
  select: { name: string, multiple: boolean, required: boolean, disabled: boolean },
  svg: { width: string, height: string, viewBox: string, fill: string, stroke: string },
  td: { colSpan: number, rowSpan: number },
  textarea: {
    name: string,
    placeholder: string,
    defaultValue: string,
    rows: number,
    required: boolean,
    disabled: boolean,
  },
  th: { colSpan: number, rowSpan: number, scope: of("col", "row") },
  time: { dateTime: string },
  video: { ...media, poster: string, ...size },
};

const PLAIN =
  "div section header footer main nav article aside h1 h2 h3 h4 p span strong em code pre ul li figure".split(" ");

/** Elements that a person may want to put in, and those with attributes of their own. */
export const HOSTS: readonly string[] = [...PLAIN, ...Object.keys(OWN)];

export function attributesOf(tag: string): Member[] {
  const all = { ...OWN[tag], ...COMMON };
  const members = Object.entries(all).map(([name, shape]) => member(name, shape));
  return isVoid(tag) || tag === "svg" ? members : [...members, member("children", { kind: "node" })];
}
