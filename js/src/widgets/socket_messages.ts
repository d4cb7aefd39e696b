// What the page and its socket worker say to each other.
import type { Reply } from "../protocol";
import type { ToClient, ToEngine } from "./model";
import type { Connection, Following, Notice } from "./transport";

export type ToWorker =
  | { type: "open"; url: string; xsrf: string }
  | { type: "follow"; following: Following }
  | { type: "unfollow"; client: string }
  | { type: "call"; client: string; message: ToEngine }
  /** Came in through the comm of the client's widget. */
  | { type: "relayed"; client: string; message: ToClient }
  /** The client's comm is another one now: ask again what was missed, if the comm is in use. */
  | { type: "resume"; client: string }
  /** The network or the page woke up: try now. */
  | { type: "wake" };

export type FromWorker =
  | { type: "connection"; state: Connection }
  | { type: "notice"; client: string; notice: Notice }
  | { type: "everybody"; notice: Notice }
  | { type: "reply"; reply: Reply }
  /** To be sent through the comm of the client's widget. */
  | { type: "relay"; client: string; message: ToEngine };
