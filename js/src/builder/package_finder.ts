/** How esbuild finds packages: by itself, from the app's modules folder on. */
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { ImportKind, OnResolveResult, Plugin, PluginBuild } from "esbuild";
import { real, within } from "../worker/confine";
import { type Node, parse } from "../worker/literal";
import type { Packages } from "../worker/packages";
import { resolving } from "../worker/vendor_resolve";

export interface PackageFinder {
  plugin: Plugin;
  /** Where the app's import of a package leads; null where that is outside of the modules folder. */
  resolve(specifier: string, kind: ImportKind): Promise<OnResolveResult | null>;
  /**
   * Exports of a package that stand for all of another module, `z` of zod say. Whoever imports that module instead gets
   * what is used of it, and not the whole. Such a module is named `zod#z`.
   */
  namespaces(specifier: string): Promise<Map<string, string>>;
}

export function packageFinder(packages: Packages, absent: string[]): PackageFinder {
  const known = new Map<string, Promise<OnResolveResult | null>>();
  const read = new Map<string, Promise<Map<string, string>>>();
  let build: PluginBuild;
  const base = real(packages.base) ?? packages.base;
  const plugin: Plugin = {
    name: "packages",
    async setup(made) {
      build = made;
      await resolving(new Map(), new Set(absent), packages, "production").setup(made);
    },
  };

  const look = async (specifier: string, kind: ImportKind, from = base): Promise<OnResolveResult | null> => {
    const found = await build.resolve(specifier, { kind, resolveDir: from, namespace: "file", importer: base });
    if (found.errors.length) return null;
    if (found.namespace !== "file") return { path: found.path, namespace: found.namespace };
    const full = real(found.path);
    if (!full || !packages.modules || !within(packages.modules, full)) return null;
    return { path: found.path, suffix: found.suffix, sideEffects: found.sideEffects };
  };

  const resolve = (written: string, kind: ImportKind) => {
    const key = `${kind}:${written}`;
    let found = known.get(key);
    if (!found) {
      const [specifier, name] = written.split("#") as [string, string?];
      found = name === undefined ? look(specifier, kind) : namespaces(specifier).then((n) => inModule(n.get(name)));
      known.set(key, found);
    }
    return found;
  };

  const inModule = (path: string | undefined): OnResolveResult | null => (path ? { path } : null);

  const namespaces = (specifier: string) => {
    let found = read.get(specifier);
    if (!found) {
      found = readNamespaces(specifier);
      read.set(specifier, found);
    }
    return found;
  };

  const readNamespaces = async (specifier: string): Promise<Map<string, string>> => {
    const out = new Map<string, string>();
    const file = (await resolve(specifier, "import-statement"))?.path;
    if (!file || !/\.m?js$/.test(file) || statSync(file).size > 100_000) return out;
    const code = readFileSync(file, "utf8");
    if (!/\*\s*as\b/.test(code)) return out;
    for (const [name, source] of namespaceExports(code)) {
      const target = await look(source, "import-statement", dirname(file));
      if (target?.path && !target.namespace) out.set(name, target.path);
    }
    return out;
  };

  return { plugin, resolve, namespaces };
}

/** Name of an export to the specifier of the module that it stands for. */
function namespaceExports(code: string): Map<string, string> {
  const out = new Map<string, string>();
  const local = new Map<string, string>();
  let body: Node[];
  try {
    body = parse(code).body as Node[];
  } catch {
    return out;
  }
  const nameOf = (node: unknown) =>
    (node as { name?: string; value?: string }).name ?? (node as { value: string }).value;
  for (const node of body) {
    const source = (node.source as { value?: string } | null)?.value;
    if (node.type === "ImportDeclaration" && source) {
      for (const s of node.specifiers as Node[])
        if (s.type === "ImportNamespaceSpecifier") local.set(nameOf(s.local), source);
    } else if (node.type === "ExportAllDeclaration" && node.exported && source) {
      out.set(nameOf(node.exported), source);
    }
  }
  for (const node of body) {
    if (node.type === "ExportNamedDeclaration" && !node.source) {
      for (const s of node.specifiers as Node[]) {
        const source = local.get(nameOf(s.local));
        if (source) out.set(nameOf(s.exported), source);
      }
    } else if (node.type === "ExportDefaultDeclaration") {
      const source = local.get(nameOf(node.declaration));
      if (source) out.set("default", source);
    }
  }
  return out;
}
