import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Likely, Module, Snapshot, Update, Vendor } from "../../src/protocol";
import { Hub } from "../../src/widgets/hub";
import type { ToEngine } from "../../src/widgets/model";
import type { Notice } from "../../src/widgets/transport";

const page = { title: "", head: "", body: "", html_attributes: {}, body_attributes: {} };
const chunk = (id: string, code: string | null = `code of ${id}`): Vendor => ({ id, code });

function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return {
    ...{ type: "snapshot", app: "tips", build: "b1", seq: 4, page, entries: [], globals: [], vendor: [], modules: [] },
    ...{ diagnostics: [], allow: [] },
    ...change,
  } as Snapshot;
}

function update(seq: number, change: Partial<Update> = {}): Update {
  return {
    ...{
      type: "update",
      app: "tips",
      build: "b1",
      seq,
      modules: [],
      removed: [],
      vendor: [],
      globals: null,
      page: null,
    },
    ...{ reload: "", diagnostics: [], origin: "cell", sent: 0 },
    ...change,
  } as Update;
}

let now = 0;
let open = true;
let sent: ToEngine[] = [];
let notices: Notice[] = [];
let hub: Hub;
interface Got {
  type: string;
  seq: number;
  id: string;
  code: Uint8Array;
  vendor: Vendor[];
}
let frame: { got: Got[]; port: MessagePort; say(data: unknown): void };

const event = (body: Snapshot | Update | Likely) => hub.receive({ type: "event", client: "c1", event: body });
const subscribes = () => sent.filter((message) => message.type === "subscribe");

/** The page's end of a port: what is posted into it, and what the frame says. */
function port() {
  const got: Got[] = [];
  const own = {
    onmessage: null as ((event: { data: unknown }) => void) | null,
    postMessage: (data: never) => got.push(data),
    close: () => {},
  };
  return { got, port: own as unknown as MessagePort, say: (data: unknown) => own.onmessage?.({ data }) };
}

beforeEach(() => {
  now = 1000;
  open = true;
  sent = [];
  notices = [];
  hub = new Hub(
    {
      engine: (_client, message) => {
        if (open) sent.push(message);
        return open;
      },
      notice: (_client, notice) => notices.push(notice),
    },
    () => now,
  );
  frame = port();
  hub.follow({ client: "c1", app: "tips", module: "src/Tip.tsx", port: frame.port });
});

describe("following", () => {
  it("asks for everything first", () => {
    const base = { type: "subscribe", client: "c1", app: "tips", module: "src/Tip.tsx" };
    expect(sent).toEqual([{ ...base, build: "", seq: -1, have: [] }]);
  });

  it("hands on a snapshot and the updates after it, and tells the page only of the diagnostics", () => {
    event(snapshot({ modules: [{ id: "a" } as Module] }));
    event(update(5, { modules: [{ id: "a" } as Module] }));
    expect(frame.got.map((message) => [message.type, message.seq])).toEqual([
      ["snapshot", 4],
      ["update", 5],
    ]);
    expect(notices).toEqual([
      { type: "snapshot", build: "b1", seq: 4, diagnostics: [] },
      { type: "update", build: "b1", seq: 5, diagnostics: [], reload: "", modules: 1 },
    ]);
  });

  it("drops what came before, as it does when two connections answer", () => {
    event(snapshot());
    event(update(5));
    event(update(5));
    event(snapshot({ seq: 5 }));
    expect(frame.got).toHaveLength(2);
    expect(subscribes()).toHaveLength(1);
  });

  it("asks once for what is missing when a number was left out", () => {
    event(snapshot());
    event(update(6));
    event(update(7));
    expect(frame.got).toHaveLength(1);
    expect(subscribes()).toHaveLength(2);
    expect(subscribes()[1]).toMatchObject({ build: "b1", seq: 4 });
    event(update(5));
    event(update(6));
    event(update(7));
    expect(frame.got.map((message) => message.seq)).toEqual([4, 5, 6, 7]);
  });

  it("asks again when the answer does not come", () => {
    event(snapshot());
    event(update(6));
    now += 10_000;
    event(update(7));
    expect(subscribes()).toHaveLength(3);
  });

  it("takes a snapshot of another build", () => {
    event(snapshot());
    event(update(1, { build: "b2" }));
    event(snapshot({ build: "b2", seq: 1 }));
    event(update(2, { build: "b2" }));
    expect(frame.got.map((message) => message.seq)).toEqual([4, 1, 2]);
  });

  it("starts from nothing for a new frame, and ignores updates until its snapshot is there", () => {
    event(snapshot());
    const second = port();
    hub.follow({ client: "c1", app: "tips", module: "", port: second.port });
    event(update(5));
    expect(second.got).toEqual([]);
    event(snapshot({ seq: 5 }));
    expect(second.got.map((message) => message.seq)).toEqual([5]);
    expect(frame.got).toHaveLength(1);
  });

  it("ignores events of other apps and clients", () => {
    event(snapshot({ app: "other" }));
    hub.receive({ type: "event", client: "c9", event: snapshot() });
    expect(frame.got).toEqual([]);
  });

  it("says goodbye", () => {
    hub.unfollow("c1");
    expect(sent.at(-1)).toEqual({ type: "unsubscribe", client: "c1" });
    event(snapshot());
    expect(frame.got).toEqual([]);
  });
});

describe("a connection that comes back", () => {
  it("asks for what came after the last number", () => {
    event(snapshot());
    event(update(5));
    hub.resume();
    expect(subscribes().at(-1)).toMatchObject({ build: "b1", seq: 5 });
  });

  it("hears the last ack again", () => {
    event(snapshot());
    open = false;
    frame.say({ type: "ack", build: "b1", seq: 4, outcome: "applied", ms: 2 });
    open = true;
    hub.resume();
    const ack = { type: "ack", client: "c1", app: "tips", build: "b1", seq: 4, outcome: "applied", ms: 2 };
    expect(sent.at(-1)).toEqual(ack);
  });
});

describe("an engine that does not have the app", () => {
  const gone = () =>
    hub.receive({ type: "event", client: "c1", event: { type: "gone", app: "tips", reason: "not open" } });

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is asked again, less and less often, from where the preview is", () => {
    event(snapshot());
    for (let refusals = 1; refusals <= 5; refusals += 1) {
      gone();
      vi.advanceTimersByTime(8000);
      expect(subscribes()).toHaveLength(1 + refusals);
    }
    expect(subscribes().at(-1)).toMatchObject({ app: "tips", build: "b1", seq: 4 });
    gone();
    vi.advanceTimersByTime(3000);
    expect(subscribes()).toHaveLength(6);
    expect(notices.filter((notice) => notice.type === "gone")).toHaveLength(6);
  });

  it("is not asked for a preview that went meanwhile", () => {
    gone();
    hub.unfollow("c1");
    vi.advanceTimersByTime(60_000);
    expect(subscribes()).toHaveLength(1);
  });
});

describe("vendor chunks", () => {
  it("are sent once, then named and filled in here", () => {
    event(snapshot({ vendor: [chunk("react"), chunk("icons")] }));
    hub.follow({ client: "c2", app: "tips", module: "", port: port().port });
    expect(sent.at(-1)).toMatchObject({ client: "c2", have: ["react", "icons"] });
    const second = port();
    hub.follow({ client: "c1", app: "tips", module: "", port: second.port });
    event(snapshot({ vendor: [chunk("react", null), chunk("icons", null), chunk("new")] }));
    expect(second.got[0]?.vendor).toEqual([chunk("react"), chunk("icons"), chunk("new")]);
  });

  it("are asked for again where the engine left out one that is not known here", () => {
    event(snapshot({ vendor: [chunk("react", null)] }));
    expect(frame.got).toEqual([]);
    expect(subscribes()).toHaveLength(2);
    expect(subscribes()[1]).toMatchObject({ seq: -1, have: [] });
  });
});

describe("chunks that are fetched", () => {
  let asked: string[];
  let answers: Map<string, { give(code: string): void; fail(): void }>;
  const types = () => frame.got.map(({ type, seq, id }) => (type === "chunk" ? `chunk ${id}` : `${type} ${seq}`));

  beforeEach(() => {
    asked = [];
    answers = new Map();
    sent = [];
    hub = new Hub({
      engine: (_client, message) => sent.push(message) > 0,
      notice: () => {},
      fetch(id) {
        asked.push(id);
        return new Promise((resolve, reject) => {
          answers.set(id, {
            give: (code) => resolve(new TextEncoder().encode(code)),
            fail: () => reject(new Error("no")),
          });
        });
      },
    });
    frame = port();
    hub.follow({ client: "c1", app: "tips", module: "", port: frame.port });
  });

  it("reach the frame before the snapshot that names them, and what comes after it waits", async () => {
    event(snapshot({ vendor: [chunk("react", null), chunk("icons", null)] }));
    event(update(5));
    answers.get("icons")?.give("icons()");
    await Promise.resolve();
    expect(types()).toEqual([]);
    answers.get("react")?.give("react()");
    await vi.waitFor(() => expect(types()).toEqual(["chunk react", "chunk icons", "snapshot 4", "update 5"]));
    expect(new TextDecoder().decode(frame.got[0]?.code)).toBe("react()");
    expect(frame.got[2]?.vendor).toEqual([chunk("react", null), chunk("icons", null)]);
  });

  it("are fetched once, and read while the snapshot is still made where they are likely", async () => {
    event({ type: "likely", app: "tips", chunks: ["react"] });
    answers.get("react")?.give("react()");
    await vi.waitFor(() => expect(types()).toEqual(["chunk react"]));
    event(snapshot({ vendor: [chunk("react", null)] }));
    expect(types()).toEqual(["chunk react", "snapshot 4"]);
    expect(asked).toEqual(["react"]);
  });

  it("do not hold up a snapshot that needs others", () => {
    event({ type: "likely", app: "tips", chunks: ["old"] });
    event(snapshot({ vendor: [chunk("new")] }));
    expect(types()).toEqual(["snapshot 4"]);
  });

  it("go to each frame that names them", async () => {
    event(snapshot({ vendor: [chunk("react", null)] }));
    answers.get("react")?.give("react()");
    await vi.waitFor(() => expect(types()).toHaveLength(2));
    frame = port();
    hub.follow({ client: "c1", app: "tips", module: "", port: frame.port });
    event(snapshot({ vendor: [chunk("react", null)] }));
    expect(types()).toEqual(["chunk react", "snapshot 4"]);
    expect(asked).toEqual(["react"]);
  });

  it("are asked for in messages where they cannot be fetched", async () => {
    event(snapshot({ vendor: [chunk("react", null)] }));
    answers.get("react")?.fail();
    await vi.waitFor(() => expect(subscribes()).toHaveLength(2));
    expect(subscribes()[1]).toMatchObject({ seq: -1, have: [] });
    event(snapshot({ vendor: [chunk("react")] }));
    expect(frame.got.map(({ vendor }) => vendor)).toEqual([[chunk("react")]]);
  });

  it("are of no interest to a preview that went meanwhile", async () => {
    event(snapshot({ vendor: [chunk("react", null)] }));
    hub.unfollow("c1");
    answers.get("react")?.give("react()");
    await vi.waitFor(() => expect(hub.chunks.size).toBe(1));
    expect(types()).toEqual([]);
  });
});

describe("acks", () => {
  it("carry the client and the app that they come from, whatever the frame says", () => {
    frame.say({
      type: "ack",
      client: "victim",
      app: "other",
      build: "b1",
      seq: 4,
      outcome: "applied",
      ms: 1,
      extra: 1,
    });
    const ack = { type: "ack", client: "c1", app: "tips", build: "b1", seq: 4, outcome: "applied", ms: 1 };
    expect(sent.at(-1)).toEqual(ack);
  });

  it("are dropped where they are none", () => {
    for (const data of [
      null,
      { type: "call" },
      { type: "ack", seq: "4", outcome: "applied" },
      { type: "ack", seq: 1 },
    ]) {
      frame.say(data);
    }
    expect(sent).toHaveLength(1);
  });
});
