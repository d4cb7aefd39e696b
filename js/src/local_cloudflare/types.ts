/** What the host says about one uploaded version of a script. It never changes. */
export interface Version {
  id: string;
  main: string;
  modules: { name: string; type: "js" | "cjs" | "text" | "data" | "json" | "wasm"; blob: string }[];
  compatibilityDate: string;
  compatibilityFlags: string[];
  env: Record<string, unknown>;
  /** The name of the binding that serves the assets; empty where the script asked for none. */
  assetsBinding: string;
  assets: Assets | null;
}

export interface Assets {
  config: { html_handling?: string; not_found_handling?: string; headers?: object; redirects?: object };
  /** The paths for which the script's code comes first: all, none, or some. */
  workerFirst: boolean | string[];
  /** Path -> [hash, blob, content type]. */
  files: Record<string, [hash: string, blob: string, type: string]>;
}

export interface Fetcher {
  fetch(input: Request | string, init?: RequestInit): Promise<Response>;
}

export interface Code {
  compatibilityDate: string;
  compatibilityFlags: string[];
  mainModule: string;
  modules: Record<string, unknown>;
  env: Record<string, unknown>;
  globalOutbound: Fetcher | null;
  tails?: Fetcher[];
}

export interface Loader {
  get(name: string, code: () => Promise<Code>): { getEntrypoint(name?: string): Fetcher };
}

export interface Props {
  version: string;
}

export interface Context<P = unknown> {
  props: P;
  exports: { AppAssets: Loopback; Tail: Loopback };
  waitUntil(promise: Promise<unknown>): void;
}

type Loopback = (options: { props: Props }) => Fetcher;

export interface Env {
  LOADER: Loader;
  /** Contents by their SHA-256. */
  BLOBS: Fetcher;
  /** The Python process that runs this workerd. */
  HOST: Fetcher;
  /** Public addresses only. */
  INTERNET: Fetcher;
  KEY: string;
}
