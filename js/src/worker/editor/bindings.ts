/** What the tags of a page mean: imports of the app's components, of packages, and names of the page's own. */
import type { Node } from "../literal";
import { importsOf, type Source } from "../repair/sources";
import { FRAGMENT, type Role, type Roles } from "./data";
import { holdsItems, isHost } from "./host";

/** The app's components, as a page needs to know them. */
export interface Library {
  /** Counts changes of what follows. */
  readonly revision: number;
  /** The type of what a module exports, also by way of others; null where it is no component of the app. */
  typeAt(path: string, exported: string): string | null;
  component(type: string): { path: string; export: string; name: string; fields: Record<string, FieldKind> } | null;
  /** The module of the app that an import means. */
  resolve(specifier: string, importer: string): string | null;
  /** How a module would be imported, where a file does not say. */
  specifier(from: string, to: string): string;
}

export interface FieldKind {
  type: string;
}

/** Where a name comes from. */
export interface Origin {
  kind: "app" | "package" | "page" | "host";
  /** As the page writes it. */
  tag: string;
  /** What it is imported from, and as what; empty for names of the page. */
  specifier: string;
  imported: string;
}

export class Bindings implements Roles {
  private readonly imported = new Map<string, { specifier: string; imported: string; path: string | null }>();
  private readonly types = new Map<string, string>();
  private readonly fields = new Map<string, Record<string, FieldKind> | null>();
  private readonly slots = new Map<string, readonly string[]>();
  /** Types that the page uses or imports. */
  readonly origins = new Map<string, Origin>();

  constructor(
    readonly source: Source,
    readonly library: Library,
  ) {
    for (const { node, specifier, names } of importsOf(source)) {
      if (node.importKind === "type") continue;
      const path = library.resolve(specifier, source.path);
      for (const { kind, imported, local, node: name } of names) {
        if (name.importKind === "type") continue;
        this.imported.set(local, { specifier, imported: kind === "namespace" ? "*" : imported, path });
        if (path && /^[A-Z]/.test(local) && kind !== "namespace" && library.typeAt(path, imported)) this.typeOf(local);
      }
    }
  }

  /** The type of an element by its tag. */
  typeOf(tag: string): string {
    let type = this.types.get(tag);
    if (type === undefined) {
      const origin = this.originOf(tag);
      type = this.typeFrom(origin);
      this.types.set(tag, type);
      if (!this.origins.has(type)) this.origins.set(type, origin);
    }
    return type;
  }

  private originOf(tag: string): Origin {
    if (isHost(tag) || tag === FRAGMENT) return { kind: "host", tag, specifier: "", imported: "" };
    const [first, ...rest] = tag.split(".");
    const found = this.imported.get(first!);
    if (!found) return { kind: "page", tag, specifier: "", imported: "" };
    const { specifier, imported } = found;
    return { kind: found.path ? "app" : "package", tag, specifier, imported: [imported, ...rest].join(".") };
  }

  private typeFrom({ kind, tag, specifier, imported }: Origin): string {
    if (kind === "host") return tag;
    if (kind === "app") {
      const [first, ...rest] = imported.split(".");
      const name = first === "*" ? rest.join(".") : imported;
      const path = this.library.resolve(specifier, this.source.path);
      const type = path && !name.includes(".") ? this.library.typeAt(path, name) : null;
      if (type) return type;
    }
    return this.library.component(tag) ? `${tag} (${specifier || "this page"})` : tag;
  }

  roleOf(type: string, name: string): Role {
    if (isHost(type)) return name === "children" && holdsItems(type) ? "slot" : "value";
    const fields = this.fieldsOf(type);
    const field = fields && Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field?.type === "slot") return "slot";
    if (name !== "children") return "value";
    if (!field) return "slot";
    return /^(?:text|textarea)$/.test(field.type) ? "text" : "value";
  }

  slotsOf(type: string): readonly string[] {
    let found = this.slots.get(type);
    if (!found) {
      const fields = this.fieldsOf(type) ?? {};
      const children = type === FRAGMENT || (isHost(type) && holdsItems(type));
      found = children ? ["children"] : Object.keys(fields).filter((name) => fields[name]!.type === "slot");
      this.slots.set(type, found);
    }
    return found;
  }

  private fieldsOf(type: string): Record<string, FieldKind> | null {
    let found = this.fields.get(type);
    if (found === undefined) {
      found = isHost(type) ? null : (this.library.component(type)?.fields ?? null);
      this.fields.set(type, found);
    }
    return found;
  }
}

/** `Card`, `Tabs.List`, `svg:rect`; null for what cannot be told from outside. */
export function tagOf(name: Node): string | null {
  if (name.type === "JSXIdentifier") return name.name as string;
  if (name.type === "JSXNamespacedName") return `${(name.namespace as Node).name}:${(name.name as Node).name}`;
  if (name.type !== "JSXMemberExpression") return null;
  const object = tagOf(name.object as Node);
  return object === null || object === "this" ? null : `${object}.${(name.property as Node).name}`;
}
