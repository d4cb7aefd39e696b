// Leads a request to the app it is for: by host (tips--preview.example.com) where there is a DOMAIN, else by path
// (/preview/tips/…). Never both, since apps by path share one origin, which none of a domain's apps may be drawn into.
// What apps are there is asked of the dispatch namespaces alone.

const ENVIRONMENTS = { production: "PRODUCTION", staging: "STAGING", preview: "PREVIEW" };
const NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
/** Set where the app does not set them itself. Whether an app may be framed is the app's own matter. */
const SECURITY = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "strict-origin-when-cross-origin",
};

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const app = env.DOMAIN ? byHost(url, env.DOMAIN) : byPath(url);
    if (!app) return page(404, "No such app", "There is no app at this address.");
    if (app.bare) return Response.redirect(`${url.origin}${app.prefix}/${url.search}`, 308);
    try {
      return finished(await ask(app, url, request, env), app, url);
    } catch (error) {
      return failed(error);
    }
  },
};

function byHost(url, domain) {
  if (!url.hostname.endsWith(`.${domain}`)) return null;
  const label = url.hostname.slice(0, -domain.length - 1);
  const [, name, environment = "production"] = /^(.*?)(?:--([a-z]+))?$/.exec(label);
  return known(name, environment) ? { name, environment, prefix: "" } : null;
}

function byPath(url) {
  const [, environment, name, rest] = /^\/([a-z]+)\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? [];
  if (!environment || !known(name, environment)) return null;
  return { name, environment, prefix: `/${environment}/${name}`, bare: rest === undefined };
}

function known(name, environment) {
  return NAME.test(name) && Object.hasOwn(ENVIRONMENTS, environment);
}

async function ask({ name, environment, prefix }, url, request, env) {
  const headers = new Headers(request.headers);
  headers.delete("Cloudflare-Workers-Version-Overrides"); // it would choose another version of the app
  const inner = new URL(url);
  inner.pathname = url.pathname.slice(prefix.length);
  const worker = env[ENVIRONMENTS[environment]].get(name, {}, { limits: env.LIMITS ?? {} });
  return await worker.fetch(new Request(inner, new Request(request, { headers, redirect: "manual" })));
}

async function finished(response, app, url) {
  if (response.webSocket) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(SECURITY)) if (!headers.has(name)) headers.set(name, value);
  if (app.environment !== "production") headers.set("x-robots-tag", "noindex");
  const { status, statusText } = response;
  if (!app.prefix) return new Response(response.body, { status, statusText, headers });
  const location = headers.get("location");
  if (location) headers.set("location", placed(location, app.prefix, url));
  if (!/^text\/html\b/i.test(headers.get("content-type") ?? "") || !response.body) {
    return new Response(response.body, { status, statusText, headers });
  }
  headers.delete("content-length");
  return new Response(rewritten(await response.text(), app.prefix), { status, statusText, headers });
}

/** An app by path has its absolute addresses below its prefix. The client undoes exactly this when it verifies. */
function rewritten(html, prefix) {
  return html.replace(/(\s(?:src|href|action|poster)=["'])\/(?!\/)/g, `$1${prefix}/`);
}

function placed(location, prefix, url) {
  if (location.startsWith("/") && !location.startsWith("//")) return prefix + location;
  const target = URL.parse(location);
  return target?.origin === url.origin ? `${prefix}${target.pathname}${target.search}${target.hash}` : location;
}

function failed(error) {
  const message = String(error?.message ?? error);
  if (message.startsWith("Worker not found")) return page(404, "No such app", "There is no app at this address.");
  if (/CPU time limit|memory limit|[Tt]oo many subrequests|exceeded.*limit/.test(message)) {
    return page(429, "Over its limit", "The app took more time or memory than it may. Try again in a moment.");
  }
  console.error("An app failed:", message); // for the account's logs, never for visitors
  return page(500, "The app failed", "It ended with an error. Its author finds it in the app's logs.");
}

function page(status, title, text) {
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem;color-scheme:light dark}</style>
<h1>${title}</h1><p>${text}</p>
`;
  const headers = {
    ...SECURITY,
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors *",
    "x-robots-tag": "noindex",
  };
  if (status === 429) headers["retry-after"] = "10";
  return new Response(body, { status, headers });
}
