/** The app's style sheets: what each style module is to the scripts, and the text of the sheets that the page loads. */
import type { GraphNode } from "../worker/graph";
import { INDEX } from "../worker/page";
import type { Project } from "../worker/project";
import { Sheets } from "../worker/sheets";
import { joined, type LocalName, localNames } from "../worker/styles";
import type { Content } from "../worker/tailwind";
import { lightning } from "../worker/tools";
import type { Emitted } from "./emitted";
import { STYLE_TARGETS } from "./target";

export class Stylesheets {
  private readonly sheets: Sheets;
  private readonly texts = new Map<string, string>();
  /** Sheets of Tailwind's: their text waits for all class names. */
  private readonly waiting = new Set<string>();

  constructor(
    private readonly project: Project,
    emitted: Emitted,
  ) {
    this.sheets = new Sheets(project, emitted.address);
  }

  get any(): boolean {
    return this.texts.size + this.waiting.size > 0;
  }

  /** Whether this module is a style sheet that the page loads. */
  has(id: string): boolean {
    return this.texts.has(id) || this.waiting.has(id);
  }

  /** Takes a style module in; gives the script that stands for it. */
  async load(node: GraphNode): Promise<string> {
    const { output } = await this.sheets.compile(node);
    if (output) this.texts.set(node.id, output.css ?? "");
    else this.waiting.add(node.id);
    const inline = new URLSearchParams(node.query).has("inline");
    const path = node.path ?? node.file ?? "";
    const module = /\.module\.css$/i.test(path);
    if (!inline && !module) return "";
    if (!output) await this.finish([]);
    const text = this.texts.get(node.id) ?? "";
    if (!module) return this.asText(node.id, text);
    const { css, names } = localNames(node.path ?? node.id, text, text);
    this.texts.set(node.id, css);
    return inline ? this.asText(node.id, css) : namesModule(names);
  }

  private asText(id: string, css: string): string {
    this.texts.delete(id);
    this.waiting.delete(id);
    return `export default ${JSON.stringify(minified(css))}`;
  }

  /** Brings Tailwind's sheets up to these texts. */
  async finish(contents: Content[]): Promise<void> {
    const updated = await this.sheets.update([], () => [...contents, ...this.page()]);
    for (const { node, output, error } of updated) {
      if (error !== undefined) throw error;
      this.texts.set(node.id, output?.css ?? "");
    }
  }

  private page(): Content[] {
    const { files } = this.project;
    return files.isFile(INDEX) ? [{ text: this.project.textOf(INDEX), extension: "html" }] : [];
  }

  /** The sheets of these modules, in this order, as one. */
  joined(ids: Iterable<string>): string {
    const parts: string[] = [];
    const remote: string[] = [];
    for (const id of ids) {
      // Imports of other sites count at the top only.
      const text = (this.texts.get(id) ?? "").replace(/@import\s+(?:url\([^)]*\)|"[^"]*"|'[^']*')[^;]*;/g, (found) => {
        remote.push(found);
        return "";
      });
      parts.push(text);
    }
    return minified([...remote, ...parts].join("\n"));
  }
}

function minified(css: string): string {
  if (!css.trim()) return "";
  const { code } = lightning().transform({
    filename: "style.css",
    code: Buffer.from(css),
    minify: true,
    errorRecovery: true,
    targets: STYLE_TARGETS,
  });
  return Buffer.from(code).toString("utf8");
}

/** A module whose names give those of the sheet: an import of one name leaves the others out. */
export function namesModule(names: LocalName[]): string {
  const imports: string[] = [];
  const variable = (specifier: string) => {
    const line = `import * as other_${specifier.replace(/\W/g, "_")} from ${JSON.stringify(specifier)};`;
    if (!imports.includes(line)) imports.push(line);
    return `other_${specifier.replace(/\W/g, "_")}.default`;
  };
  const lines = names.map(([, all], i) => `const n${i} = ${joined(all, variable)};`);
  const object = names.map(([name], i) => `${JSON.stringify(name)}: n${i}`);
  const named = names.flatMap(([name], i) => (name === "default" ? [] : [`n${i} as ${JSON.stringify(name)}`]));
  return [...imports, ...lines, `export { ${named.join(", ")} };`, `export default { ${object.join(", ")} };`].join(
    "\n",
  );
}
