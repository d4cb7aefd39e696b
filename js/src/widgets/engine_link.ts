// A widget's line to the engine: it asks, and hears what the engine tells everybody.
import { baseUrl } from "./host";
import { page } from "./page";
import type { Mount } from "./preview";
import { randomName } from "./random";
import { type Connection, isNews, type News, type Request, type Result, type Transport } from "./transport";
import { Widget } from "./widget";

export interface LinkEvents {
  /** Of this widget's app. */
  news(news: News): void;
  /** What it is, at once and whenever it changes. */
  connection(connection: Connection): void;
}

export class EngineLink {
  readonly widget: Widget;
  #client = randomName();
  #transport: Transport;
  #signal: AbortSignal;

  constructor({ model, modelSignal, signal }: Mount) {
    this.widget = new Widget(model, modelSignal);
    this.#transport = page().transport(baseUrl() ? this.widget.transport : "comm");
    this.#signal = signal;
  }

  /** Listens until the output goes. */
  start(events: LinkEvents): void {
    const { app } = this.widget;
    let known: Connection | undefined;
    this.widget.onMessage((message) => {
      if (message.type === "overskill") this.#transport.relayed(this.#client, message.message);
    }, this.#signal);
    this.#signal.addEventListener("abort", () => this.#transport.unfollow(this.#client));
    this.#transport.listen(this.#client, {
      relay: (message) => this.widget.relay(message),
      notice(notice) {
        if (isNews(notice) && notice.app === app) events.news(notice);
      },
      connection(connection) {
        // A comm says that it is open with each message that it brings: to ask for more each time would never end.
        if (connection === known) return;
        known = connection;
        events.connection(connection);
      },
    });
  }

  call(request: Request): Promise<Result> {
    return this.#transport.call(this.#client, request);
  }
}
