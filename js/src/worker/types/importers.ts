/** Modules of the app that use what a candidate changes. */
import type { App } from "../app";

const MOST = 8;
const SCRIPT = /\.[tj]sx?$/;

/** Those that previews show and that the candidate leaves as they are. */
export function importersOf(app: App, overlay: Map<string, string | null>): string[] {
  const { graph } = app.compiler;
  const out = new Set<string>();
  for (const path of overlay.keys()) {
    for (const id of graph.get(path)?.importers ?? []) {
      const importer = graph.get(id)?.path;
      if (importer && SCRIPT.test(importer) && !overlay.has(importer)) out.add(importer);
    }
  }
  return [...out].sort().slice(0, MOST);
}
