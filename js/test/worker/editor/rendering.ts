/** What a page shows, found out by running it: another opinion on what its text means. */
import { transformSync } from "esbuild";
import type { Data, Item } from "../../../src/worker/editor/data";
import { oxc } from "../../../src/worker/tools";
import { COMPONENTS } from "./library";

type Tree = string | { type: string; props: Record<string, unknown>; children: Tree[] };

const FRAGMENT = "<>";

/** Runs a page that needs nothing but the components that it imports. */
export function rendered(text: string): Tree[] {
  const plain = oxc().transformSync("page.tsx", text.replace(/^\ufeff/, ""), {
    jsx: { runtime: "classic", pragma: "h", pragmaFrag: "FRAGMENT" },
  });
  const { code } = transformSync(plain.code, { loader: "js", format: "cjs" });
  const named = Object.fromEntries(Object.keys(COMPONENTS).map((name) => [name, name]));
  const names = (specifier: string) => ({
    ...named,
    __esModule: true,
    default: specifier.replace(/^.*\/|\.\w+$/g, ""),
  });
  const h = (type: string, props: Record<string, unknown> | null, ...children: unknown[]): Tree => ({
    type,
    props: Object.fromEntries(
      Object.entries(props ?? {}).map(([name, value]) => [
        name,
        name === "footer" || isTree(value) ? flat([value]) : value,
      ]),
    ),
    children: flat(children),
  });
  const module = { exports: {} as { default: () => Tree } };
  new Function("module", "exports", "require", "h", "FRAGMENT", code)(module, module.exports, names, h, FRAGMENT);
  return flat([module.exports.default()]);
}

const isTree = (value: unknown) =>
  typeof value === "object" && value !== null && "children" in value && "props" in value;

/** Texts joined, fragments opened: what ends up on the page. */
function flat(children: unknown[]): Tree[] {
  const out: Tree[] = [];
  for (const child of children.flat(9) as (Tree | null | boolean)[]) {
    if (child === null || typeof child === "boolean" || child === "") continue;
    const list = typeof child === "object" && child.type === FRAGMENT ? child.children : [child];
    for (const one of list) {
      const last = out.at(-1);
      if (typeof one === "string" && typeof last === "string") out[out.length - 1] = last + one;
      else out.push(one);
    }
  }
  return out;
}

/** What the canvas shows of the same page. */
export function shown(data: Data, root: string): Tree[] {
  const content = flat(data.content.map(treeOf));
  return root ? [{ type: root, props: plain(data.root.props), children: content }] : content;
}

function treeOf(item: Item): Tree {
  if (item.type === "#text") return item.props.text as string;
  const { children, ...props } = item.props;
  const inner = typeof children === "string" ? [children] : ((children as Item[] | undefined) ?? []).map(treeOf);
  return { type: item.type, props: plain(props), children: flat(inner) };
}

function plain(props: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(props)) {
    if (name === "id") continue;
    if (name !== "footer") out[name.replace(/^#/, "")] = value;
    else if ((value as Item[]).length) out[name] = flat((value as Item[]).map(treeOf));
  }
  return out;
}
