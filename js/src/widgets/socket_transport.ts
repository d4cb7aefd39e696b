// The page's end of the socket worker.

import workerCode from "text:./socket_worker.ts";
import { xsrf } from "./host";
import type { ToClient } from "./model";
import { onPageGone } from "./page_gone";
import { Pending } from "./pending";
import type { FromWorker, ToWorker } from "./socket_messages";
import {
  type Connection,
  type Following,
  isNews,
  type Listener,
  type Request,
  type Result,
  type Transport,
} from "./transport";

export class SocketTransport implements Transport {
  readonly kind = "server";
  #listeners = new Map<string, Listener>();
  #pending = new Pending();
  #worker: Worker;
  #state: Connection = "connecting";

  constructor(base: string) {
    const url = new URL("overskill-nb/api/socket", base);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const blob = URL.createObjectURL(new Blob([workerCode], { type: "text/javascript" }));
    this.#worker = new Worker(blob, { name: "overskill_nb socket" });
    URL.revokeObjectURL(blob);
    this.#worker.onmessage = ({ data }: { data: FromWorker }) => this.#receive(data);
    this.#post({ type: "open", url: url.href, xsrf: xsrf() });
    addEventListener("online", () => this.#post({ type: "wake" }));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#post({ type: "wake" });
    });
    onPageGone(
      () => (this.#state === "relayed" ? this.#listeners : new Map()),
      (client) => this.resume(client),
    );
  }

  follow(following: Following, listener: Listener): void {
    this.#listeners.set(following.client, listener);
    this.#tell(following.client);
    this.#post({ type: "follow", following }, [following.port]);
  }

  listen(client: string, listener: Listener): void {
    this.#listeners.set(client, listener);
    this.#tell(client);
  }

  unfollow(client: string): void {
    this.#post({ type: "unfollow", client });
    this.#listeners.delete(client);
  }

  resume(client: string): void {
    this.#tell(client);
    this.#post({ type: "resume", client });
  }

  call(client: string, request: Request): Promise<Result> {
    return this.#pending.call((id) => this.#post({ type: "call", client, message: { type: "call", id, request } }));
  }

  ask(client: string, request: Request): Promise<Result> {
    return this.#pending.call((id) => {
      const message = { type: "call" as const, id, request };
      if (!this.#listeners.get(client)?.relay(message)) this.#post({ type: "call", client, message });
    });
  }

  relayed(client: string, message: ToClient): void {
    if (message.type === "reply") this.#pending.settle(message);
    else if (isNews(message.event)) this.#listeners.get(client)?.notice(message.event);
    else if (message.client === client) this.#post({ type: "relayed", client, message });
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "notice":
        this.#listeners.get(message.client)?.notice(message.notice);
        return;
      case "everybody":
        for (const listener of this.#listeners.values()) listener.notice(message.notice);
        return;
      case "reply":
        this.#pending.settle(message.reply);
        return;
      case "relay":
        if (!this.#listeners.get(message.client)?.relay(message.message)) this.#unreachable(message.client);
        return;
      case "connection":
        this.#state = message.state;
        for (const client of this.#listeners.keys()) this.#tell(client);
    }
  }

  /** That the comm is used says little: a kernel may have gone with its server. It counts once it has answered. */
  #tell(client: string): void {
    const listener = this.#listeners.get(client);
    listener?.connection(this.#state === "relayed" ? "connecting" : this.#state);
    if (this.#state !== "relayed") return;
    this.call(client, { type: "ping" }).then(
      () => this.#state === "relayed" && listener?.connection("relayed"),
      () => {},
    );
  }

  #unreachable(client: string): void {
    this.#listeners.get(client)?.connection("lost");
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}
