// The worker's script as it runs in the browser, with a WebSocket whose fate the test decides.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FromWorker, ToWorker } from "../../src/widgets/socket_messages";

class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    return FakeSocket.all.at(-1) as FakeSocket;
  }
  readyState = 0;
  sent: { type: string; [key: string]: unknown }[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    const message = JSON.parse(text);
    // What each connection begins with.
    if (message.id === -1) this.says({ type: "reply", id: -1, result: { type: "done" }, failure: null });
    else this.sent.push(message);
  }
  close(): void {
    this.readyState = 3;
  }
  opens(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  drops(): void {
    this.readyState = 3;
    this.onclose?.();
  }
  says(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let told: FromWorker[] = [];
const scope = { postMessage: (message: FromWorker) => told.push(message) } as {
  postMessage(message: FromWorker): void;
  onmessage?: (event: { data: ToWorker }) => void;
};
const tell = (data: ToWorker) => scope.onmessage?.({ data });
const of = <T extends FromWorker["type"]>(type: T) =>
  told.filter((message): message is Extract<FromWorker, { type: T }> => message.type === type);
const states = () => of("connection").map((message) => message.state);
const got: { seq: number }[] = [];
const port = { postMessage: (data: { seq: number }) => got.push(data), close() {} } as unknown as MessagePort;
const update = (seq: number) => ({
  type: "event" as const,
  client: "c1",
  event: {
    type: "update",
    app: "tips",
    build: "b1",
    seq,
    modules: [],
    vendor: [],
    diagnostics: [],
    reload: "",
  } as never,
});
const snapshot = {
  type: "event" as const,
  client: "c1",
  event: { type: "snapshot", app: "tips", build: "b1", seq: 1, vendor: [], diagnostics: [] } as never,
};

beforeEach(async () => {
  vi.useFakeTimers();
  vi.resetModules();
  told = [];
  got.length = 0;
  FakeSocket.all = [];
  vi.stubGlobal("self", scope);
  vi.stubGlobal("WebSocket", FakeSocket);
  await import("../../src/widgets/socket_worker");
  tell({ type: "open", url: "ws://host/overskill-nb/api/socket", xsrf: "" });
  tell({ type: "follow", following: { client: "c1", app: "tips", module: "", port } });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Lets this many tries to connect fail. */
function fail(times: number): void {
  for (let i = 0; i < times; i += 1) {
    FakeSocket.last.drops();
    vi.advanceTimersByTime(10_000);
  }
}

describe("the socket", () => {
  it("subscribes when it opens, and posts updates straight to the frame", () => {
    FakeSocket.last.opens();
    expect(FakeSocket.last.sent).toMatchObject([{ type: "subscribe", client: "c1", seq: -1 }]);
    FakeSocket.last.says(snapshot);
    FakeSocket.last.says(update(2));
    expect(got.map((message) => message.seq)).toEqual([1, 2]);
    expect(of("notice").map((message) => message.notice.type)).toEqual(["snapshot", "update"]);
  });

  it("fetches packages beside it, until that fails", async () => {
    const fetched: string[] = [];
    vi.stubGlobal("fetch", (url: string) => {
      fetched.push(url);
      return Promise.resolve({ ok: false, statusText: "Not Found" });
    });
    FakeSocket.last.opens();
    expect(FakeSocket.last.sent).toMatchObject([{ type: "subscribe", fetches: true }]);
    FakeSocket.last.says({ ...snapshot, event: { ...(snapshot.event as object), vendor: [{ id: "a1", code: null }] } });
    await vi.waitFor(() => expect(FakeSocket.last.sent).toHaveLength(2));
    expect(fetched).toEqual(["http://host/overskill-nb/static/chunk-a1"]);
    expect(FakeSocket.last.sent[1]).toMatchObject({ type: "subscribe", fetches: false });
  });

  it("tells the page of deployments, whoever follows what", () => {
    FakeSocket.last.opens();
    const event = { type: "deployment_changed", app: "shop", deployment: { id: "d1", status: "building" } };
    FakeSocket.last.says({ type: "event", client: "", event });
    expect(of("everybody").map((message) => message.notice)).toEqual([event]);
    expect(of("notice")).toEqual([]);
  });

  it("reconnects and asks for what it missed", () => {
    FakeSocket.last.opens();
    FakeSocket.last.says(snapshot);
    FakeSocket.last.drops();
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.all).toHaveLength(2);
    FakeSocket.last.opens();
    expect(FakeSocket.last.sent).toMatchObject([{ type: "subscribe", build: "b1", seq: 1 }]);
    expect(states()).toEqual(["open", "connecting", "open"]);
  });

  it("asks for a sign of life when it is quiet, and gives up a connection that gives none", () => {
    FakeSocket.last.opens();
    vi.advanceTimersByTime(4000);
    expect(FakeSocket.last.sent.at(-1)).toMatchObject({ type: "call", id: 0, request: { type: "ping" } });
    FakeSocket.last.says({ type: "reply", id: 0, result: null, failure: null });
    expect(of("reply")).toEqual([]);
    vi.advanceTimersByTime(9000);
    expect(FakeSocket.all).toHaveLength(1);
    vi.advanceTimersByTime(1100);
    expect(states().at(-1)).toBe("connecting");
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("waits longer each time, because a slow line looks like a dead one, until there is an answer", () => {
    const lasts = () => {
      const socket = FakeSocket.last;
      socket.opens();
      let seconds = 0;
      for (; socket.readyState === 1; seconds += 1) vi.advanceTimersByTime(1000);
      vi.advanceTimersByTime(10_000);
      return seconds;
    };
    expect([lasts(), lasts(), lasts()]).toEqual([10, 16, 28]);
    FakeSocket.last.opens();
    vi.advanceTimersByTime(4000);
    FakeSocket.last.says({ type: "reply", id: 0, result: null, failure: null });
    FakeSocket.last.drops();
    vi.advanceTimersByTime(1000);
    expect(lasts()).toBe(10);
  });

  it("tries at once when the page wakes up", () => {
    fail(1);
    FakeSocket.last.drops();
    const tries = FakeSocket.all.length;
    tell({ type: "wake" });
    expect(FakeSocket.all).toHaveLength(tries + 1);
  });

  it("keeps a call until it is open", () => {
    const message = { type: "call", id: 7, request: { type: "inspect" } } as const;
    tell({ type: "call", client: "c1", message });
    FakeSocket.last.opens();
    expect(FakeSocket.last.sent.at(-1)).toEqual(message);
    FakeSocket.last.says({ type: "reply", id: 7, result: { type: "done" }, failure: null });
    expect(of("reply")).toMatchObject([{ reply: { id: 7 } }]);
  });
});

describe("a server out of reach", () => {
  it("is one too where each connection is dropped before anything comes over it", () => {
    for (let tries = 0; tries < 3; tries += 1) {
      FakeSocket.last.onmessage = null;
      FakeSocket.last.opens();
      FakeSocket.last.drops();
      vi.advanceTimersByTime(10_000);
    }
    expect(states().at(-1)).toBe("relayed");
  });

  it("is replaced by the comm after a few tries, with the same numbers", () => {
    FakeSocket.last.opens();
    FakeSocket.last.says(snapshot);
    fail(3);
    expect(states().at(-1)).toBe("relayed");
    expect(of("relay").at(-1)).toMatchObject({ client: "c1", message: { type: "subscribe", build: "b1", seq: 1 } });
    tell({ type: "relayed", client: "c1", message: update(2) });
    expect(got.map((message) => message.seq)).toEqual([1, 2]);
  });

  it("takes over again when the socket opens", () => {
    fail(3);
    tell({ type: "relayed", client: "c1", message: snapshot });
    FakeSocket.last.opens();
    expect(of("relay").at(-1)).toMatchObject({ message: { type: "unsubscribe", client: "c1" } });
    expect(FakeSocket.last.sent).toMatchObject([{ type: "subscribe", build: "b1", seq: 1 }]);
    tell({ type: "relayed", client: "c1", message: update(2) });
    FakeSocket.last.says(update(2));
    FakeSocket.last.says(update(3));
    expect(got.map((message) => message.seq)).toEqual([1, 2, 3]);
    expect(states().at(-1)).toBe("open");
  });
});
