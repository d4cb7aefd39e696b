/** Where the components that a file uses come from. */
import { component, type Member, propsOf } from "../prop_sets";
import { importsOf, parseSource, type Source } from "../repair/sources";
import type { Resolution } from "../resolve";

export interface Origin {
  /** In the same file, in another one of the app, or elsewhere. */
  where: "here" | "app" | "elsewhere";
  /** Its props, where they are declared beside it. */
  props: Member[];
}

export class Origins {
  constructor(
    private readonly resolve: (specifier: string, importer: string) => Resolution,
    private readonly text: (path: string) => string | null,
  ) {}

  of(name: string, source: Source): Origin {
    for (const { specifier, names } of importsOf(source)) {
      const found = names.find((each) => each.local === name);
      if (!found) continue;
      const target = this.resolve(specifier, source.path);
      if (target.kind !== "file" || found.kind === "namespace") return { where: "elsewhere", props: [] };
      const path = target.id.split("?")[0]!;
      return { where: "app", props: propsOf(parseSource(path, this.text(path) ?? ""), found.imported) };
    }
    if (!component(source.body, name)) return { where: "elsewhere", props: [] };
    return { where: "here", props: propsOf(source, name) };
  }
}
