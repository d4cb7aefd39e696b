/** The app's index.html as it is served: its own text, with the addresses of what was built. */
import { splice } from "../worker/css";
import type { Files } from "../worker/files";
import { readTags, type Tag } from "../worker/html";
import { INDEX, isRemote, local, substitute } from "../worker/page";
import type { Project } from "../worker/project";
import type { Emitted } from "./emitted";
import { isPrivate } from "./sources";

export interface Loads {
  /** The script that starts the app. */
  entry: string;
  /** Other scripts of the first load. */
  preload: string[];
  styles: string[];
  /** Whether values come from the environment that the app runs in. */
  environment: boolean;
}

/** Attributes that name a file which the page loads, by element. */
const SOURCES: Record<string, string[]> = {
  img: ["src"],
  source: ["src"],
  video: ["src", "poster"],
  audio: ["src"],
  track: ["src"],
  image: ["href"],
  use: ["href"],
  input: ["src"],
};

const WITHOUT_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
  </head>
  <body>
    <div id="root"></div>
  </body>
</html>
`;

/** Where the app's code finds values of the environment; the Worker answers it. */
export const ENVIRONMENT_SCRIPT = "/_overskill/env.js";

export function writePage(project: Project, emitted: Emitted, loads: Loads): string {
  const { files } = project;
  const html = files.isFile(INDEX) ? files.text(INDEX) : WITHOUT_PAGE;
  const tags = readTags(html);
  const spans: { start: number; end: number; text: string }[] = [];
  for (const tag of tags) {
    if (tag.closing) continue;
    const end = tag.elementEnd ?? tag.end;
    const href = tag.attributes.get("href") ?? "";
    const src = tag.attributes.get("src");
    if (tag.name === "script" && tag.attributes.get("type") === "module") {
      if (src === undefined || !isRemote(src)) spans.push({ start: lineStart(html, tag.start), end, text: "" });
    } else if (tag.name === "link" && /\bstylesheet\b/i.test(tag.attributes.get("rel") ?? "") && !isRemote(href)) {
      spans.push({ start: lineStart(html, tag.start), end, text: "" });
    } else if (tag.name === "link") {
      replace(html, tag, "href", files, project, emitted, spans);
    } else {
      for (const name of SOURCES[tag.name] ?? []) replace(html, tag, name, files, project, emitted, spans);
    }
  }
  const at = headEnd(tags, html);
  spans.push({
    start: at,
    end: at,
    text: head(
      loads,
      tags.some((t) => t.name === "head" && t.closing),
    ),
  });
  spans.sort((a, b) => a.start - b.start || a.end - b.end);
  return substitute(splice(html, spans), project.environment);
}

function head(loads: Loads, indented: boolean): string {
  const lines = [
    ...(loads.environment ? [`<script src="${ENVIRONMENT_SCRIPT}"></script>`] : []),
    `<script type="module" crossorigin src="${loads.entry}"></script>`,
    ...loads.preload.map((href) => `<link rel="modulepreload" crossorigin href="${href}">`),
    ...loads.styles.map((href) => `<link rel="stylesheet" crossorigin href="${href}">`),
  ];
  return indented
    ? `${lines
        .map((line) => `  ${line}`)
        .join("\n  ")
        .slice(0)}\n  `
    : `${lines.join("\n")}\n`;
}

function headEnd(tags: Tag[], html: string): number {
  const closing = tags.find((t) => t.name === "head" && t.closing);
  if (closing) return closing.start;
  const body = tags.find((t) => t.name === "body" && !t.closing);
  if (body) return body.start;
  const first = tags.find((t) => t.name === "html" && !t.closing);
  return first ? first.end : (/^\s*<!doctype[^>]*>/i.exec(html)?.[0].length ?? 0);
}

/** The start of a line that holds nothing else before this place. */
function lineStart(html: string, at: number): number {
  const before = /\n[ \t]*$/.exec(html.slice(0, at));
  return before ? before.index : at;
}

function replace(
  html: string,
  tag: Tag,
  name: string,
  files: Files,
  project: Project,
  emitted: Emitted,
  spans: { start: number; end: number; text: string }[],
): void {
  const written = tag.attributes.get(name);
  if (!written || isRemote(written) || written.startsWith("#")) return;
  const path = local(written).slice(1).split("?")[0]!;
  const { publicDir } = project.settings;
  if (isPrivate(path) || files.isFile(`${publicDir}/${path}`) || !files.isFile(path)) return;
  const value = new RegExp(`(\\s${name}\\s*=\\s*)(?:"[^"]*"|'[^']*'|[^\\s>]+)`, "i");
  const text = html.slice(tag.start, tag.end);
  const address = emitted.address(path, files.bytes(path));
  spans.push({
    start: tag.start,
    end: tag.end,
    text: text.replace(value, (_, before: string) => `${before}"${address}"`),
  });
}
