// Runs in workerd: gives each request to the version of a script that the host names, as Workers for Platforms does.
import { WorkerEntrypoint } from "cloudflare:workers";
import { AssetServer, matches } from "./assets";
import { load, probe } from "./code";
import { exceptionPage } from "./pages";
import type { Context, Env, Props, Version } from "./types";
import { describe } from "./versions";

const KEY = "x-overskill-key";
const VERSION = "x-overskill-version";

export default {
  async fetch(request: Request, env: Env, ctx: Context): Promise<Response> {
    if (request.headers.get(KEY) !== env.KEY) return new Response("Forbidden", { status: 403 });
    const id = request.headers.get(VERSION);
    if (!id) return new Response("ok");
    const version = await describe(env, id);
    if (request.headers.has("x-overskill-probe")) return probe(version, env);
    const headers = new Headers(request.headers);
    for (const name of [KEY, VERSION]) headers.delete(name);
    return route(new Request(request, { headers, redirect: "manual" }), version, env, ctx);
  },
};

/** Cloudflare's router: the script's code or its assets. */
async function route(request: Request, version: Version, env: Env, ctx: Context): Promise<Response> {
  const { assets, main } = version;
  if (!assets) return run(request, version, env, ctx);
  const server = new AssetServer(ctx, env, assets);
  if (!main) return server.fetch(request);
  const { pathname } = new URL(request.url);
  if (Array.isArray(assets.workerFirst)) {
    const not = assets.workerFirst.filter((rule) => rule.startsWith("!")).map((rule) => rule.slice(1));
    if (matches(not, pathname)) return server.fetch(request);
    if (matches(assets.workerFirst, pathname)) return run(request, version, env, ctx);
  } else if (assets.workerFirst) {
    return run(request, version, env, ctx);
  }
  const asked = new Request(request.url, { headers: request.headers, method: request.method });
  return (await server.unstable_canFetch(asked)) ? server.fetch(request) : run(request, version, env, ctx);
}

async function run(request: Request, version: Version, env: Env, ctx: Context): Promise<Response> {
  try {
    return await load(version, env, ctx).fetch(request);
  } catch (error) {
    return exceptionPage(error);
  }
}

/** The ASSETS binding of one version. */
export class AppAssets extends WorkerEntrypoint<Env, Props> {
  async fetch(request: Request): Promise<Response> {
    const version = await describe(this.env, this.ctx.props.version);
    return new AssetServer(this.ctx, this.env, version.assets!).fetch(request);
  }
}

interface TraceItem {
  outcome: string;
  logs: { timestamp: number; level: string; message: unknown }[];
  exceptions: { timestamp: number; name: string; message: string; stack?: string }[];
}

/** Hands on what a script logged and threw. */
export class Tail extends WorkerEntrypoint<Env, Props> {
  async tail(items: TraceItem[]): Promise<void> {
    const lines = items.flatMap((item) => [
      ...item.logs.map((log) => ({ at: log.timestamp, level: log.level, text: text(log.message) })),
      ...item.exceptions.map((thrown) => ({
        at: thrown.timestamp,
        level: "error",
        text: [`${thrown.name}: ${thrown.message}`, ...(thrown.stack ? [thrown.stack] : [])].join("\n"),
      })),
    ]);
    if (!lines.length) return;
    await this.env.HOST.fetch(`http://host/logs/${this.ctx.props.version}`, {
      method: "POST",
      body: JSON.stringify(lines),
    });
  }
}

function text(message: unknown): string {
  const parts = Array.isArray(message) ? message : [message];
  return parts.map((part) => (typeof part === "string" ? part : (JSON.stringify(part) ?? String(part)))).join(" ");
}
