// The transport of hosts without a server: messages travel as the widget's custom messages, through the kernel.
import { Hub } from "./hub";
import type { ToClient } from "./model";
import { onPageGone } from "./page_gone";
import { Pending } from "./pending";
import { type Following, isNews, type Listener, type Request, type Result, type Transport } from "./transport";

export class CommTransport implements Transport {
  readonly kind = "comm";
  #listeners = new Map<string, Listener>();
  #pending = new Pending();
  #hub = new Hub({
    engine: (client, message) => {
      const listener = this.#listeners.get(client);
      const sent = listener?.relay(message) ?? false;
      if (!sent) listener?.connection("lost");
      return sent;
    },
    notice: (client, notice) => this.#listeners.get(client)?.notice(notice),
  });

  constructor() {
    onPageGone(
      () => this.#listeners,
      (client) => this.resume(client),
    );
  }

  follow(following: Following, listener: Listener): void {
    this.#listeners.set(following.client, listener);
    listener.connection("connecting");
    this.#hub.follow(following);
  }

  listen(client: string, listener: Listener): void {
    this.#listeners.set(client, listener);
    listener.connection("open");
  }

  unfollow(client: string): void {
    this.#hub.unfollow(client);
    this.#listeners.delete(client);
  }

  resume(client: string): void {
    this.#listeners.get(client)?.connection("connecting");
    this.#hub.resume(client);
    // Where nothing was missed nothing would come: ask for a sign of life.
    this.call(client, { type: "ping" }).catch(() => {});
  }

  call(client: string, request: Request): Promise<Result> {
    return this.#pending.call((id) => {
      const sent = this.#listeners.get(client)?.relay({ type: "call", id, request });
      if (!sent) this.#pending.fail(id, "The kernel is not running.");
    });
  }

  ask(client: string, request: Request): Promise<Result> {
    return this.call(client, request);
  }

  relayed(client: string, message: ToClient): void {
    this.#listeners.get(client)?.connection("open");
    if (message.type === "reply") this.#pending.settle(message);
    else if (isNews(message.event)) this.#listeners.get(client)?.notice(message.event);
    else this.#hub.receive({ ...message, client });
  }
}
