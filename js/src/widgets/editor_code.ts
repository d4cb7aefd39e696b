// The code that edits in the frame: large, so fetched once per page and only where an editor is shown. A sandboxed frame can
// fetch nothing: it is given the bytes. As the loader does, the server is asked first and the kernel where that says nothing.
import { baseUrl, xsrf } from "./host";
import type { FromKernel } from "./model";
import type { Widget } from "./widget";

const PATIENCE = 30_000;
/** How long the server may take before the kernel is asked as well. */
const SLOW = 3000;
/** When the kernel is asked again: the first question may wait behind a cell that runs. */
const AGAIN = [1000, 3000, 8000];

const codes = new Map<string, Promise<Uint8Array>>();

/** Rejects where neither answered; then it may be asked for again. */
export function editorCode(widget: Widget, hash: string): Promise<Uint8Array> {
  const known = codes.get(hash);
  if (known) return known;
  const coming = load(widget, hash).catch((error) => {
    codes.delete(hash);
    throw error;
  });
  codes.set(hash, coming);
  return coming;
}

async function load(widget: Widget, hash: string): Promise<Uint8Array> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), PATIENCE);
  widget.signal.addEventListener("abort", () => over.abort(), { signal: over.signal });
  const base = widget.transport === "server" ? baseUrl() : null;
  const server = base ? overHttp(base, hash, over.signal) : Promise.reject(new Error("no server"));
  const comm = Promise.race([server, new Promise((resolve) => setTimeout(resolve, SLOW))])
    .then((code) => (code instanceof Uint8Array ? code : overComm(widget, hash, over.signal)))
    .catch(() => overComm(widget, hash, over.signal));
  const late = new Promise<never>((_, reject) =>
    over.signal.addEventListener("abort", () => reject(new Error("no answer"))),
  );
  try {
    return await Promise.race([Promise.any([server, comm]), late]);
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

async function overHttp(base: string, hash: string, signal: AbortSignal): Promise<Uint8Array> {
  const token = xsrf();
  const headers: Record<string, string> = token ? { "X-XSRFToken": token } : {};
  const response = await fetch(`${base}overskill-nb/static/editor-${hash}.js`, { headers, signal });
  if (!response.ok) throw new Error(response.statusText);
  return new Uint8Array(await response.arrayBuffer());
}

function overComm(widget: Widget, hash: string, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const parts = new Map<number, DataView>();
    const receive = (message: FromKernel, buffers: DataView[]) => {
      if (message?.type !== "bundle" || message.hash !== hash || !buffers?.[0]) return;
      parts.set(message.part ?? 0, buffers[0]);
      if (parts.size === (message.parts ?? 1)) resolve(joined([...parts].sort((a, b) => a[0] - b[0]).map((p) => p[1])));
    };
    widget.on("msg:custom", receive, signal);
    const ask = () => widget.tell({ type: "bundle", hash });
    const timers = AGAIN.map((after) => setTimeout(ask, after));
    signal.addEventListener("abort", () => timers.forEach(clearTimeout));
    ask();
  });
}

function joined(parts: DataView[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    all.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return all;
}
