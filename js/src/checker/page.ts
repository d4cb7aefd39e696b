/** The page that a component is rendered in: happy-dom's, with what it lacks stood in for, and no way out. */
import { Window } from "happy-dom";

export type Page = Window & Record<string, unknown>;

/** Stands for an object of the browser whose effects cannot be seen here: every member is one like it. */
function anything(): unknown {
  // An arrow function could not be called with `new`.
  const target = function stand() {};
  const known = new Map<PropertyKey, unknown>();
  return new Proxy(target, {
    get(_, name) {
      if (name === Symbol.toPrimitive) return () => 0;
      // Not thenable, not iterable: nobody should wait for it or walk through it.
      if (name === "then" || typeof name === "symbol") return undefined;
      if (!known.has(name)) known.set(name, anything());
      return known.get(name);
    },
    set: (_, name, value) => Boolean(known.set(name, value)),
    apply: () => anything(),
    construct: () => anything() as object,
  });
}

const LACKING = ["AudioContext", "webkitAudioContext", "speechSynthesis", "SpeechSynthesisUtterance", "Notification"];
const NETWORK = ["fetch", "WebSocket", "EventSource", "XMLHttpRequest"];

export function makePage(): Page {
  const page = new Window({
    url: "http://preview.localhost/",
    width: 1024,
    height: 768,
    settings: {
      enableJavaScriptEvaluation: true,
      suppressInsecureJavaScriptEnvironmentWarning: true,
      disableJavaScriptFileLoading: true,
      disableComputedStyleRendering: true,
      handleDisabledFileLoadingAsSuccess: true,
      navigation: { disableMainFrameNavigation: true, disableChildFrameNavigation: true },
    },
  }) as unknown as Page;
  const set = (name: string, value: unknown) =>
    Object.defineProperty(page, name, { value, writable: true, configurable: true, enumerable: true });
  // Nothing comes over the network, and nothing fails: what loads stays as it looks while it loads.
  set("fetch", () => new Promise(() => undefined));
  for (const name of NETWORK.slice(1)) set(name, anything());
  for (const name of LACKING) if (!(name in page)) set(name, anything());
  for (const name of ["print", "open", "close", "scrollTo"]) set(name, () => undefined);
  set("structuredClone", structuredClone);
  set("TextEncoder", TextEncoder);
  set("TextDecoder", TextDecoder);
  set("MessageChannel", Channel);
  const canvas = (page.HTMLCanvasElement as unknown as { prototype: object }).prototype;
  Object.defineProperty(canvas, "getContext", { value: () => anything() });
  const media = (page.HTMLMediaElement as unknown as { prototype: object }).prototype;
  Object.defineProperty(media, "play", { value: () => Promise.resolve() });
  const element = (page.Element as unknown as { prototype: object }).prototype;
  if (!("animate" in element)) Object.defineProperty(element, "animate", { value: () => anything() });
  return page;
}

/** Node's own would keep the page from being forgotten. */
class Channel {
  port1 = new Port();
  port2 = new Port();

  constructor() {
    this.port1.other = this.port2;
    this.port2.other = this.port1;
  }
}

class Port {
  other: Port | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;

  postMessage(data: unknown): void {
    setImmediate(() => this.other?.onmessage?.({ data }));
  }

  start(): void {}
  close(): void {}
}
