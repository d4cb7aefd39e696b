/** An app in a folder of its own, with its catalogue. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export function folderOf(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "overskill-editor-"));
  const all = { "package.json": "{}", "index.html": '<script type="module" src="/src/main.tsx"></script>', ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
