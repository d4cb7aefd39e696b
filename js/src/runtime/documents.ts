/**
 * The documents of the two frames. The outer one carries the Content-Security-Policy and makes the inner one, which
 * inherits it and runs the app: with `frame-src 'none'` even a navigation of the inner frame leads nowhere.
 */
export interface DocumentOptions {
  /** Origins that the app may talk to and load pictures, fonts and styles from. */
  allow: readonly string[];
  /** The bundled script of `inner.ts`. */
  inner: string;
}

/** An origin as a policy may name it: nothing that could end a directive or an attribute. */
const ORIGIN = /^(?:https?|wss?):\/\/(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::(?:\d{1,5}|\*))?$/i;
const ADDRESS = /^(?:https?|wss?):\/\/\[[0-9a-f:.]+\](?::\d{1,5})?$/i;

export function policy(allow: readonly string[]): string {
  const origins = allow.map((o) => o.replace(/\/$/, "")).filter((o) => ORIGIN.test(o) || ADDRESS.test(o));
  const allowed = [...new Set(origins)].join(" ");
  const sources = (...own: string[]) => [...own, allowed].filter(Boolean).join(" ");
  return [
    "default-src 'none'",
    "script-src 'unsafe-inline' 'unsafe-eval' blob:",
    `style-src ${sources("'unsafe-inline'")}`,
    `img-src ${sources("data:", "blob:")}`,
    `font-src ${sources("data:", "blob:")}`,
    `media-src ${sources("data:", "blob:")}`,
    `connect-src ${allowed || "'none'"}`,
    "worker-src blob:",
    "frame-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
}

/** The srcdoc of the outer frame. */
export function outerDocument({ allow, inner }: DocumentOptions): string {
  const document = `<!doctype html><html><head><meta charset="utf-8"><script>${inScript(inner)}</script></head><body></body></html>`;
  return `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy(allow)}">
<style>:root{color-scheme:light dark}html,body{margin:0;height:100%;overflow:hidden;background:transparent}iframe{display:block;border:0;width:100%;height:100%}</style></head>
<body><script>(${inScript(outer.toString())})(${inScript(JSON.stringify(document))})</script></body></html>`;
}

/** Text for a script element: what would end it, or make it a comment, only ever stands in strings. */
function inScript(code: string): string {
  return code.replace(/<(?=\/script|!--)/gi, "\\x3C");
}

/**
 * Runs in the outer frame. It has to be complete in itself: its source is what goes into the document.
 * An inner frame that has gone elsewhere is lost with its ports; then the outer one loads again and gets new ones.
 */
function outer(inner: string): void {
  let start: MessageEvent | null = null;
  let loaded = false;
  let frame: HTMLIFrameElement | null = null;
  const forward = () => {
    if (!start || !loaded || !frame?.contentWindow) return;
    frame.contentWindow.postMessage(start.data, "*", [...start.ports]);
    start = null;
  };
  addEventListener("message", (event) => {
    if (event.source === parent && event.data?.type === "start" && event.ports.length === 2) {
      start ??= event;
      forward();
    }
  });
  frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts allow-forms");
  frame.addEventListener("load", () => {
    if (!loaded) {
      loaded = true;
      forward();
      return;
    }
    // The name is the one thing that outlives a load here. An app that leaves at once is not followed for ever.
    const last = Number(window.name) || 0;
    window.name = String(Date.now());
    if (Date.now() - last > 3000) location.reload();
  });
  frame.srcdoc = inner;
  document.body.append(frame);
}
