// What one connection follows: per client the last number it was sent, the frame's port, and the vendor chunks that are
// known already. Pure: it runs in the socket worker and, where there is no server, in the page.

import type { Ack, Event, Snapshot, Subscribe, Update, Vendor } from "../protocol";
import { backoff } from "./backoff";
import type { ToEngine } from "./model";
import type { Following, Notice } from "./transport";

/** How long an unanswered request for missing updates keeps further ones back. */
const PATIENCE = 3000;

export interface Outlet {
  /** Sends a message of `client` to the engine; false where the connection is closed. */
  engine(client: string, message: ToEngine): boolean;
  notice(client: string, notice: Notice): void;
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
}

export class Hub {
  readonly chunks = new Map<string, string>();
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
    const follower: Follower = { ...following, build: "", seq: -1, asked: 0, refused: 0, retry: undefined, ack: null };
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
    if (!follower || event.app !== follower.app || event.type === "deployment_changed") return;
    if (event.type === "snapshot") this.#snapshot(follower, event);
    else if (event.type === "update") this.#update(follower, event);
    else {
      if (event.type === "gone") this.#refused(follower);
      this.#outlet.notice(client, event);
    }
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

  /** The chunks with their code, or null where one is not known here: then all is asked for again. */
  #filled(follower: Follower, vendor: Vendor[]): Vendor[] | null {
    for (const { id, code } of vendor) if (code !== null) this.chunks.set(id, code);
    if (vendor.every(({ id }) => this.chunks.has(id))) {
      return vendor.map(({ id }) => ({ id, code: this.chunks.get(id) as string }));
    }
    Object.assign(follower, { build: "", seq: -1, asked: 0 });
    this.#subscribe(follower);
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
