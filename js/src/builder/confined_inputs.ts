/** Whether all that went into a bundle comes from the app's folder and its packages. */
import { resolve } from "node:path";
import type { Metafile } from "esbuild";
import { real, within } from "../worker/confine";
import { diagnostic, Problem } from "../worker/diagnostics";
import type { Project } from "../worker/project";
import { toolsFolder } from "../worker/tools";

/** What a plugin gave, what a package's `browser` field leaves out, and what an import spells out itself. */
const NO_FILE = /^(?:[\w-]+:|\(disabled\):|<data:)/;

/** Throws where esbuild read a file elsewhere, by a package's link, say: nothing of it may be written out. */
export function confinedInputs(metafile: Metafile, project: Project): void {
  const base = real(project.packages.base) ?? project.packages.base;
  const homes = [project.packages.modules, real(resolve(toolsFolder, "node_modules"))].filter((h) => h !== null);
  for (const name of Object.keys(metafile.inputs)) {
    if (NO_FILE.test(name)) continue;
    const full = real(resolve(base, name.split("?")[0]!));
    if (full && homes.some((home) => within(home, full))) continue;
    throw new Problem(
      diagnostic("resolve", `${importerOf(name, metafile)} imports a file outside of the app's packages`, {
        hint: "A build reads the app's folder and its node_modules, and nothing else.",
      }),
    );
  }
}

function importerOf(name: string, metafile: Metafile): string {
  for (const [importer, { imports }] of Object.entries(metafile.inputs)) {
    if (!imports.some((i) => i.path === name)) continue;
    const at = importer.lastIndexOf("node_modules/");
    if (at >= 0) return importer.slice(at);
    if (importer.startsWith("app:")) return importer.slice(4);
  }
  return "A package";
}
