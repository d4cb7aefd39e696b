/**
 * Routers need addresses, and a `srcdoc` document has none: its history refuses every URL, its `location` cannot be
 * replaced, and going elsewhere ends the frame. So there is a virtual location; modules and packages get it in place of
 * `location`, history's methods move it, and routers that go by the document's window get a window that has it.
 */
const BASE = "http://preview.localhost";

let url = new URL("/", BASE);
let refused: (url: string) => void = () => {};

/** The methods and properties of `Location`. */
const virtual = {
  get href() {
    return url.href;
  },
  set href(to: string) {
    go(to, "push");
  },
  get hash() {
    return url.hash;
  },
  set hash(hash: string) {
    const next = new URL(url);
    next.hash = hash;
    if (next.href !== url.href) go(next.href, "push");
  },
  get pathname() {
    return url.pathname;
  },
  set pathname(path: string) {
    go(withPart("pathname", path), "push");
  },
  get search() {
    return url.search;
  },
  set search(search: string) {
    go(withPart("search", search), "push");
  },
  get origin() {
    return url.origin;
  },
  get protocol() {
    return url.protocol;
  },
  get host() {
    return url.host;
  },
  get hostname() {
    return url.hostname;
  },
  get port() {
    return url.port;
  },
  assign: (to: string | URL) => go(String(to), "push"),
  replace: (to: string | URL) => go(String(to), "replace"),
  reload: () => window.location.reload(),
  toString: () => url.href,
  toJSON: () => url.href,
};
Object.defineProperty(virtual, Symbol.toStringTag, { value: "Location" });

function withPart(part: "pathname" | "search", value: string): string {
  const next = new URL(url);
  next[part] = value;
  return next.href;
}

/** What a link or an assignment asks for: within the app it is a step of its history, elsewhere it is refused. */
export function go(to: string, how: "push" | "replace"): void {
  const next = parse(to);
  if (!next || next.origin !== BASE) {
    refused(next ? next.href : to);
    return;
  }
  const onlyHash = next.pathname === url.pathname && next.search === url.search;
  const before = url.href;
  move(null, next, how);
  window.dispatchEvent(new PopStateEvent("popstate", { state: null }));
  if (onlyHash && before !== next.href) announceHash(before);
}

function announceHash(before: string): void {
  window.dispatchEvent(new HashChangeEvent("hashchange", { oldURL: before, newURL: url.href }));
}

function parse(to: string): URL | null {
  try {
    return new URL(to, url);
  } catch {
    return null;
  }
}

const MARK = "__overskill_url";
const push = History.prototype.pushState;
const replace = History.prototype.replaceState;
const state = Object.getOwnPropertyDescriptor(History.prototype, "state")?.get;

function move(value: unknown, next: URL, how: "push" | "replace"): void {
  url = next;
  (how === "push" ? push : replace).call(window.history, { [MARK]: url.href, state: value }, "");
}

export function installLocation(onRefused: (url: string) => void): void {
  refused = onRefused;
  const moving = (how: "push" | "replace") => (value: unknown, _title: string, to?: string | URL | null) => {
    const next = to === undefined || to === null ? url : parse(String(to));
    if (!next || next.origin !== BASE)
      throw new DOMException(`The address '${to}' is not one of this app`, "SecurityError");
    move(value, next, how);
  };
  History.prototype.pushState = moving("push");
  History.prototype.replaceState = moving("replace");
  Object.defineProperty(History.prototype, "state", {
    configurable: true,
    enumerable: true,
    get(this: History) {
      const value = state?.call(this);
      return isMarked(value) ? value.state : value;
    },
  });
  // Back and forward: the address first, then everybody's listeners.
  window.addEventListener(
    "popstate",
    (event) => {
      if (!event.isTrusted) return;
      const before = url;
      url = new URL(isMarked(event.state) ? event.state[MARK] : "/", BASE);
      if (isMarked(event.state)) {
        const value = event.state.state;
        Object.defineProperty(event, "state", { configurable: true, get: () => value });
      }
      if (before.hash !== url.hash && before.pathname === url.pathname) queueMicrotask(() => announceHash(before.href));
    },
    true,
  );
}

function isMarked(value: unknown): value is { [MARK]: string; state: unknown } {
  return typeof value === "object" && value !== null && MARK in value;
}

export const location: unknown = virtual;

/** The window as routers see it: methods bound, constructors as they are. */
let routed: unknown;
export function routedWindow(): unknown {
  routed ??= new Proxy(window, {
    get(target, key) {
      if (key === "location") return virtual;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" && !Object.hasOwn(value, "prototype") ? value.bind(target) : value;
    },
    set: (target, key, value) => {
      if (key === "location") go(String(value), "push");
      else Reflect.set(target, key, value, target);
      return true;
    },
  });
  return routed;
}
