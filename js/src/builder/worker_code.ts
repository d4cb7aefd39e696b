/** The app's own Worker code, worker/index.ts, as one module. It answers /api/. */
import type { BuildOptions } from "esbuild";
import { diagnosticAt, Problem } from "../worker/diagnostics";
import type { Project } from "../worker/project";
import { Context } from "./context";
import { Emitted } from "./emitted";

const ENTRIES = ["ts", "mts", "tsx", "js", "mjs", "jsx"].map((extension) => `worker/index.${extension}`);

export class WorkerCode {
  /** What the runtime itself brings. */
  private readonly context = new Context(false, [
    {
      name: "cloudflare",
      setup: (build) => build.onResolve({ filter: /^cloudflare:/ }, ({ path }) => ({ path, external: true })),
    },
  ]);

  /** Null where the app has none. */
  async build(project: Project, options: BuildOptions): Promise<Uint8Array | null> {
    const entry = ENTRIES.find((path) => project.files.isFile(path));
    if (!entry) return null;
    const text = project.files.text(entry);
    const from = JSON.stringify(entry);
    const code = `export * from ${from};\nimport * as all from ${from};\nexport default all.default;`;
    const { result } = await this.context.build(project, code, new Emitted(Number.POSITIVE_INFINITY), {
      ...options,
      splitting: false,
      sourcemap: false,
      conditions: ["workerd", "worker", "module", "browser", "production"],
      target: "es2022",
    });
    if (
      result.warnings.some(({ id, location }) => id === "import-is-undefined" && location?.file.startsWith("entry:"))
    ) {
      throw new Problem(
        diagnosticAt(
          "file",
          `${entry} has no default export, so there is nothing to answer requests`,
          entry,
          text,
          0,
          0,
          {
            hint: "Write export default { fetch(request, env) { … } }.",
          },
        ),
      );
    }
    return result.outputFiles[0]!.contents;
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
