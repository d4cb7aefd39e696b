/**
 * The visual editor of one app: its palette and its pages. It writes no file: who asks is given the text of the page, and
 * has it written as any other change.
 */
import type { App } from "../app";
import { appPath } from "../confine";
import { type Diagnostic, diagnostic, diagnosticAt, Problem } from "../diagnostics";
import { oxcParser } from "../tools";
import { hashOf } from "../transform";
import { noPage } from "./canvas";
import { type Component, hostFields } from "./catalogue";
import { DataError } from "./data";
import type { Fields } from "./fields";
import { HOSTS } from "./host_fields";
import { Page, type View } from "./page";

export interface Palette {
  /** Of its content: another name, another palette. */
  name: string;
  components: Component[];
  /** The fields of the page's own elements; others have those of a `div`. */
  hosts: Record<string, Fields>;
}

export interface PageView extends Partial<View> {
  path: string;
  /** Of the text that the view is of. */
  hash: string;
  /** Why there is no view, or why data were not taken. */
  problems: Diagnostic[];
}

export interface EditResult extends PageView {
  /** The page's text with the change; null where it is not to be written. */
  text: string | null;
  /** The file is not the one that the data were made from: the view is that of the file. */
  conflict: boolean;
}

const MARK = Buffer.from("\ufeff");

export class Editor {
  private readonly pages = new Map<string, Page>();
  private latest: { revision: number; palette: Palette } | null = null;

  constructor(private readonly app: App) {}

  palette(): Palette {
    const { catalogue } = this.app;
    const { revision } = catalogue;
    if (this.latest?.revision !== revision) {
      const components = catalogue.components();
      const hosts = Object.fromEntries(HOSTS.map((tag) => [tag, hostFields(tag)]));
      const name = hashOf(JSON.stringify([components, hosts]));
      this.latest = { revision, palette: { name, components, hosts } };
    }
    return this.latest.palette;
  }

  /** A page as its file has it. */
  open(given: string): PageView {
    const path = this.pathOf(given);
    if (path === null) return { path: given, hash: "", problems: [outside(given)] };
    let text: string;
    try {
      const { files } = this.app.project;
      text = files.text(path);
      // Files come without the mark that they begin with, which is to stay.
      if (files.bytes(path).subarray(0, 3).equals(MARK)) text = `\ufeff${text}`;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { path, hash: "", problems: error.diagnostics };
    }
    return this.show(path, text);
  }

  private show(path: string, text: string): PageView {
    let page = this.pages.get(path);
    if (!page) {
      page = new Page(path, this.app.catalogue);
      this.pages.set(path, page);
    }
    const hash = hashOf(text);
    let view: View | null;
    try {
      view = page.take(text);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return { path, hash, problems: [diagnosticAt("syntax", error.message, path, text, 0, 1)] };
    }
    return view ? { path, hash, ...view, problems: [] } : { path, hash, problems: whyNot(path, text) };
  }

  /** The text of a page for other data; `base` is the hash of the text that they were made from. */
  edit(given: string, data: unknown, base: string): EditResult {
    const now = this.open(given);
    const page = this.pages.get(now.path);
    if (now.problems.length || !page) return { ...now, text: null, conflict: false };
    if (now.hash !== base) return { ...now, text: null, conflict: true };
    try {
      const { text, view } = page.edit(data);
      return { path: now.path, hash: hashOf(text), ...view, text, conflict: false, problems: [] };
    } catch (error) {
      // More calls than there is room for: what is nested is so by more than one kind.
      const message = error instanceof RangeError ? "The data are nested too deeply" : (error as Error).message;
      if (!(error instanceof DataError || error instanceof RangeError)) throw error;
      return { ...now, text: null, conflict: false, problems: [diagnostic("file", message)] };
    }
  }

  private pathOf(path: string): string | null {
    return appPath(this.app.project.files.root, path);
  }
}

function outside(path: string): Diagnostic {
  return diagnostic("file", `${path} leads out of the app's folder`);
}

function whyNot(path: string, text: string): Diagnostic[] {
  const lang = path.endsWith(".tsx") ? "tsx" : path.endsWith(".ts") ? "ts" : "jsx";
  const { errors } = oxcParser().parseSync(path, text, { lang, sourceType: "module" });
  const found = errors.filter((error) => error.severity === "Error").slice(0, 10);
  if (found.length) {
    return found.map(({ message, labels: [label], helpMessage }) => {
      const [start, length] = label ? [label.start, label.end - label.start] : [0, 1];
      return diagnosticAt("syntax", message, path, text, start, length, { hint: helpMessage ?? "" });
    });
  }
  return [noPage(path, text)];
}
