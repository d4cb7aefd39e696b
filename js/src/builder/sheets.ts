/** The style sheets that are served: one for the page, one for each chunk that is loaded later and has some of its own. */
import { posix } from "node:path";
import type { Metafile } from "esbuild";
import type { Project } from "../worker/project";
import type { Emitted } from "./emitted";
import { PREFIX } from "./links";
import { APP } from "./messages";
import { type PackageChunks, styleNode } from "./package_chunks";
import { ENTRY, type Sources } from "./sources";

export interface Written {
  /** Addresses of what the page loads. */
  first: string[];
  /** Output that is loaded later, to the addresses of the sheets that it wants. */
  later: Map<string, string[]>;
}

export class Sheets {
  /** Package to the file that is meant. */
  private starts: Map<string, string> | null = null;

  constructor(
    private readonly project: Project,
    private readonly sources: Sources,
    private readonly metafile: Metafile,
    private readonly packages: PackageChunks | null,
  ) {}

  async written(emitted: Emitted): Promise<Written> {
    const { styles, texts } = this.sources;
    for (const name of this.packages?.styles ?? []) await styles.load(styleNode(name, this.project.packages));
    await styles.finish([...texts].map(([id, text]) => ({ text, extension: extensionOf(id) })));
    const first = this.order(`entry:${ENTRY}`);
    const file = (name: string, ids: Iterable<string>) => {
      const css = styles.joined(ids);
      return css ? [emitted.file(`${name}.css`, Buffer.from(css))] : [];
    };
    const later = new Map<string, string[]>();
    for (const [output, { entryPoint }] of Object.entries(this.metafile.outputs)) {
      if (!entryPoint || entryPoint.startsWith("entry:")) continue;
      const own = this.order(entryPoint).filter((id) => !first.includes(id));
      const hrefs = own.length ? file(posix.basename(output).replace(/-[A-Z0-9]{8}\.js$/, ""), own) : [];
      if (hrefs.length) later.set(output, hrefs);
    }
    return { first: file("index", first), later };
  }

  /** The style modules that a module imports, in the order in which they would run. */
  private order(from: string): string[] {
    if (!this.sources.styles.any) return [];
    const out: string[] = [];
    const seen = new Set<string>();
    const visit = (metafile: Metafile, name: string, prefix: string) => {
      if (seen.has(prefix + name)) return;
      seen.add(prefix + name);
      for (const { path, kind, external } of metafile.inputs[name]?.imports ?? []) {
        if (kind === "dynamic-import") continue;
        if (!external) visit(metafile, path, prefix);
        else if (this.packages && path.startsWith(PREFIX)) {
          const target = this.inPackages(path.slice(PREFIX.length));
          if (target) visit(this.packages.metafile, target, "package:");
        }
      }
      const id = name.startsWith(`${APP}:`) ? name.slice(APP.length + 1) : prefix + name;
      if (this.sources.styles.has(id)) out.push(id);
    };
    visit(this.metafile, from, "");
    return out;
  }

  private inPackages(specifier: string): string | undefined {
    if (!this.packages?.styles.length) return undefined;
    if (!this.starts) {
      const { inputs } = this.packages.metafile;
      const entries = Object.entries(inputs).filter(([name]) => name.startsWith("packages:"));
      this.starts = new Map(entries.flatMap(([, { imports }]) => imports.map((i) => [i.original ?? "", i.path])));
    }
    return this.starts.get(specifier);
  }
}

function extensionOf(id: string): string {
  return posix.extname(id.split("?")[0]!).slice(1) || "html";
}
