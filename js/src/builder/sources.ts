/** The app's own files, as esbuild is given them. It reads none of them by itself, only files of packages. */
import { posix } from "node:path";
import type { ImportKind, Loader, OnLoadArgs, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from "esbuild";
import { assetPath, globPath, kindOf, readJson, refuseUnsupported } from "../worker/compile";
import { splice } from "../worker/css";
import { type Diagnostic, diagnostic, Problem } from "../worker/diagnostics";
import { readLimited } from "../worker/files";
import { Graph } from "../worker/graph";
import { importProblem } from "../worker/imports";
import type { Node } from "../worker/literal";
import type { Project } from "../worker/project";
import { splitQuery } from "../worker/resolve";
import { isMeta, rewrite } from "../worker/rewrite";
import { sourceMapUrl } from "../worker/source_map";
import { Rewritten, type Span } from "../worker/spans";
import { MissingPackage } from "../worker/styles";
import { oxc } from "../worker/tools";
import { syntaxErrors } from "../worker/transform";
import type { Emitted } from "./emitted";
import { PREFIX } from "./links";
import { membersOf } from "./members";
import { APP } from "./messages";
import type { PackageFinder } from "./package_finder";
import { Stylesheets } from "./stylesheets";

export const ENTRY = "overskill:entry";

/** Before a module that an export of a package stands for, `zod#z`. */
const NAMESPACE = "overskill:namespace:";
/** Before a package and those of its exports that are used of it as a namespace, `react|useState,useId`. */
const MEMBERS = "overskill:members:";

const LOADERS: Record<string, Loader> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
};

/** What one build knows of the app's files. */
export class Sources {
  readonly styles: Stylesheets;
  /** Modules that look for values which are known only where the app runs. */
  readonly withEnvironment = new Set<string>();
  /** Texts in which class names may stand. */
  readonly texts = new Map<string, string>();
  /** Whether packages are used in a way that needs them in the same bundle. */
  entangled = false;

  constructor(
    readonly project: Project,
    /** The script that starts what is built. */
    readonly entry: string,
    readonly emitted: Emitted,
    private readonly finder: PackageFinder,
    /** Whether packages are bundled apart. */
    private readonly apart: boolean,
  ) {
    this.styles = new Stylesheets(project, emitted);
  }

  async resolve(args: OnResolveArgs): Promise<OnResolveResult> {
    const { project } = this;
    if (args.path.startsWith(NAMESPACE)) return (await this.package(args.path.slice(NAMESPACE.length), args.kind))!;
    if (args.path.startsWith(MEMBERS)) return { path: args.path.slice(MEMBERS.length), namespace: "members" };
    const [importer] = splitQuery(args.importer);
    const fromPackage = args.importer.startsWith("npm:");
    const found = project.resolver.resolve(args.path, fromPackage || args.importer === ENTRY ? "" : importer);
    const fail = (message: string, hint = "") =>
      failed(importProblem("resolve", importer, project.textOf(importer), args.path, message, hint));
    switch (found.kind) {
      case "file":
        if (isPrivate(found.id)) return fail(`'${args.path}' holds secrets and cannot be built in`);
        return { path: found.id, namespace: APP };
      case "package-file":
        return { path: found.id, namespace: APP, pluginData: { file: found.file } };
      case "package":
        return (
          (await this.package(found.specifier, args.kind)) ??
          fail(`'${args.path}' leads out of the folder node_modules`)
        );
      case "missing":
        return fail(`The package '${found.package}' is not installed`, `Add it to package.json and install it.`);
      case "failed":
        return fail(found.message, found.hint);
    }
  }

  private async package(specifier: string, kind: ImportKind): Promise<OnResolveResult | null> {
    const found = await this.finder.resolve(specifier, kind);
    if (!found || !this.apart) return found;
    if (kind !== "import-statement" && kind !== "dynamic-import") this.entangled = true;
    return { path: PREFIX + specifier, external: true, sideEffects: found.sideEffects };
  }

  async load(args: OnLoadArgs): Promise<OnLoadResult> {
    try {
      if (args.with.type !== undefined) return this.loadAs(args.with.type, args);
      return await this.loadKind(args);
    } catch (error) {
      if (error instanceof MissingPackage) return { errors: [{ detail: error.diagnostic, text: error.message }] };
      if (!(error instanceof Problem)) throw error;
      return { errors: error.diagnostics.map((d) => ({ detail: d, text: d.message })) };
    }
  }

  /** `import text from "./a.txt" with { type: "text" }` */
  private loadAs(type: string, { path: id }: OnLoadArgs): OnLoadResult {
    const [path] = splitQuery(id);
    const bytes = this.project.files.bytes(path);
    if (type === "text") return { contents: bytes, loader: "text" };
    if (type === "bytes") return { contents: bytes, loader: "binary" };
    if (type === "json") return { contents: JSON.stringify(readJson(path, bytes.toString("utf8"))), loader: "json" };
    throw new Problem(diagnostic("syntax", `${path} is imported with the type '${type}', which is not known`));
  }

  private async loadKind({ path: id, pluginData }: OnLoadArgs): Promise<OnLoadResult> {
    const { files } = this.project;
    const file = (pluginData as { file?: string } | undefined)?.file ?? null;
    const [path, written] = splitQuery(id);
    const node = new Graph().add(id, file === null ? path : null, file, written);
    const kind = kindOf(node);
    if (kind === "style") return { contents: await this.styles.load(node), loader: "js" };
    if (kind === "script" && file === null) return this.script(id, path);
    const query = new URLSearchParams(written);
    const bytes = () => (file === null ? files.bytes(path) : readLimited(file, id));
    if (query.has("raw")) return { contents: bytes(), loader: "text" };
    refuseUnsupported(path, file ?? path, query);
    if (/\.json5?$/i.test(path) && !query.has("url")) {
      return { contents: JSON.stringify(readJson(path, bytes().toString("utf8"))), loader: "json" };
    }
    const name = file ?? path;
    const url =
      query.has("url") && !query.has("inline") ? this.urlOf(name, bytes()) : this.emitted.address(name, bytes());
    return { contents: url, loader: "text" };
  }

  private urlOf(name: string, bytes: Buffer): string {
    return this.emitted.address(name, bytes);
  }

  private async script(id: string, path: string): Promise<OnLoadResult> {
    const source = this.project.inline.get(id) ?? this.project.files.text(path);
    this.texts.set(id, source);
    const namespaces = await this.namespacesIn(source);
    const needed = namespaces.size > 0 || this.needsRewriting(source);
    const rewritten = needed ? this.rewritten(id, path, source, namespaces) : null;
    if (rewritten !== null) return { contents: rewritten, loader: "js" };
    return { contents: source, loader: LOADERS[posix.extname(path)] ?? "jsx" };
  }

  /** Packages that a module imports as a namespace, or that export other modules as one; with such exports' names. */
  private async namespacesIn(source: string): Promise<Map<string, Set<string>>> {
    const out = new Map<string, Set<string>>();
    for (const [, star, specifier] of source.matchAll(/(\*\s*as\s+[\w$]+\s+)?\bfrom\s*["']([^"'./\\][^"'\n]*)["']/g)) {
      if (this.project.resolver.resolve(specifier!, "").kind !== "package") continue;
      const names = out.get(specifier!) ?? new Set((await this.finder.namespaces(specifier!)).keys());
      if (names.size || (star && this.apart)) out.set(specifier!, names);
    }
    return out;
  }

  /** Whether a module uses what esbuild has no notion of. */
  private needsRewriting(source: string): boolean {
    if (/import\.meta\s*\.\s*glob|new URL\([\s\S]*import\.meta\.url/.test(source)) return true;
    const used = source.match(/import\s*\.\s*meta\s*\.\s*env/g)?.length ?? 0;
    const known = [...source.matchAll(/\bimport\.meta\.env\.(\w+)\b(?!\s*=[^=])/g)].filter(([, name]) =>
      Object.hasOwn(this.project.environment, name!),
    );
    return used > known.length;
  }

  private rewritten(id: string, path: string, source: string, namespaces: Map<string, Set<string>>): string {
    const { project } = this;
    const { settings } = project;
    const typescript = /\.[mc]?tsx?$/.test(path);
    const first = oxc().transformSync(path, source, {
      lang: typescript ? (path.endsWith("x") ? "tsx" : "ts") : "jsx",
      sourceType: "module",
      sourcemap: true,
      jsx: settings.jsxClassic
        ? { runtime: "classic" }
        : { runtime: "automatic", importSource: settings.jsxImportSource },
      typescript: {
        onlyRemoveTypeImports: settings.keepUnusedImports,
        removeClassFieldsWithoutInitializer: !settings.useDefineForClassFields,
      },
      assumptions: { setPublicClassFields: !settings.useDefineForClassFields },
      decorator: { legacy: settings.experimentalDecorators },
    });
    if (first.errors.some((e) => e.severity === "Error")) throw syntaxErrors(path, source, first.errors);
    const node = new Graph().add(id, path, null, "");
    const context = { files: project.files, resolver: project.resolver, settings };
    const handled = new Set<Node>();
    const spans = rewrite(first.code, {
      id,
      guard: false,
      files: project.files,
      resolveGlob: (pattern) => globPath(pattern, node, context),
      urlOf: (specifier) => {
        const target = assetPath(specifier, node, context);
        if (isPrivate(target))
          throw new Problem(diagnostic("resolve", `'${target}' holds secrets and cannot be built in`));
        const url = this.emitted.address(target, project.files.bytes(target));
        return { code: `new URL(${JSON.stringify(url)}, import.meta.url)`, path: target };
      },
      visit: (at, out) => {
        if (at.type === "Program") this.importNamespaces(at, namespaces, out);
        else this.replaceEnvironment(id, at, out, handled);
      },
      out: { globs: [], watches: new Set() },
    });
    const code = splice(first.code, spans);
    const second = oxc().transformSync("module.js", code, { sourcemap: true });
    const maps = { source, first: first.map!, rewritten: new Rewritten(first.code, spans), second: second.map! };
    return `${second.code}\n//# sourceMappingURL=${sourceMapUrl(id, maps, `${APP}:${path}`, 0)}`;
  }

  /** `import { z } from "zod"` to `import * as z from` what `z` stands for, and namespaces to what is used of them. */
  private importNamespaces(program: Node, namespaces: Map<string, Set<string>>, spans: Span[]): void {
    const found = (program.body as Node[])
      .filter((node) => node.type === "ImportDeclaration" && namespaces.has(textOf(node.source)))
      .map((node) => ({ node, ...readImport(node, namespaces.get(textOf(node.source))!) }));
    const locals = new Set(found.flatMap(({ whole }) => whole.map(({ local }) => local)));
    if (!locals.size) return;
    const members = this.apart ? membersOf(program, locals) : new Map<string, null>();
    for (const { node, whole, kept } of found) {
      if (!whole.length) continue;
      const specifier = textOf(node.source);
      const lines = whole.map(({ local, name }) => {
        const used = members.get(local);
        const target = name === null ? specifier : `${specifier}#${name}`;
        if (used?.size)
          return `import * as ${local} from ${JSON.stringify(`${MEMBERS}${target}|${[...used].sort()}`)};`;
        return `import * as ${local} from ${JSON.stringify(name === null ? specifier : NAMESPACE + target)};`;
      });
      if (kept.length) lines.push(`import { ${kept.join(", ")} } from ${JSON.stringify(specifier)};`);
      spans.push({ start: node.start, end: node.end, text: lines.join(" ") });
    }
  }

  /** The module that has some exports of a package. */
  members(path: string): OnLoadResult {
    const [target, names] = path.split("|") as [string, string];
    const from = target.includes("#") ? NAMESPACE + target : target;
    return { contents: `export { ${names} } from ${JSON.stringify(from)};`, loader: "js" };
  }

  /** Values that are known now are written in; others are looked for where the app runs. */
  private replaceEnvironment(id: string, node: Node, spans: Span[], handled: Set<Node>): void {
    const { environment } = this.project;
    const object = node.object as Node | undefined;
    const name = (node.property as Node | undefined)?.name as string | undefined;
    if (node.type === "MemberExpression" && object && isMeta(object, "env") && !node.computed && name) {
      handled.add(object);
      const known = Object.hasOwn(environment, name);
      if (!known) this.withEnvironment.add(id);
      const text = known ? JSON.stringify(environment[name]) : `globalThis.__overskill_env?.${name}`;
      spans.push({ start: node.start, end: node.end, text });
    } else if (isMeta(node, "env") && !handled.has(node)) {
      this.withEnvironment.add(id);
      const values = JSON.stringify(environment);
      spans.push({ start: node.start, end: node.end, text: `({...globalThis.__overskill_env,...${values}})` });
    }
  }
}

/** An import's names that stand for whole modules, `null` for the package itself, and its other names as written. */
function readImport(node: Node, namespaces: Set<string>) {
  const whole: { local: string; name: string | null }[] = [];
  const kept: string[] = [];
  for (const item of node.specifiers as Node[]) {
    const local = (item.local as { name: string }).name;
    const imported = item.imported as { name?: string; value?: string } | undefined;
    const name = item.type === "ImportDefaultSpecifier" ? "default" : (imported?.name ?? imported?.value);
    if (item.type === "ImportNamespaceSpecifier") whole.push({ local, name: null });
    else if (namespaces.has(name!)) whole.push({ local, name: name! });
    else kept.push(`${imported?.value ? JSON.stringify(name) : name} as ${local}`);
  }
  return { whole, kept };
}

function textOf(node: unknown): string {
  return (node as { value: string }).value;
}

/** Files that must not become public by a slip. */
export function isPrivate(id: string): boolean {
  return splitQuery(id)[0]
    .split("/")
    .some((part) => /^\.(?:env(?:\..*)?|git|npmrc|overskill|ssh|aws|netrc)$/.test(part));
}

export function failed(problem: Diagnostic): OnResolveResult {
  return { errors: [{ text: problem.message, detail: problem }] };
}

/** Serves the files of whatever `Sources` is current to a context that is kept. */
export function sourcesPlugin(current: () => Sources): Plugin {
  return {
    name: "sources",
    setup(build) {
      build.onResolve({ filter: /^overskill:entry$/ }, () => ({ path: ENTRY, namespace: "entry" }));
      build.onLoad({ filter: /.*/, namespace: "entry" }, () => ({
        contents: current().entry,
        loader: "js",
      }));
      build.onResolve({ filter: /.*/, namespace: "entry" }, ({ path }) => ({ path, namespace: APP }));
      build.onResolve({ filter: /.*/, namespace: "members" }, (args) => current().resolve(args));
      build.onLoad({ filter: /.*/, namespace: "members" }, ({ path }) => current().members(path));
      build.onResolve({ filter: /.*/, namespace: APP }, (args) => current().resolve(args));
      build.onLoad({ filter: /.*/, namespace: APP }, (args) => current().load(args));
    },
  };
}
