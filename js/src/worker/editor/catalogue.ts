/**
 * Every component that the app exports, with the fields that its props ask for: the palette. A component is known by its
 * name; where two have the same, the one that its module is named after keeps it, and the others say their folder.
 */
import { posix } from "node:path";
import type { Project } from "../project";
import type { Source } from "../repair/sources";
import type { Library } from "./bindings";
import { docAt } from "./docs";
import { defaultsOf, type Fields, fieldsOf } from "./fields";
import { attributesOf } from "./host_fields";
import { type Declared, Modules, moduleName } from "./modules";
import { isComponent, propsOf, propTypes } from "./props";

export interface Component {
  type: string;
  name: string;
  path: string;
  export: string;
  /** The folder below src, by which the palette is grouped. */
  folder: string;
  help: string;
  fields: Fields;
  defaultProps: Record<string, unknown>;
}

interface Entry {
  type: string;
  name: string;
  export: string;
  declared: Declared;
}

interface Described {
  component: Component;
  /** What it was read from. */
  sources: Source[];
}

export class Catalogue implements Library {
  revision = 0;
  private readonly modules: Modules;
  private entries: Map<string, Entry> | null = null;
  /** By the path and the name in the module. */
  private types = new Map<string, string>();
  private readonly described = new Map<string, Described>();
  /** What each module exports, for as long as it and what it imports are the same. */
  private readonly found = new Map<string, { source: Source; entries: Omit<Entry, "type">[] }>();

  constructor(project: Project) {
    this.modules = new Modules(project);
  }

  /** Takes note of files that changed, came or went; null for any. */
  forget(paths: Iterable<string> | null): void {
    this.modules.forget(paths);
    this.entries = null;
    this.revision += 1;
  }

  /** All components, by folder and name. */
  components(): Component[] {
    const all = [...this.all().keys()].map((type) => this.component(type)!);
    const rank = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    return all.sort((a, b) => rank(a.folder, b.folder) || rank(a.type, b.type));
  }

  component(type: string): Component | null {
    const entry = this.all().get(type);
    if (!entry) return null;
    const key = `${entry.declared.path}#${entry.declared.name}`;
    const known = this.described.get(key);
    const isCurrent = known?.sources.every((source) => this.modules.get(source.path) === source);
    if (known && isCurrent && known.component.type === type && known.component.export === entry.export)
      return known.component;
    const found = this.describe(entry);
    this.described.set(key, found);
    return found.component;
  }

  private describe({ type, name, export: exported, declared }: Entry): Described {
    const { members, defaults, files } = propsOf(this.modules, declared);
    const fields = fieldsOf(members.length ? members : propTypes(this.modules, declared), defaults);
    const { path } = declared;
    const source = this.modules.get(path);
    const folder = posix.dirname(path).replace(/^src(?:\/|$)/, "") || ".";
    const defaultProps = defaultsOf(fields);
    const help = docAt(source, statementStart(source, declared)).text;
    const component = { type, name, path, export: exported, folder, help, fields, defaultProps };
    return { component, sources: [...files].map((file) => this.modules.get(file)) };
  }

  private all(): Map<string, Entry> {
    this.entries ??= this.find();
    return this.entries;
  }

  private find(): Map<string, Entry> {
    const byName = new Map<string, Omit<Entry, "type">[]>();
    for (const path of this.modules.paths) {
      for (const entry of this.entriesIn(path)) byName.set(entry.name, [...(byName.get(entry.name) ?? []), entry]);
    }
    const out = new Map<string, Entry>();
    this.types = new Map();
    for (const [name, entries] of byName) {
      const rank = ({ declared }: Omit<Entry, "type">) =>
        (moduleName(declared.path) === name ? 0 : 100) + declared.path.split("/").length;
      for (const [i, entry] of [...entries].sort((a, b) => rank(a) - rank(b)).entries()) {
        const { path } = entry.declared;
        let type = i === 0 ? name : `${name} (${posix.dirname(path).replace(/^src\//, "")})`;
        if (out.has(type)) type = `${name} (${path})`;
        out.set(type, { ...entry, type });
        this.types.set(`${path}#${entry.declared.name}`, type);
      }
    }
    return out;
  }

  private entriesIn(path: string): Omit<Entry, "type">[] {
    const source = this.modules.get(path);
    const known = this.found.get(path);
    if (known?.source === source) return known.entries;
    const out = new Map<string, Omit<Entry, "type">>();
    for (const [exported, declared] of this.modules.exportsOf(path)) {
      const own = declared.name === "default" ? moduleName(path) : declared.name;
      const name = exported === "default" ? own : exported;
      if (!/^[A-Z]/.test(name) || !isComponent(this.modules, declared)) continue;
      // Exported by its name and as the default, it is one component.
      const before = out.get(declared.name);
      if (before && (before.export === "default" || exported !== "default")) continue;
      out.set(declared.name, { name, export: exported, declared });
    }
    const entries = [...out.values()];
    this.found.set(path, { source, entries });
    return entries;
  }

  typeAt(path: string, exported: string): string | null {
    this.all();
    const declared = this.modules.exported(path, exported);
    return declared ? (this.types.get(`${declared.path}#${declared.name}`) ?? null) : null;
  }

  resolve(specifier: string, importer: string): string | null {
    return this.modules.resolve(specifier, importer);
  }

  specifier(from: string, to: string): string {
    return this.modules.specifier(from, to);
  }
}

const hosts = new Map<string, Fields>();

/** The fields of an element of the page itself. */
export function hostFields(tag: string): Fields {
  const fields = hosts.get(tag) ?? fieldsOf(attributesOf(tag), {});
  hosts.set(tag, fields);
  return fields;
}

function statementStart(source: Source, { node }: Declared): number {
  return (
    source.body.find((statement) => statement.start <= node.start && node.end <= statement.end)?.start ?? node.start
  );
}
