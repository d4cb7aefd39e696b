/** How esbuild finds packages: by itself, from the app's modules folder on. */
import type { ImportKind, OnResolveResult, Plugin, PluginBuild } from "esbuild";
import { real, within } from "../worker/confine";
import type { Packages } from "../worker/packages";
import { resolving } from "../worker/vendor_resolve";

export function packagesPlugin(packages: Packages, absent: string[]) {
  const known = new Map<string, Promise<OnResolveResult | null>>();
  let build: PluginBuild;
  const base = real(packages.base) ?? packages.base;
  const plugin: Plugin = {
    name: "packages",
    async setup(made) {
      build = made;
      await resolving(new Map(), new Set(absent), packages, "production").setup(made);
    },
  };
  const look = async (specifier: string, kind: ImportKind): Promise<OnResolveResult | null> => {
    const found = await build.resolve(specifier, { kind, resolveDir: base, namespace: "file", importer: base });
    if (found.errors.length) return null;
    if (found.namespace !== "file") return { path: found.path, namespace: found.namespace };
    const full = real(found.path);
    if (!full || !packages.modules || !within(packages.modules, full)) return null;
    return { path: found.path, suffix: found.suffix, sideEffects: found.sideEffects };
  };
  /** Where the app's import of a package leads; null where that is outside of the modules folder. */
  const resolve = (specifier: string, kind: ImportKind) => {
    const key = `${kind}:${specifier}`;
    let found = known.get(key);
    if (!found) known.set(key, (found = look(specifier, kind)));
    return found;
  };
  return { plugin, resolve };
}
