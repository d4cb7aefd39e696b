import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Registry } from "./registry";
import { brief, ids, moduleOf, packagesFolder, TestApp, Worker } from "./worker";

let worker: Worker;
let packages: string;
let vendorCache: string;

beforeAll(() => {
  packages = packagesFolder({
    react: "19",
    "react-dom": "19",
    clsx: "2",
    "class-variance-authority": "0.7",
    lodash: "4",
    "prop-types": "15",
    "@radix-ui/react-dialog": "1",
    "@radix-ui/react-slot": "1",
    "lucide-react": "0.460.0",
    "@fontsource/inter": "5",
  });
  vendorCache = mkdtempSync(join(tmpdir(), "overskill-cache-"));
  worker = new Worker({ cache: vendorCache });
}, 240_000);
afterAll(() => worker.stop());

async function open(main: string, files: Record<string, string> = {}) {
  const app = await TestApp.open(worker, { "src/main.tsx": main, ...files }, packages);
  const built = await app.build({ roots: [""] });
  expect(brief(built.diagnostics)).toEqual([]);
  const registry = new Registry();
  registry.add(await app.snapshot());
  return { app, built, registry };
}

test("React comes first; its identity and all forms of import are right", async () => {
  const { built, registry } = await open(`
    import React, { useState } from "react"
    import * as Everything from "react"
    import DOM, { createPortal } from "react-dom"
    import { createRoot } from "react-dom/client"
    import { jsx } from "react/jsx-runtime"
    export const same = React.useState === useState && Everything.useState === useState && Everything.default === React
    export const dom = [typeof DOM.createPortal, typeof createPortal, typeof createRoot, typeof jsx]
    export const version = React.version`);
  expect(built.vendor).toHaveLength(1);
  const main = registry.load("src/main.tsx");
  expect(main.same).toBe(true);
  expect(main.dom).toEqual(["function", "function", "function", "function"]);
  expect(main.version).toMatch(/^19\./);
});

test("CommonJS and ESM packages give what their importers expect", async () => {
  const { built, registry } = await open(`
    import _, { debounce } from "lodash"
    import * as all from "lodash"
    import PropTypes, { string } from "prop-types"
    import clsx, { clsx as named } from "clsx"
    import { cva } from "class-variance-authority"
    export default [typeof _.map, typeof debounce, all.debounce === debounce, all.default === _, PropTypes.string === string,
      clsx === named, clsx("a", { b: 1 }), cva("base")({ className: "x" })]`);
  expect(built.vendor).toHaveLength(2);
  expect(registry.load("src/main.tsx").default).toEqual([
    "function",
    "function",
    true,
    true,
    true,
    true,
    "a b",
    "base x",
  ]);
});

test("a package that comes later takes React, and all else that is there, from before", async () => {
  const { app, registry, built } = await open(`
    import * as React from "react"
    import clsx from "clsx"
    export { React, clsx }`);
  expect(built.reload).toBe("");
  const added = await app.edit({
    "src/main.tsx": `
      import * as React from "react"
      import clsx from "clsx"
      import * as Dialog from "@radix-ui/react-dialog"
      import { Camera } from "lucide-react"
      import { cva } from "class-variance-authority"
      export { React, clsx, Dialog, Camera, cva }`,
  });
  expect(added.reload).toBe("");
  expect(added.vendor).toHaveLength(1);
  const code = added.vendor[0]!.code;
  expect(code).not.toContain("react.development.js");
  expect(code).toContain('__overskill__.provided("react")');
  expect(code).toContain('__overskill__.provided("clsx")');
  registry.add(added);
  const main = registry.load("src/main.tsx");
  expect(main.cva("base")({ className: "x" })).toBe("base x");
  const { createElement, isValidElement } = registry.package("react");
  const icon = createElement(main.Camera, { size: 1 });
  expect(isValidElement(icon)).toBe(true);
  // A component of the later chunk calls the hooks of the React of the first one.
  const React = registry.package("react");
  let used = 0;
  React.default.__CLIENT_INTERNALS_DO_NOT_USE_OR_WARN_USERS_THEY_CANNOT_UPGRADE.H = new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...args: unknown[]) => {
          used++;
          return name === "useState" ? [args[0], () => {}] : name === "useRef" ? { current: null } : undefined;
        },
    },
  );
  main.Dialog.Root({ children: null, open: false });
  expect(used).toBeGreaterThan(0);
});

test("a package that holds files of an earlier chunk makes one bundle of all, and the app reloads", async () => {
  const { app } = await open(`import * as Dialog from "@radix-ui/react-dialog"\nexport { Dialog }`);
  const added = await app.edit({
    "src/main.tsx": `import * as Dialog from "@radix-ui/react-dialog"\nimport { Slot } from "@radix-ui/react-slot"\nexport { Dialog, Slot }`,
  });
  expect(added.reload).not.toBe("");
  expect(added.vendor).toHaveLength(1);
  const snapshot = await app.snapshot();
  expect(snapshot.vendor.map((v) => v.id)).toEqual(added.vendor.map((v) => v.id));
  const registry = new Registry();
  registry.add(snapshot);
  expect(registry.load("src/main.tsx").Slot).toBe(registry.package("@radix-ui/react-slot").Slot);
});

test("style sheets and fonts of packages are modules", async () => {
  const { built } = await open(
    `import "@fontsource/inter/latin-400.css"\nimport url from "@fontsource/inter/files/inter-latin-400-normal.woff2?url"\nexport { url }`,
  );
  const sheet = moduleOf(built, "npm:@fontsource/inter/latin-400.css");
  expect(sheet.css).toContain('url("data:font/woff2;base64,');
  expect(sheet.code).toBe("");
  expect(moduleOf(built, "npm:@fontsource/inter/files/inter-latin-400-normal.woff2?url").code).toContain(
    "data:font/woff2",
  );
  expect(moduleOf(built, "src/main.tsx").deps["@fontsource/inter/latin-400.css"]).toBe(sheet.id);
});

test("chunks are found on disk by another worker", async () => {
  const main = `import _ from "lodash"\nexport { _ }`;
  const { built } = await open(main);
  const scripts = readdirSync(join(vendorCache, "vendor")).filter((f) => f.endsWith(".js"));
  expect(scripts).toEqual(expect.arrayContaining(built.vendor.map((v) => `${v.id}.js`)));
  const other = new Worker({ cache: vendorCache });
  const again = await TestApp.open(other, { "src/main.tsx": main }, packages);
  expect((await again.build({ roots: [""] })).vendor).toEqual(built.vendor);
  expect(readdirSync(join(vendorCache, "vendor")).filter((f) => f.endsWith(".js"))).toEqual(scripts);
  other.stop();
});

test("esbuild's process ends when it has nothing to do, and is back for the next bundle", async () => {
  await open(`import clsx from "clsx"\nimport _ from "lodash"\nexport { clsx, _ }`);
  await vi.waitFor(() => expect(children(worker.process.pid)).toEqual([]), { timeout: 15_000, interval: 100 });
  const { registry } = await open(`import types from "prop-types"\nexport default typeof types.string`);
  expect(registry.load("src/main.tsx").default).toBe("function");
}, 30_000);

function children(pid: number | undefined): string[] {
  const listed = execFileSync("ps", ["-A", "-o", "ppid=,args="], { encoding: "utf8" }).split("\n");
  return listed.filter((line) => Number.parseInt(line, 10) === pid && line.includes("esbuild"));
}

test("packages that are installed while the app is open", async () => {
  const folder = mkdtempSync(join(tmpdir(), "overskill-modules-"));
  const copy = (name: string) =>
    cpSync(join(packages, "node_modules", name), join(folder, "node_modules", name), { recursive: true });
  for (const name of ["react", "react-dom", "scheduler"]) copy(name);
  const app = await TestApp.open(
    worker,
    { "src/main.tsx": `import clsx from "clsx"\nexport default clsx("a")` },
    folder,
  );
  const missing = await app.build({ roots: [""] });
  expect(missing.modules).toEqual([]);
  expect(missing.missing).toMatchObject([{ package: "clsx", specifier: "clsx" }]);
  copy("clsx");
  await worker.call("modules", { app: app.name, folder });
  const built = await app.build({ installed: true });
  expect(built.missing).toEqual([]);
  expect(ids(built)).toEqual(["src/main.tsx"]);
  const registry = new Registry();
  registry.add(await app.snapshot());
  expect(registry.load("src/main.tsx").default).toBe("a");
});

test("a package that wants one that is not there still loads, with a warning", async () => {
  const { app } = await open("export {}", {});
  const folder = mkdtempSync(join(tmpdir(), "overskill-modules-"));
  for (const name of ["react", "react-dom", "scheduler", "class-variance-authority"]) {
    const from = join(packages, "node_modules", name);
    if (existsSync(from)) cpSync(from, join(folder, "node_modules", name), { recursive: true });
  }
  await worker.call("modules", { app: app.name, folder });
  const built = await app.edit({ "src/main.tsx": `import { cva } from "class-variance-authority"\nexport { cva }` });
  expect(ids(built)).toEqual(["src/main.tsx"]);
  expect(brief(built.diagnostics)).toEqual([
    "warning install The package 'class-variance-authority' wants 'clsx', which is not installed",
  ]);
});

test("a chunk travels by its file, and with its code once the file was cleaned away", async () => {
  const own = mkdtempSync(join(tmpdir(), "overskill-cleaned-"));
  const cleaned = new Worker({ cache: own });
  const app = await TestApp.open(cleaned, { "src/main.ts": `export { clsx } from "clsx"` }, packages);
  await app.build({ roots: [""] });
  const kept = (await app.snapshot()).vendor;
  expect(kept.map((chunk) => chunk.file)).toEqual(kept.map((chunk) => join(own, "vendor", `${chunk.id}.js`)));
  rmSync(join(own, "vendor"), { recursive: true });
  const sent = (await app.snapshot()).vendor;
  expect(sent).toEqual(kept.map(({ id, code }) => ({ id, code, file: null })));
  cleaned.stop();
});

test("what was begun when the app was opened is not taken once other packages are installed", async () => {
  const own = mkdtempSync(join(tmpdir(), "overskill-begun-"));
  for (const name of ["react", "react-dom", "scheduler"]) {
    cpSync(join(packages, "node_modules", name), join(own, "node_modules", name), { recursive: true });
  }
  const fresh = new Worker({ cache: join(own, "cache") });
  const app = await TestApp.open(fresh, { "src/main.ts": `import "react"` }, own);
  // By the time that another app is built, the bundle that was begun before is there as well.
  await (await TestApp.open(fresh, { "src/main.ts": `import "react"` }, packages)).build({ roots: [""] });
  const react = join(own, "node_modules/react");
  const manifest = JSON.parse(readFileSync(join(react, "package.json"), "utf8"));
  writeFileSync(join(react, "package.json"), JSON.stringify({ ...manifest, version: "19.99.0" }));
  appendFileSync(join(react, "cjs/react.development.js"), `\nexports.installed = "later";`);
  const built = await app.build({ roots: [""], installed: true });
  expect(built.vendor[0]!.code).toContain('installed = "later"');
  fresh.stop();
});
