/** Components as an app could have them. */
import { posix } from "node:path";
import type { Library } from "../../../src/worker/editor/bindings";

const text = { type: "text" };
const slot = { type: "slot" };

export const COMPONENTS = {
  Hero: { path: "src/components/Hero.tsx", export: "default", fields: { title: text, count: { type: "number" } } },
  Card: { path: "src/components/Card.tsx", export: "Card", fields: { title: text, footer: slot, children: slot } },
  Stack: { path: "src/components/layout.tsx", export: "Stack", fields: { gap: { type: "number" }, children: slot } },
  Row: { path: "src/components/layout.tsx", export: "Row", fields: { children: slot } },
  Label: { path: "src/components/Label.tsx", export: "Label", fields: { children: text } },
  Chart: {
    path: "src/components/Chart.tsx",
    export: "default",
    fields: { data: { type: "array" }, style: { type: "object" } },
  },
};

const files = new Set(Object.values(COMPONENTS).map((component) => component.path));

export const library: Library = {
  revision: 0,
  typeAt: (path, exported) =>
    Object.entries(COMPONENTS).find(([, c]) => c.path === path && c.export === exported)?.[0] ?? null,
  component: (type) =>
    Object.hasOwn(COMPONENTS, type) ? { ...COMPONENTS[type as keyof typeof COMPONENTS], name: type } : null,
  resolve(specifier, importer) {
    const path = specifier.startsWith("@/")
      ? `src/${specifier.slice(2)}`
      : specifier.startsWith(".")
        ? posix.join(posix.dirname(importer), specifier)
        : null;
    if (path === null) return null;
    return files.has(path) ? path : files.has(`${path}.tsx`) ? `${path}.tsx` : null;
  },
  specifier(from, to) {
    const path = posix.relative(posix.dirname(from), to.replace(/\.tsx$/, ""));
    return path.startsWith(".") ? path : `./${path}`;
  },
};
