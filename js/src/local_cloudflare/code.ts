import type { Code, Context, Env, Fetcher, Version } from "./types";
import { blob } from "./versions";

/** The script's code as a service; loaded at its first request. */
export function load(version: Version, env: Env, ctx: Context): Fetcher {
  return env.LOADER.get(version.id, async () => {
    const bindings = { ...version.env };
    if (version.assetsBinding)
      bindings[version.assetsBinding] = ctx.exports.AppAssets({ props: { version: version.id } });
    return {
      ...(await code(version, env)),
      env: bindings,
      globalOutbound: env.INTERNET,
      tails: [ctx.exports.Tail({ props: { version: version.id } })],
    };
  }).getEntrypoint();
}

const PROBE = "__overskill_probe.js";

/** Load the code, run none of its handlers, and say what it exports or why it cannot be loaded. */
export async function probe(version: Version, env: Env): Promise<Response> {
  const started = Date.now();
  const worker = env.LOADER.get(`probe-${version.id}-${crypto.randomUUID()}`, async () => {
    const made = await code(version, env);
    const source = `import * as script from ${JSON.stringify(`./${version.main}`)};
const { default: d } = script;
export default { fetch: () => Response.json({
  handlers: d === null || d === undefined ? [] : typeof d === "function"
    ? Object.getOwnPropertyNames(d.prototype ?? {}) : Object.keys(d).filter((key) => typeof d[key] === "function"),
  named: Object.keys(script).filter((key) => key !== "default"),
  odd: Object.keys(script).find((key) => script[key] === null || !["object", "function"].includes(typeof script[key])),
}) };`;
    return {
      ...made,
      mainModule: PROBE,
      modules: { ...made.modules, [PROBE]: source },
      env: {},
      globalOutbound: null,
    };
  });
  try {
    const answer = await worker.getEntrypoint().fetch("http://probe/");
    const found = (await answer.json()) as { odd?: string };
    if (found.odd !== undefined) {
      const error = `Incorrect type for the export '${found.odd}': it is neither a function nor an ExportedHandler.`;
      return Response.json({ ok: false, error });
    }
    return Response.json({ ok: true, ms: Date.now() - started, ...found });
  } catch (error) {
    return Response.json({ ok: false, error: error instanceof Error ? error.message : String(error) });
  }
}

async function code(version: Version, env: Env): Promise<Omit<Code, "env" | "globalOutbound">> {
  const modules = await Promise.all(
    version.modules.map(async ({ name, type, blob: hash }) => {
      const stored = await blob(env, hash);
      if (type === "data" || type === "wasm") return [name, { [type]: await stored.arrayBuffer() }];
      if (type === "json") return [name, { json: await stored.json() }];
      return [name, { [type]: await stored.text() }];
    }),
  );
  return {
    compatibilityDate: version.compatibilityDate,
    compatibilityFlags: version.compatibilityFlags,
    mainModule: version.main,
    modules: Object.fromEntries(modules),
  };
}
