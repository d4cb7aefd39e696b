import { beforeEach, describe, expect, it } from "vitest";
import type { Diagnostic, EditPage, GetPalette, OpenPage, PageView } from "../../src/protocol";
import type { ToEditor } from "../../src/runtime/messages";
import type { SyncState } from "../../src/widgets/editor_state";
import { EditorSync } from "../../src/widgets/editor_sync";
import { CallFailed } from "../../src/widgets/pending";
import type { Result } from "../../src/widgets/transport";

type Asked = OpenPage | EditPage | GetPalette;
interface Call {
  request: Asked;
  answer(result: Result): Promise<void>;
  fail(error: Error): Promise<void>;
}

const settled = async () => {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
};
const problem = (message: string): Diagnostic => ({
  ...{ severity: "error", kind: "syntax", message, location: null, hint: "", frame: "", stack: "" },
});
const text = (said: string) => ({
  root: { props: {} },
  content: [{ type: "#text", props: { id: "t", "#text": said } }],
});

/** An engine with one file, whose text is its data's; and what came of the calls. */
class Stand {
  calls: Call[] = [];
  posts: ToEditor[] = [];
  told: string[] = [];
  timers: (() => void)[] = [];
  state!: SyncState;
  file: string | null = "a";
  broken = false;
  palette = "p1";
  /** Says no to data that say this. */
  refuses = "bad";
  writes: string[] = [];
  sync = new EditorSync("app", "src/Home.tsx", {
    call: (request) => new Promise((resolve, reject) => this.calls.push(this.#call(request, resolve, reject))),
    post: (message) => this.posts.push(structuredClone(message)),
    told: (state) => {
      this.state = state;
    },
    changed: (hash) => this.told.push(hash),
    later: (action) => {
      this.timers.push(action);
      return () => {
        this.timers = this.timers.filter((other) => other !== action);
      };
    },
  });

  #call(request: Asked, resolve: (result: Result) => void, reject: (error: Error) => void): Call {
    const over = async (then: () => void) => {
      this.calls = this.calls.filter((other) => other !== call);
      then();
      await settled();
    };
    const call: Call = {
      request,
      answer: (result) => over(() => resolve(result)),
      fail: (error) => over(() => reject(error)),
    };
    return call;
  }

  view(more: Partial<PageView> = {}): PageView {
    const gone = this.file === null || this.broken;
    const problems = gone ? [problem(this.file === null ? "The file is gone." : "Unexpected token")] : [];
    return {
      ...{ type: "page_view", path: "src/Home.tsx", hash: this.hash, palette: this.palette, root: "main" },
      ...{ data: gone ? null : text(this.file as string), places: {}, types: {}, problems },
      ...{ conflict: false, written: false, ...more },
    } as PageView;
  }

  get hash(): string {
    return this.file === null ? "" : `#${this.file}${this.broken ? "!" : ""}`;
  }

  /** What the engine would answer now. */
  respond(request: Asked): Result {
    if (request.type === "get_palette") return { type: "palette", name: this.palette, components: [], hosts: {} };
    if (request.type === "open_page") {
      return this.view(request.have === `${this.hash}/${this.palette}` ? { data: null } : {});
    }
    if (request.base !== this.hash) return this.view({ conflict: true });
    const said = (request.data as ReturnType<typeof text>).content[0]?.props["#text"] as string;
    if (said === this.refuses) return this.view({ problems: [problem("There is no component Bad.")] });
    this.file = said;
    this.writes.push(said);
    return this.view({ written: true });
  }

  next(type: Asked["type"]): Call {
    const call = this.calls.find(({ request }) => request.type === type);
    if (!call) throw new Error(`no ${type} among ${this.calls.map(({ request }) => request.type).join()}`);
    return call;
  }

  async serve(type: Asked["type"]): Promise<void> {
    const call = this.next(type);
    await call.answer(this.respond(call.request));
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 50; turn++) {
      await settled();
      const call = this.calls[0];
      if (!call) return;
      await call.answer(this.respond(call.request));
    }
    throw new Error("it never ends");
  }

  /** Somebody else writes the file. */
  write(file: string | null, broken = false): void {
    Object.assign(this, { file, broken });
    this.sync.noticed();
  }

  number = 0;
  /** As the frame says it: made from the last page that it has. */
  edit(said: string, asked = true, base = this.shown?.hash ?? ""): void {
    this.number += 1;
    this.sync.edited(this.number, text(said), base, asked);
  }

  get pages() {
    return this.posts.flatMap((post) => (post.type === "page" ? [post] : []));
  }
  get shown(): PageView | undefined {
    return this.pages.at(-1)?.page;
  }
  get saidLast(): unknown {
    return (this.shown?.data as ReturnType<typeof text> | null)?.content[0]?.props["#text"] ?? null;
  }
  types(): string {
    return this.calls.map(({ request }) => request.type).join();
  }
}

let s: Stand;
beforeEach(async () => {
  s = new Stand();
  s.sync.start();
  s.sync.ready();
  await s.settle();
  s.sync.connection("open");
});

describe("opening", () => {
  it("gives the palette, then the page", () => {
    expect(s.posts.map(({ type }) => type)).toEqual(["palette", "page"]);
    expect(s.pages[0]).toMatchObject({ edit: null, page: { hash: "#a" } });
    expect(s.told).toEqual([]);
    expect(s.state).toMatchObject({ hash: "#a", saving: false, waits: false, failure: "" });
  });

  it("is tried again where the engine cannot be reached", async () => {
    const late = new Stand();
    late.sync.start();
    late.sync.ready();
    for (const call of [...late.calls]) await call.fail(new CallFailed("The engine did not answer."));
    expect(late.state).toMatchObject({ unreachable: true });
    expect(late.timers).toHaveLength(1);
    late.timers[0]?.();
    await late.settle();
    expect(late.saidLast).toBe("a");
    expect(late.posts.map(({ type }) => type)).toEqual(["palette", "page"]);
    expect(late.state).toMatchObject({ unreachable: false, failure: "" });
  });

  it("says what the engine answered where it could not, and asks again when something changes", async () => {
    const late = new Stand();
    late.sync.start();
    for (const call of [...late.calls]) await call.fail(new CallFailed("There is no app.", "AppNotFound"));
    expect(late.state).toMatchObject({ unreachable: false, failure: "There is no app." });
    expect(late.timers).toEqual([]);
    expect(late.calls).toEqual([]);
    late.sync.noticed();
    await late.settle();
    expect(late.state).toMatchObject({ hash: "#a", failure: "" });
  });

  it("shows the page also where the palette cannot be made", async () => {
    const late = new Stand();
    late.sync.start();
    await late.next("get_palette").fail(new CallFailed("The worker fell over.", "WorkerError"));
    await late.serve("open_page");
    await late.next("get_palette").fail(new CallFailed("The worker fell over.", "WorkerError"));
    expect(late.saidLast).toBe("a");
  });

  it("waits for a page that cannot be read", async () => {
    const late = new Stand();
    late.broken = true;
    late.sync.start();
    late.sync.ready();
    await late.settle();
    expect(late.state.broken?.problems[0]?.message).toBe("Unexpected token");
    expect(late.shown?.data).toBeNull();
    late.write("b");
    await late.settle();
    expect(late.state.broken).toBeNull();
    expect(late.saidLast).toBe("b");
  });
});

describe("edits", () => {
  it("are written, and answered by number", async () => {
    s.edit("b");
    expect(s.state.saving).toBe(true);
    await s.settle();
    expect(s.file).toBe("b");
    expect(s.pages.at(-1)).toMatchObject({ edit: 1, page: { hash: "#b" } });
    expect(s.told).toEqual(["#b"]);
    expect(s.state).toMatchObject({ saving: false, waits: false, hash: "#b" });
  });

  it("wait for the one before, and only the newest is sent", async () => {
    for (const said of ["b", "c", "d", "e"]) s.edit(said);
    expect(s.types()).toBe("edit_page");
    await s.settle();
    expect(s.writes).toEqual(["b", "e"]);
    expect(s.pages.slice(1).map(({ edit }) => edit)).toEqual([1, 4]);
  });

  it("come back with a notice and are not drawn again", async () => {
    s.edit("b");
    s.sync.noticed();
    await s.settle();
    s.sync.noticed();
    await s.settle();
    expect(s.pages).toHaveLength(2);
  });

  it("overtake a look, whose answer is past then", async () => {
    s.sync.noticed();
    const look = s.next("open_page");
    const past = s.respond({ ...look.request, have: "" } as OpenPage);
    s.edit("b");
    await s.serve("edit_page");
    await look.answer(past);
    expect(s.saidLast).toBe("b");
    await s.settle();
    expect(s.saidLast).toBe("b");
    expect(s.state.theirs).toBeNull();
  });

  it("of a number that was there are passed over", async () => {
    s.sync.edited(3, text("b"), "#a", true);
    s.sync.edited(2, text("c"), "#a", true);
    await s.settle();
    expect(s.file).toBe("b");
  });

  it("that are refused are said, and the frame gets the page back", async () => {
    s.edit("bad");
    await s.settle();
    expect(s.state).toMatchObject({ failure: "There is no component Bad.", waits: false, saving: false });
    expect(s.pages.at(-1)).toMatchObject({ edit: null, page: { hash: "#a" } });
    expect(s.saidLast).toBe("a");
    s.sync.noticed();
    await s.settle();
    expect(s.state.failure).toBe("There is no component Bad.");
    s.edit("c");
    await s.settle();
    expect(s.state.failure).toBe("");
  });

  it("that are refused do not take a newer one along", async () => {
    s.edit("bad");
    s.edit("good");
    await s.settle();
    expect(s.file).toBe("good");
    expect(s.state.failure).toBe("");
    expect(s.pages.at(-1)?.edit).toBe(2);
  });

  it("that cannot be taken are answered with what is", async () => {
    s.sync.refuse(1, "Too much.");
    expect(s.state.failure).toBe("Too much.");
    expect(s.saidLast).toBe("a");
    s.sync.edited(1, text("b"), "#a", true);
    expect(s.calls).toEqual([]);
  });

  it("keep what the engine could not do, and try it again when asked", async () => {
    s.edit("b");
    await s.next("edit_page").fail(new CallFailed("The disk is full.", "FileError"));
    expect(s.state).toMatchObject({ waits: true, failure: "The disk is full.", unreachable: false });
    expect(s.types()).toBe("");
    s.sync.again();
    await s.settle();
    expect(s.file).toBe("b");
    expect(s.state).toMatchObject({ waits: false, failure: "" });
  });
});

describe("changes of others", () => {
  it("are shown", async () => {
    s.write("b");
    await s.settle();
    expect(s.pages.at(-1)).toMatchObject({ edit: null, page: { hash: "#b" } });
    expect(s.told).toEqual(["#b"]);
  });

  it("of the palette come before the page", async () => {
    s.palette = "p2";
    s.sync.noticed();
    await s.settle();
    expect(s.posts.slice(2).map(({ type }) => type)).toEqual(["palette", "page"]);
    expect(s.told).toEqual([]);
  });

  it("of the palette in an edit's answer are fetched", async () => {
    s.palette = "p2";
    s.edit("b");
    await s.settle();
    expect(s.posts.filter(({ type }) => type === "palette")).toHaveLength(2);
  });

  it("that come before a notice conflict with an edit", async () => {
    s.file = "theirs";
    s.edit("mine");
    await s.settle();
    expect(s.file).toBe("theirs");
    expect(s.state).toMatchObject({ waits: true, theirs: { hash: "#theirs" } });
    expect(s.saidLast).toBe("a");
  });

  it("that crossed an edit conflict with it", async () => {
    s.write("theirs");
    await s.settle();
    s.edit("mine", true, "#a");
    await s.settle();
    expect(s.file).toBe("theirs");
    expect(s.state.theirs?.hash).toBe("#theirs");
  });

  it("do not conflict with edits made while the answer to one's own was on its way", async () => {
    s.edit("b", true, "#a");
    await s.settle();
    s.edit("c", true, "#a");
    await s.settle();
    expect(s.file).toBe("c");
  });

  it("that are no data do not conflict", async () => {
    const old = s.respond({ type: "open_page", app: "app", have: "" }) as PageView;
    s.edit("mine");
    await s.next("edit_page").answer({ ...old, hash: "#formatted", conflict: true });
    expect(s.next("edit_page").request).toMatchObject({ base: "#formatted", data: text("mine") });
    expect(s.state.theirs).toBeNull();
  });

  it("that say the same are no conflict", async () => {
    s.file = "mine";
    s.edit("mine");
    await s.settle();
    expect(s.state).toMatchObject({ theirs: null, waits: false, hash: "#mine" });
  });
});

describe("conflicts", () => {
  beforeEach(async () => {
    s.file = "theirs";
    s.edit("mine");
    await s.settle();
  });

  it("end with the file", async () => {
    s.sync.choose("file");
    await s.settle();
    expect(s.file).toBe("theirs");
    expect(s.saidLast).toBe("theirs");
    expect(s.state).toMatchObject({ theirs: null, waits: false });
  });

  it("end with one's own", async () => {
    s.sync.choose("mine");
    await s.settle();
    expect(s.file).toBe("mine");
    expect(s.pages.at(-1)).toMatchObject({ edit: 1, page: { hash: "#mine" } });
  });

  it("end with the newest of one's own, and more may follow", async () => {
    s.edit("more", true, "#a");
    s.sync.choose("mine");
    s.edit("and more", true, "#a");
    await s.settle();
    expect(s.file).toBe("and more");
    expect(s.state.theirs).toBeNull();
  });

  it("show the newest of the file", async () => {
    s.write("theirs too");
    await s.settle();
    expect(s.state.theirs?.hash).toBe("#theirs too");
    s.write("a");
    await s.settle();
    expect(s.state.theirs).toBeNull();
    expect(s.file).toBe("mine");
  });

  it("outlast a file that is broken in between", async () => {
    s.write("theirs", true);
    await s.settle();
    expect(s.state).toMatchObject({ theirs: null, waits: true });
    expect(s.state.broken).not.toBeNull();
    s.write("theirs mended");
    await s.settle();
    expect(s.state).toMatchObject({ broken: null, theirs: { hash: "#theirs mended" } });
    s.sync.choose("mine");
    await s.settle();
    expect(s.file).toBe("mine");
  });

  it("give a frame that begins anew one's own side", async () => {
    s.sync.ready();
    expect(s.saidLast).toBe("mine");
    expect(s.state.theirs?.hash).toBe("#theirs");
  });
});

describe("a file that cannot be shown", () => {
  it("makes edits wait, which are sent when it is as it was", async () => {
    s.write("a", true);
    await s.settle();
    expect(s.shown?.data).toBeNull();
    s.edit("b", true, "#a");
    expect(s.calls).toEqual([]);
    expect(s.state.waits).toBe(true);
    s.write("a");
    await s.settle();
    expect(s.file).toBe("b");
    expect(s.saidLast).toBe("b");
  });

  it("makes edits wait, and conflict where it is another then", async () => {
    s.write("a", true);
    await s.settle();
    s.edit("mine", true, "#a");
    s.write("b");
    await s.settle();
    expect(s.state.theirs?.hash).toBe("#b");
  });

  it("shows again as it was", async () => {
    s.write("a", true);
    await s.settle();
    s.write("a");
    await s.settle();
    expect(s.saidLast).toBe("a");
    expect(s.told).toEqual(["#a!", "#a"]);
  });

  it("that broke under an edit keeps it", async () => {
    s.broken = true;
    s.edit("mine");
    await s.settle();
    expect(s.state).toMatchObject({ waits: true });
    expect(s.state.broken).not.toBeNull();
  });

  it("and is gone is looked for", async () => {
    s.write(null);
    await s.settle();
    expect(s.timers).toHaveLength(1);
    s.file = "a";
    for (const timer of s.timers.splice(0)) timer();
    await s.settle();
    expect(s.state.broken).toBeNull();
    expect(s.saidLast).toBe("a");
    expect(s.timers).toEqual([]);
  });

  it("and is gone is said, and may come back", async () => {
    s.write(null);
    await s.settle();
    expect(s.state.broken?.hash).toBe("");
    s.edit("mine", true, "#a");
    s.write("a");
    await s.settle();
    expect(s.file).toBe("mine");
  });
});

describe("the connection", () => {
  it("that is lost makes edits wait; the newest is sent when it is back", async () => {
    s.sync.connection("lost");
    s.edit("b");
    s.edit("c");
    expect(s.calls).toEqual([]);
    expect(s.state).toMatchObject({ waits: true, unreachable: true });
    s.sync.connection("open");
    await s.settle();
    expect(s.writes).toEqual(["c"]);
    expect(s.state).toMatchObject({ waits: false, failure: "" });
  });

  it("that is lost under an edit: it is sent again", async () => {
    s.edit("b");
    const [lost] = s.calls;
    s.calls = [];
    s.sync.connection("connecting");
    s.sync.connection("open");
    await s.settle();
    expect(s.writes).toEqual(["b"]);
    await lost?.answer(s.view({ hash: "#old" }));
    expect(s.state.hash).toBe("#b");
  });

  it("that is lost under an edit's answer: it is not sent again", async () => {
    s.edit("b");
    const [call] = s.calls;
    if (call) s.respond(call.request);
    s.calls = [];
    s.edit("c", true, "#a");
    s.sync.connection("connecting");
    s.sync.connection("open");
    await s.settle();
    expect(s.writes).toEqual(["b", "c"]);
    expect(s.state.theirs).toBeNull();
  });

  it("that is lost, and somebody else changes the file: a conflict", async () => {
    s.sync.connection("lost");
    s.edit("mine");
    s.file = "theirs";
    s.sync.connection("open");
    await s.settle();
    expect(s.state.theirs?.hash).toBe("#theirs");
    expect(s.writes).toEqual([]);
  });

  it("does not answer: the edit is tried again after a while", async () => {
    s.edit("b");
    await s.next("edit_page").fail(new CallFailed("The engine did not answer."));
    expect(s.state).toMatchObject({ waits: true, unreachable: true });
    s.edit("c");
    expect(s.calls).toEqual([]);
    s.timers[0]?.();
    await s.settle();
    expect(s.writes).toEqual(["c"]);
    expect(s.state).toMatchObject({ waits: false, unreachable: false, failure: "" });
  });
});

describe("a frame that begins anew", () => {
  it("is given all again", () => {
    s.posts = [];
    s.sync.ready();
    expect(s.posts.map(({ type }) => type)).toEqual(["palette", "page"]);
  });

  it("is given edits that wait, and counts anew", async () => {
    s.sync.connection("lost");
    s.edit("b");
    s.sync.ready();
    expect(s.saidLast).toBe("b");
    s.number = 0;
    s.edit("c");
    s.sync.connection("open");
    await s.settle();
    expect(s.writes).toEqual(["c"]);
    expect(s.pages.at(-1)?.edit).toBe(1);
  });

  it("within the same documents counts anew, too", async () => {
    s.edit("b");
    s.sync.mounted();
    expect(s.saidLast).toBe("b");
    await s.settle();
    s.number = 0;
    s.edit("c");
    await s.settle();
    expect(s.writes).toEqual(["b", "c"]);
    s.posts = [];
    s.sync.mounted();
    expect(s.posts).toEqual([]);
  });

  it("does not get the answer to an edit of before under its number", async () => {
    s.edit("b");
    s.sync.ready();
    s.number = 0;
    s.edit("c", true, "#a");
    await s.settle();
    expect(s.writes).toEqual(["b", "c"]);
    expect(s.pages.slice(-2).map(({ edit }) => edit)).toEqual([null, 1]);
  });
});

describe("an edit that nobody was seen to make", () => {
  beforeEach(() => s.edit("itself", false));

  it("waits for a word", async () => {
    await s.settle();
    expect(s.state.held).toBe(true);
    expect(s.file).toBe("a");
    s.sync.decide(true);
    await s.settle();
    expect(s.file).toBe("itself");
  });

  it("can be put back", async () => {
    s.sync.decide(false);
    await s.settle();
    expect(s.state.held).toBe(false);
    expect(s.saidLast).toBe("a");
    expect(s.file).toBe("a");
  });

  it("conflicts with what came meanwhile", async () => {
    s.write("theirs");
    await s.settle();
    s.sync.decide(true);
    await s.settle();
    expect(s.state.theirs?.hash).toBe("#theirs");
  });

  it("goes into the next that somebody made", async () => {
    s.edit("itself and more");
    await s.settle();
    expect(s.state.held).toBe(false);
    expect(s.file).toBe("itself and more");
  });
});

describe("any order of events", () => {
  it("ends with the file as somebody left it and nothing waiting", async () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    for (let round = 0; round < 300; round++) {
      s = new Stand();
      s.sync.start();
      s.sync.ready();
      let made = 0;
      for (let step = 0; step < 30; step++) {
        made += 1;
        const act = random(9);
        if (act < 3) s.edit(`m${made}`);
        else if (act === 3) s.write(`t${made}`);
        else if (act === 4) s.write(s.file, random(2) === 0);
        else if (act === 5) s.sync.connection(random(2) ? "open" : "lost");
        else if (act === 6 && random(3) === 0) {
          s.sync.ready();
          s.number = 0;
        } else if (act === 7) {
          const call = s.calls[random(s.calls.length)];
          if (call && random(5) === 0) await call.fail(new CallFailed("The engine did not answer."));
          else if (call) await call.answer(s.respond(call.request));
        } else {
          const call = s.calls[0];
          if (call) await call.answer(s.respond(call.request));
        }
      }
      const last = s.number ? `m${made + 1}` : "";
      s.write(s.file);
      s.sync.connection("open");
      for (let turn = 0; turn < 5; turn++) {
        await s.settle();
        for (const timer of s.timers.splice(0)) timer();
        if (s.state.theirs) s.sync.choose("mine");
      }
      s.edit(last || "end");
      await s.settle();
      if (s.state.theirs) s.sync.choose("mine");
      await s.settle();
      expect(s.state, `round ${round}`).toMatchObject({ waits: false, saving: false, theirs: null, broken: null });
      expect(s.file).toBe(last || "end");
      expect(s.saidLast).toBe(s.file);
      expect(s.state.hash).toBe(s.hash);
    }
  });
});
