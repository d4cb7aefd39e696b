// The widget's `_esm`. It is stored in every notebook that shows a preview, so it only fetches the preview bundle (from the
// server where there is one, else through the comm), once a page, and hands the model and its views over.
import type { FromKernel, Model } from "./model";
import type { PreviewModule } from "./preview";

const PATIENCE = 10_000;
/** When the kernel is asked again: the first question may wait behind a cell that runs, a later one has a way around. */
const AGAIN = [1000, 3000, 8000];

interface Shared {
  bundles?: Record<string, Promise<PreviewModule> | undefined>;
  loaded?: Record<string, PreviewModule | undefined>;
}

interface Hook {
  model: Model;
  signal?: AbortSignal;
}

const page = globalThis as unknown as Record<symbol, Shared>;
const KEY = Symbol.for("overskill_nb");

function shared(): Required<Shared> {
  page[KEY] ??= {};
  const all = page[KEY];
  all.bundles ??= {};
  all.loaded ??= {};
  return all as Required<Shared>;
}

interface Server {
  base: string;
  /** What a JupyterHub wants with what code asks for. */
  query: string;
}

/** The server's address in JupyterLab 4, Notebook 7, Voila and nbclassic; null in hosts that have none. */
function serverOf(): Server | null {
  try {
    const text = document.getElementById("jupyter-config-data")?.textContent;
    const config = text ? JSON.parse(text) : { baseUrl: document.body.dataset.baseUrl };
    if (typeof config.baseUrl !== "string") return null;
    const token = config.hubPrefix && /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie)?.[1];
    const query = token ? `?_xsrf=${encodeURIComponent(token)}` : "";
    return { base: new URL(config.baseUrl, location.href).href, query };
  } catch {
    return null;
  }
}

function overComm(model: Model, hash: string, signal: AbortSignal): Promise<PreviewModule> {
  return new Promise((resolve, reject) => {
    const parts = new Map<number, DataView>();
    const listener = (message: FromKernel, buffers: DataView[]) => {
      if (message?.type !== "bundle" || message.hash !== hash || !buffers?.[0]) return;
      parts.set(message.part ?? 0, buffers[0]);
      if (parts.size < (message.parts ?? 1)) return;
      stop();
      model.off("msg:custom", listener);
      const bytes = [...parts].sort((a, b) => a[0] - b[0]).map((p) => p[1]) as unknown as BlobPart[];
      const url = URL.createObjectURL(new Blob(bytes, { type: "text/javascript" }));
      import(url).then(resolve, reject).finally(() => URL.revokeObjectURL(url));
    };
    // An answer that comes late is of use, too.
    model.on("msg:custom", listener);
    const ask = () => {
      try {
        model.send({ type: "bundle", hash });
      } catch (error) {
        reject(error);
      }
    };
    const timers = AGAIN.map((after) => setTimeout(ask, after));
    const stop = () => timers.forEach(clearTimeout);
    signal.addEventListener("abort", stop);
    ask();
  });
}

/** The server answers, or fails, or says nothing for a while; then the kernel is asked as well and the first one wins. */
async function fetchBundle(model: Model, hash: string): Promise<PreviewModule> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE);
  const host = model.get("transport") === "server" ? serverOf() : null;
  const server = host
    ? import(`${host.base}overskill-nb/static/preview-${hash}.js${host.query}`)
    : Promise.reject(new Error("no server"));
  const slow = new Promise((resolve) => setTimeout(resolve, 3000));
  const comm = Promise.race([server, slow])
    .catch(() => {})
    .then(() => (page[KEY]?.loaded?.[hash] ? never() : overComm(model, hash, giveUp.signal)));
  try {
    const first = Promise.any([server.then(remember(hash)), comm.then(remember(hash))]);
    return await Promise.race([first, after(giveUp.signal)]);
  } finally {
    clearTimeout(timer);
    giveUp.abort();
  }
}

const never = () => new Promise<PreviewModule>(() => {});

const after = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new Error("no answer"))));

const remember = (hash: string) => (module: PreviewModule) => {
  shared().loaded[hash] ??= module;
  return shared().loaded[hash] as PreviewModule;
};

function bundle(model: Model): Promise<PreviewModule> {
  const hash = model.get("bundle");
  const { bundles } = shared();
  // Asked for already, maybe by a model whose comm was gone before the answer, as after a reload: then this one asks.
  const coming = bundles[hash];
  if (coming) return coming.catch(() => bundle(model));
  const asked = fetchBundle(model, hash).catch((error) => {
    delete bundles[hash];
    throw error;
  });
  bundles[hash] = asked;
  return asked;
}

function say(el: HTMLElement, text: string, failed = false): void {
  const box = document.createElement("div");
  box.setAttribute("role", failed ? "alert" : "status");
  box.style.cssText =
    "font:13px var(--jp-ui-font-family,system-ui,sans-serif);padding:6px 0;" +
    `color:${failed ? "var(--jp-error-color1,#c62828)" : "var(--jp-ui-font-color2,GrayText)"}`;
  box.textContent = text;
  el.replaceChildren(box);
}

/** Called once per model by anywidget, so that what a model's views share lives in this closure. */
export default function overskill() {
  const life = new AbortController();
  let owner: Model | undefined;
  return {
    initialize({ model, signal }: Hook) {
      owner = model;
      signal?.addEventListener("abort", () => life.abort());
      return () => life.abort();
    },

    render({ model, el, signal }: Hook & { el: HTMLElement }) {
      const view = new AbortController();
      signal?.addEventListener("abort", () => view.abort());
      const mount = (preview: PreviewModule) => {
        if (view.signal.aborted) return;
        el.replaceChildren();
        preview.mount({ model: owner ?? model, modelSignal: life.signal, el, signal: view.signal });
      };
      const loaded = shared().loaded[model.get("bundle")];
      if (loaded) mount(loaded);
      else {
        say(el, "Loading…");
        // Not awaited: anywidget gives up on a widget that takes longer than 2 seconds.
        bundle(model).then(mount, (error) => {
          console.warn("[overskill_nb] the bundle did not load", error);
          say(
            el,
            "This output could not be loaded: neither the server nor the kernel answered. Run the cell again.",
            true,
          );
          const late = setInterval(() => {
            const module = shared().loaded[model.get("bundle")];
            if (!module) return;
            clearInterval(late);
            mount(module);
          }, 500);
          view.signal.addEventListener("abort", () => clearInterval(late));
        });
      }
      return () => view.abort();
    },
  };
}
