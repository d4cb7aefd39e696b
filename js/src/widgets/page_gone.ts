// A socket that closes tells the engine that its page is gone. A kernel hears nothing of a page that is closed or loaded
// anew, and would go on sending updates to it.
import type { Listener } from "./transport";

/**
 * Takes leave for the clients that are reached through comms. `back` where the browser shows the same page again, or the
 * network is back: what came through the kernel meanwhile may be lost.
 */
export function onPageGone(clients: () => ReadonlyMap<string, Listener>, back: (client: string) => void): void {
  if (typeof addEventListener !== "function") return;
  addEventListener("pagehide", () => {
    for (const [client, listener] of clients()) listener.relay({ type: "unsubscribe", client });
  });
  const again = () => {
    for (const client of clients().keys()) back(client);
  };
  addEventListener("pageshow", ({ persisted }) => persisted && again());
  addEventListener("online", again);
}
