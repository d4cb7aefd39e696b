// The dedicated worker that owns the page's one socket. Updates go from here straight into the frames' ports, so that a
// busy notebook page delays nothing. While the socket cannot be opened, messages go through the widgets' comms instead.
import { Hub } from "./hub";
import type { ToEngine } from "./model";
import { Socket } from "./socket";
import type { FromWorker, ToWorker } from "./socket_messages";
import { type Connection, isNews } from "./transport";

/** Tries that may fail before the comm takes over. */
const TRIES = 3;
/** How long a chunk may take on a slow line, in milliseconds. */
const FETCHING = 120_000;

const page = self as unknown as {
  postMessage(message: FromWorker): void;
  onmessage: ((event: { data: ToWorker }) => void) | null;
};

let socket: Socket | null = null;
let relaying = false;
/** Calls made before the socket opened. */
let early: { client: string; message: ToEngine }[] = [];

/** Where chunks of packages are; empty once one could not be had there. */
let chunks = "";
/** Goes with each request for one. */
let headers: Record<string, string> = {};

const hub = new Hub({
  engine(client, message) {
    const direct: ToEngine = message.type === "subscribe" ? { ...message, fetches: chunks !== "" } : message;
    if (socket?.send(direct)) return true;
    if (relaying) page.postMessage({ type: "relay", client, message });
    return relaying;
  },
  notice: (client, notice) => page.postMessage({ type: "notice", client, notice }),
  async fetch(id) {
    try {
      const response = await fetch(chunks + id, { headers, signal: AbortSignal.timeout(FETCHING) });
      if (!response.ok) throw new Error(response.statusText);
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      chunks = "";
      throw error;
    }
  },
});

function tell(state: Connection): void {
  page.postMessage({ type: "connection", state });
}

function call(client: string, message: ToEngine): void {
  if (socket?.send(message)) return;
  if (relaying) page.postMessage({ type: "relay", client, message });
  else early.push({ client, message });
}

function flush(): void {
  const calls = early;
  early = [];
  for (const { client, message } of calls) call(client, message);
}

function open(url: string, xsrf: string): void {
  headers = xsrf ? { "X-XSRFToken": xsrf } : {};
  chunks = new URL("../static/chunk-", url.replace(/^ws/, "http")).href;
  socket = new Socket(url, {
    opened() {
      const comms = relaying ? hub.clients : [];
      relaying = false;
      for (const client of comms) page.postMessage({ type: "relay", client, message: { type: "unsubscribe", client } });
      hub.resume();
      flush();
      tell("open");
    },
    closed(failures) {
      if (failures < TRIES) {
        if (!relaying) tell("connecting");
        return;
      }
      if (relaying) return;
      relaying = true;
      tell("relayed");
      hub.resume();
      flush();
    },
    message(message) {
      if (message.type === "reply") page.postMessage({ type: "reply", reply: message });
      else if (isNews(message.event)) page.postMessage({ type: "everybody", notice: message.event });
      else hub.receive(message);
    },
  });
}

page.onmessage = ({ data }) => {
  switch (data.type) {
    case "open":
      return open(data.url, data.xsrf);
    case "follow":
      return hub.follow(data.following);
    case "unfollow":
      return hub.unfollow(data.client);
    case "call":
      return call(data.client, data.message);
    case "relayed":
      if (data.message.type === "event") hub.receive(data.message);
      return;
    case "resume":
      if (relaying) hub.resume(data.client);
      return;
    case "wake":
      return socket?.wake();
  }
};
