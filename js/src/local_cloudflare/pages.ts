const STYLE = "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem}";

/** Cloudflare's page 1101. Unlike Cloudflare's it says what was thrown, since it is the developer who reads it. */
export function exceptionPage(error: unknown): Response {
  const thrown = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const body = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Worker threw exception</title><style>${STYLE}</style>
<h1>Worker threw exception</h1><pre>${escaped(thrown)}</pre><p>Error 1101</p>`;
  return new Response(body, {
    status: 500,
    headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
  });
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
