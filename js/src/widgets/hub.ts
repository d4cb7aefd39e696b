// What one connection follows: per client the last number it was sent, the frame's port, and the vendor chunks that are
// known already. Pure: it runs in the socket worker and, where there is no server, in the page.

import type { Ack, Event, Snapshot, Subscribe, Update, Vendor } from "../protocol";
import type { Ahead } from "../runtime/messages";
import { backoff } from "./backoff";
import type { ToEngine } from "./model";
import { type Following, isNews, type Notice } from "./transport";

/** How long an unanswered request for missing updates keeps further ones back. */
const PATIENCE = 3000;

export interface Outlet {
  /** Sends a message of `client` to the engine; false where the connection is closed. */
  engine(client: string, message: ToEngine): boolean;
  notice(client: string, notice: Notice): void;
  /** A chunk that a message only names; absent where none can be had but in messages. */
  fetch?(id: string): Promise<Uint8Array>;
}

interface Follower extends Following {
  build: string;
  seq: number;
  /** When the engine was asked for what is missing; 0 where nothing is. */
  asked: number;
  /** How often in a row the engine said that it has no such app. */
  refused: number;
  retry: ReturnType<typeof setTimeout> | undefined;
  ack: Ack | null;
  /** Chunks that its frame was given ahead of what names them. */
  ahead: Set<string>;
  /** While something waits for chunks that it names: what comes after it waits too. */
  late: Promise<void> | null;
}

export class Hub {
  /** With their text where a message held it, with their bytes where they were fetched. */
  readonly chunks = new Map<string, string | Uint8Array>();
  #coming = new Map<string, Promise<void>>();
  #followers = new Map<string, Follower>();
  #outlet: Outlet;
  #now: () => number;

  constructor(outlet: Outlet, now: () => number = () => performance.now()) {
    this.#outlet = outlet;
    this.#now = now;
  }

  get clients(): string[] {
    return [...this.#followers.keys()];
  }

  /** Starts from nothing: the frame behind the port is new. */
  follow(following: Following): void {
    this.#leave(this.#followers.get(following.client));
    const follower: Follower = {
      ...{ ...following, build: "", seq: -1, asked: 0, refused: 0 },
      ...{ retry: undefined, ack: null, ahead: new Set<string>(), late: null },
    };
    this.#followers.set(following.client, follower);
    following.port.onmessage = ({ data }) => this.#acknowledge(follower, data);
    this.#subscribe(follower);
  }

  unfollow(client: string): void {
    const follower = this.#followers.get(client);
    if (!follower) return;
    this.#followers.delete(client);
    this.#leave(follower);
    this.#outlet.engine(client, { type: "unsubscribe", client });
  }

  /** The connection opened (again): ask for what was missed. */
  resume(client?: string): void {
    for (const follower of this.#followers.values()) {
      if (client !== undefined && follower.client !== client) continue;
      this.#subscribe(follower);
      if (follower.ack) this.#outlet.engine(follower.client, follower.ack);
    }
  }

  receive({ client, event }: Event): void {
    const follower = this.#followers.get(client);
    if (!follower || event.app !== follower.app || isNews(event)) return;
    if (event.type === "snapshot" || event.type === "update") this.#await(follower, event);
    else if (event.type === "likely") this.#prepare(follower, event.chunks);
    else {
      if (event.type === "gone") this.#refused(follower);
      this.#outlet.notice(client, event);
    }
  }

  #await(follower: Follower, event: Snapshot | Update): void {
    const coming = event.vendor.flatMap(({ id, code }) => (code === null ? (this.#fetch(id) ?? []) : []));
    if (!follower.late && coming.length === 0) {
      this.#take(follower, event);
      return;
    }
    const late = Promise.all([follower.late, ...coming]).then(() => {
      if (follower.late === late) follower.late = null;
      if (this.#followers.get(follower.client) === follower) this.#take(follower, event);
    });
    follower.late = late;
  }

  #take(follower: Follower, event: Snapshot | Update): void {
    if (event.type === "snapshot") this.#snapshot(follower, event);
    else this.#update(follower, event);
  }

  /** Ends well in any case; null where there is nothing to wait for. */
  #fetch(id: string): Promise<void> | null {
    if (this.chunks.has(id) || !this.#outlet.fetch) return null;
    const known = this.#coming.get(id);
    if (known) return known;
    const coming = this.#outlet
      .fetch(id)
      .then((code) => void this.chunks.set(id, code))
      .catch(() => {})
      .finally(() => this.#coming.delete(id));
    this.#coming.set(id, coming);
    return coming;
  }

  /** Has the frame read what its snapshot will probably name. */
  #prepare(follower: Follower, chunks: string[]): void {
    for (const id of chunks) {
      void Promise.resolve(this.#fetch(id)).then(() => {
        const code = this.chunks.get(id);
        const waits = this.#followers.get(follower.client) === follower && follower.build === "";
        if (waits && code instanceof Uint8Array) this.#give(follower, id, code);
      });
    }
  }

  #give(follower: Follower, id: string, code: Uint8Array): void {
    if (follower.ahead.has(id)) return;
    follower.ahead.add(id);
    const ahead: Ahead = { type: "chunk", id, code };
    follower.port.postMessage(ahead);
  }

  #leave(follower: Follower | undefined): void {
    clearTimeout(follower?.retry);
    follower?.port.close();
  }

  /** An engine that lacks the app for now, or believed that the preview was gone: ask again, now and then. */
  #refused(follower: Follower): void {
    follower.refused += 1;
    clearTimeout(follower.retry);
    follower.retry = setTimeout(() => this.#subscribe(follower), backoff(follower.refused));
  }

  #subscribe(follower: Follower): void {
    const { client, app, module, build, seq } = follower;
    clearTimeout(follower.retry);
    const message: Subscribe = { type: "subscribe", client, app, module, build, seq, have: [...this.chunks.keys()] };
    follower.asked = this.#outlet.engine(client, message) ? this.#now() : 0;
  }

  #snapshot(follower: Follower, snapshot: Snapshot): void {
    // The same one twice, when two connections answered.
    if (snapshot.build === follower.build && snapshot.seq <= follower.seq) return;
    const vendor = this.#filled(follower, snapshot.vendor);
    if (!vendor) return;
    const { build, seq, diagnostics } = snapshot;
    Object.assign(follower, { build, seq, asked: 0, refused: 0 });
    follower.port.postMessage({ ...snapshot, vendor });
    this.#outlet.notice(follower.client, { type: "snapshot", build, seq, diagnostics });
  }

  #update(follower: Follower, update: Update): void {
    const { build, seq, diagnostics, reload } = update;
    if (build === follower.build && seq <= follower.seq) return;
    if (build !== follower.build || seq !== follower.seq + 1) {
      this.#ask(follower);
      return;
    }
    const vendor = this.#filled(follower, update.vendor);
    if (!vendor) return;
    Object.assign(follower, { seq, asked: 0, refused: 0 });
    follower.port.postMessage({ ...update, vendor });
    const modules = update.modules.length;
    this.#outlet.notice(follower.client, { type: "update", build, seq, diagnostics, reload, modules });
  }

  /** Asks for what is missing, unless that was done a moment ago. */
  #ask(follower: Follower): void {
    if (follower.asked && this.#now() - follower.asked < PATIENCE) return;
    this.#subscribe(follower);
  }

  /** The chunks with their code, unless they go ahead; null where one is not known here: then all is asked for again. */
  #filled(follower: Follower, vendor: Vendor[]): Vendor[] | null {
    for (const { id, code } of vendor) if (code !== null) this.chunks.set(id, code);
    if (vendor.every(({ id }) => this.chunks.has(id))) {
      const filled = vendor.map(({ id }) => ({ id, code: this.#textFor(follower, id) }));
      follower.ahead.clear();
      return filled;
    }
    Object.assign(follower, { build: "", seq: -1, asked: 0 });
    this.#subscribe(follower);
    return null;
  }

  /** Null where its frame has the chunk then. */
  #textFor(follower: Follower, id: string): string | null {
    const code = this.chunks.get(id) as string | Uint8Array;
    if (typeof code === "string") return code;
    this.#give(follower, id, code);
    return null;
  }

  /** The frame runs other people's code: only what an Ack may hold is passed on, for its own client and app. */
  #acknowledge(follower: Follower, data: Partial<Ack> | null): void {
    if (data?.type !== "ack" || this.#followers.get(follower.client) !== follower) return;
    const { client, app } = follower;
    const { seq, ms } = data;
    const outcome = (["applied", "failed", "reloaded"] as const).find((known) => known === data.outcome);
    if (!outcome || !Number.isInteger(seq)) return;
    const build = String(data.build);
    follower.ack = { type: "ack", client, app, build, seq: seq as number, outcome, ms: Number(ms) || 0 };
    this.#outlet.engine(client, follower.ack);
  }
}
