/** The tsconfig that candidates are checked with: the app's own paths, and nothing that a small model's code stumbles on. */
import type { Settings } from "../settings";

export function tsconfig(settings: Settings, files: string[]): string {
  const paths: Record<string, string[]> = {};
  for (const { find, replacement, local } of settings.alias) {
    if (typeof find !== "string" || !local) continue;
    const [from, to] = [find.replace(/\/$/, ""), replacement.replace(/\/$/, "")];
    paths[from] = [`./${to}`];
    paths[`${from}/*`] = [`./${to}/*`];
  }
  for (const [pattern, targets] of settings.paths) paths[pattern] = targets.map((target) => `./${target}`);
  if (settings.baseUrl !== null) paths["*"] ??= [`./${settings.baseUrl}/*`.replace("//", "/")];
  const compilerOptions = {
    target: "ESNext",
    lib: ["ESNext", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    module: "ESNext",
    moduleResolution: "bundler",
    moduleDetection: "force",
    jsx: settings.jsxClassic ? "react" : "react-jsx",
    ...(settings.jsxClassic ? {} : { jsxImportSource: settings.jsxImportSource }),
    experimentalDecorators: settings.experimentalDecorators,
    paths,
    types: [],
    // Whether a value may be null, or what it is where nothing says so, is not asked.
    strict: false,
    allowJs: true,
    checkJs: true,
    skipLibCheck: true,
    resolveJsonModule: true,
    allowImportingTsExtensions: true,
    allowArbitraryExtensions: true,
    allowUnreachableCode: true,
    allowUnusedLabels: true,
    noEmit: true,
  };
  return JSON.stringify({ compilerOptions, files });
}
