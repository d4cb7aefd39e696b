/** Projects as other people's tools make them. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Registry } from "./registry";
import { brief, ids, packagesFolder, TestApp, Worker } from "./worker";

let worker: Worker;
let react: string;
let templates: string;

beforeAll(() => {
  react = packagesFolder({ react: "19", "react-dom": "19" });
  templates = join(packagesFolder({ "create-vite": "9" }), "node_modules/create-vite");
  worker = new Worker();
}, 120_000);
afterAll(() => worker.stop());

function filesOf(folder: string, under = ""): Record<string, Buffer> {
  const out: Record<string, Buffer> = {};
  for (const name of readdirSync(join(folder, under))) {
    const path = under ? `${under}/${name}` : name;
    if (statSync(join(folder, path)).isDirectory()) Object.assign(out, filesOf(folder, path));
    else out[path] = readFileSync(join(folder, path));
  }
  return out;
}

test.each(["template-react-ts", "template-react"])("create-vite's %s", async (name) => {
  const app = await TestApp.open(worker, filesOf(join(templates, name)), react);
  const built = await app.build({ roots: [""] });
  expect(brief(built.diagnostics)).toEqual([]);
  expect(built.missing).toEqual([]);
  expect(built.globals).toEqual(["src/index.css", "src/App.css"]);
  expect(ids(built).filter((id) => id.startsWith("src/assets/")).length).toBeGreaterThan(1);
  const registry = new Registry();
  registry.add(await app.snapshot());
  const entry = app.info.entries[0]!;
  const component = registry.load(entry.replace("main", "App")).default;
  expect(component.name).toBe("App");
  expect(registry.registered).toContain(`${entry.replace("main", "App")} App`);
});

test("a copy whose packages are in the app's own folder", async () => {
  const root = mkdtempSync(join(tmpdir(), "overskill-own-"));
  cpSync(join(templates, "template-react"), root, { recursive: true });
  cpSync(join(react, "node_modules"), join(root, "node_modules"), { recursive: true });
  await worker.call("open", { app: "own", root, modules: root });
  const built = await worker.call<{ modules: []; diagnostics: [] }>("build", { app: "own", roots: [""] });
  expect(built.diagnostics).toEqual([]);
  expect(ids(built)).toContain("src/main.jsx");
});
