/** What an app's index.html says: its entries, and what stands around them. */
import { posix } from "node:path";
import type { Page } from "../protocol";
import { splice } from "./css";
import type { Files } from "./files";
import { decode, readTags, type Tag } from "./html";

export interface AppPage {
  page: Page;
  /** Specifiers of the entries, resolved from the app's folder, in order. */
  entries: { specifier: string; offset: number }[];
  /** Text of inline module scripts, by module id. */
  inline: Map<string, string>;
}

export const INDEX = "index.html";
const FALLBACK: Page = {
  title: "",
  head: "",
  body: '<div id="root"></div>',
  html_attributes: {},
  body_attributes: {},
};
const ENTRIES = ["main", "index"].flatMap((n) => ["tsx", "jsx", "ts", "js"].map((e) => `src/${n}.${e}`));

export function readPage(files: Files, environment: Record<string, string | boolean>): AppPage {
  if (!files.isFile(INDEX)) {
    const entry = ENTRIES.find((path) => files.isFile(path));
    return { page: FALLBACK, entries: entry ? [{ specifier: `/${entry}`, offset: 0 }] : [], inline: new Map() };
  }
  return parsePage(files.text(INDEX), environment);
}

export function parsePage(html: string, environment: Record<string, string | boolean>): AppPage {
  const tags = readTags(html);
  const entries: AppPage["entries"] = [];
  const inline = new Map<string, string>();
  const drop: { start: number; end: number; text: string }[] = [];
  const find = (name: string, closing: boolean) => tags.find((t) => t.name === name && t.closing === closing);
  const headStart = find("head", false);
  const bodyStart = find("body", false);
  const head = { start: headStart?.end ?? 0, end: find("head", true)?.start ?? bodyStart?.start ?? 0 };
  if (head.end < head.start) head.end = head.start;
  const body = {
    start: bodyStart?.end ?? find("head", true)?.end ?? 0,
    end: tags.findLast((t) => t.name === "body" && t.closing)?.start ?? find("html", true)?.start ?? html.length,
  };
  let title = "";
  for (const tag of tags) {
    if (tag.closing) continue;
    const inHead = tag.start >= head.start && tag.start < head.end;
    const end = tag.elementEnd ?? tag.end;
    if (tag.name === "title" && inHead) {
      title = decode(html.slice(tag.end, tag.textEnd)).trim();
      drop.push({ start: tag.start, end, text: "" });
    } else if (tag.name === "script") {
      const module = tag.attributes.get("type") === "module";
      if (module) {
        const src = tag.attributes.get("src");
        if (src === undefined) {
          const id = `${INDEX}?inline=${inline.size}`;
          inline.set(id, html.slice(tag.end, tag.textEnd));
          entries.push({ specifier: id, offset: tag.start });
        } else if (!isRemote(src)) entries.push({ specifier: local(src), offset: tag.start });
      }
      if (module || inHead) drop.push({ start: tag.start, end, text: "" });
    } else if (tag.name === "link" && !isRemote(tag.attributes.get("href") ?? "")) {
      if (/\bstylesheet\b/i.test(tag.attributes.get("rel") ?? "")) {
        entries.push({ specifier: local(tag.attributes.get("href") ?? ""), offset: tag.start });
      }
      drop.push({ start: tag.start, end, text: "" });
    }
  }
  const part = (span: { start: number; end: number }) => {
    const inside = drop.filter((d) => d.start >= span.start && d.end <= span.end);
    const shifted = inside.map((d) => ({ ...d, start: d.start - span.start, end: d.end - span.start }));
    return substitute(splice(html.slice(span.start, span.end), shifted).trim(), environment);
  };
  const page: Page = {
    title: substitute(title, environment),
    head: part(head),
    body: part(body),
    html_attributes: attributes(find("html", false)),
    body_attributes: attributes(bodyStart),
  };
  return { page, entries, inline };
}

function attributes(tag: Tag | undefined): Record<string, string> {
  return Object.fromEntries(tag?.attributes ?? []);
}

export function isRemote(address: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(address);
}

/** As in a page at the app's root: `src/main.tsx`, `./src/main.tsx` and `/src/main.tsx` are the same. */
export function local(address: string): string {
  return posix.normalize(`/${address.replace(/^%BASE_URL%/, "").split("#")[0]}`);
}

/** `%VITE_TITLE%`, as Vite replaces it. */
export function substitute(text: string, environment: Record<string, string | boolean>): string {
  return text.replace(/%([A-Z_][A-Z0-9_]*)%/gi, (whole, key: string) =>
    Object.hasOwn(environment, key) ? String(environment[key]) : whole,
  );
}
