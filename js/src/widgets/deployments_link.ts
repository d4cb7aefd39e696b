// A widget's line to the engine: it asks, and hears each step that a deployment takes.
import type { Deployment } from "../protocol";
import { baseUrl } from "./host";
import { page } from "./page";
import type { Mount } from "./preview";
import { randomName } from "./random";
import type { Connection, Request, Result, Transport } from "./transport";
import { Widget } from "./widget";

export interface LinkEvents {
  changed(deployment: Deployment): void;
  connection(connection: Connection): void;
}

export class DeploymentsLink {
  readonly widget: Widget;
  #client = randomName();
  #transport: Transport;
  #signal: AbortSignal;

  constructor({ model, modelSignal, signal }: Mount) {
    this.widget = new Widget(model, modelSignal);
    this.#transport = page().transport(baseUrl() ? this.widget.transport : "comm");
    this.#signal = signal;
  }

  /** Listens until the output goes. What the connection is, is told at once. */
  start(events: LinkEvents): void {
    const { app } = this.widget;
    this.widget.onMessage((message) => {
      if (message.type === "overskill") this.#transport.relayed(this.#client, message.message);
    }, this.#signal);
    this.#signal.addEventListener("abort", () => this.#transport.unfollow(this.#client));
    this.#transport.listen(this.#client, {
      relay: (message) => this.widget.relay(message),
      notice(notice) {
        if (notice.type === "deployment_changed" && notice.app === app) events.changed(notice.deployment);
      },
      connection: events.connection,
    });
  }

  call(request: Request): Promise<Result> {
    return this.#transport.call(this.#client, request);
  }
}
