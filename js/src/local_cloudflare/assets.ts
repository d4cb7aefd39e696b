import AssetWorker from "asset-worker";
import type { Assets, Context, Env } from "./types";
import { blob } from "./versions";

/** Cloudflare's own asset Worker, with one app's files under it. */
export class AssetServer extends AssetWorker {
  private readonly byHash: Map<string, [blob: string, type: string]>;

  constructor(
    ctx: Context,
    private readonly host: Env,
    private readonly assets: Assets,
  ) {
    super(ctx, { CONFIG: structuredClone(assets.config) });
    this.byHash = index(assets);
  }

  override async unstable_exists(pathname: string): Promise<string | null> {
    return Object.hasOwn(this.assets.files, pathname) ? this.assets.files[pathname]![0] : null;
  }

  override async unstable_getByETag(hash: string) {
    const found = this.byHash.get(hash);
    if (!found) throw new Error(`no asset has the hash ${hash}`);
    const stored = await blob(this.host, found[0]);
    return {
      readableStream: stored.body!,
      contentType: found[1] || undefined,
      cacheStatus: "HIT" as const,
    };
  }
}

const indices = new WeakMap<Assets, Map<string, [string, string]>>();

function index(assets: Assets): Map<string, [string, string]> {
  let made = indices.get(assets);
  if (!made) {
    made = new Map(Object.values(assets.files).map(([hash, stored, type]) => [hash, [stored, type]]));
    indices.set(assets, made);
  }
  return made;
}

/** Whether one of the rules, in which `*` stands for anything, is the path's. */
export function matches(rules: string[], pathname: string): boolean {
  return rules.some((rule) => {
    const pattern = rule
      .split("*")
      .map((part) => part.replace(/[-/\\^$*+?.()|[\]{}]/g, "\\$&"))
      .join(".*");
    return new RegExp(`^${pattern}$`).test(pathname);
  });
}
