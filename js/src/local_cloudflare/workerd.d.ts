// The parts of workerd that the dispatcher uses.
declare module "cloudflare:workers" {
  export class WorkerEntrypoint<Env = unknown, Props = unknown> {
    constructor(ctx: import("./types").Context<Props>, env: Env);
    protected ctx: import("./types").Context<Props>;
    protected env: Env;
  }
}

declare module "asset-worker" {
  import { WorkerEntrypoint } from "cloudflare:workers";

  export default class AssetWorker extends WorkerEntrypoint<{ CONFIG: object }> {
    fetch(request: Request): Promise<Response>;
    unstable_canFetch(request: Request): Promise<boolean>;
    unstable_exists(pathname: string): Promise<string | null>;
    unstable_getByETag(
      eTag: string,
    ): Promise<{ readableStream: ReadableStream; contentType: string | undefined; cacheStatus: "HIT" | "MISS" }>;
  }
}
