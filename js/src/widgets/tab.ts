// A preview that fills a window of its own: the server's page at `overskill-nb/tab/<app>`.
import { baseUrl, onTheme, theme } from "./host";
import { Live } from "./live";
import type { PreviewModule } from "./preview";
import { SocketTransport } from "./socket_transport";
import { keyOf, type Source } from "./source";
import { initial, type State } from "./state";
import { Store } from "./store";
import { renderView } from "./view";

const mounted = new WeakSet<HTMLElement>();

export function mountTab(element: HTMLElement): void {
  const base = baseUrl();
  if (!base || mounted.has(element)) return;
  mounted.add(element);
  const { app = "", module = "", export: name = "", allow = "" } = element.dataset;
  const target = { module, export: name };
  const source: Source = {
    app,
    target,
    name: element.dataset.name ?? app.replace(/-[^-]*$/, ""),
    props: openerProps(keyOf({ app, target })),
    functions: [],
    allow: allow.split(/[\s,]+/).filter(Boolean),
    transport: "server",
    relay: () => false,
    invoke: () => false,
  };
  document.title = name || source.name;
  Object.assign(element.style, { position: "fixed", inset: "0", margin: "0" });
  document.body.style.margin = "0";
  const store = new Store<State>({ ...initial, theme: theme(), isTab: true, title: document.title });
  const transport = new SocketTransport(base);
  const live = new Live({
    store,
    reports: null,
    source: () => source,
    transport: () => transport,
    place: (frame) => element.append(frame),
    fits: () => false,
    sized: () => {},
  });
  renderView(element, store, {
    reload: () => live.reload(),
    setDevice: () => {},
    setHeight: () => {},
    previewHeight: () => {},
    toggleFull: () => {},
  });
  onTheme((now) => {
    store.set({ theme: now });
    if (live.frame) live.frame.theme = now;
  });
  live.start();
}

/** The page that opened this tab knows the component's props; a tab that was opened by hand goes without. */
function openerProps(key: string): Record<string, unknown> {
  try {
    const shared = window.opener?.[Symbol.for("overskill_nb")] as
      | { loaded?: Record<string, PreviewModule | undefined> }
      | undefined;
    const found = Object.values(shared?.loaded ?? {}).map((preview) => preview?.propsOf(key) ?? {});
    return structuredClone(found.find((props) => Object.keys(props).length > 0) ?? {});
  } catch {
    return {};
  }
}
