// One interface, two ways to the engine: the server's socket (in a worker) and the widget's comm.
import type {
  Call,
  CheckpointMade,
  DeploymentChanged,
  Diagnostic,
  Event,
  GenerationStepped,
  Gone,
  Look,
  Progress,
  Reply,
  SyncChanged,
} from "../protocol";
import type { ToClient, ToEngine } from "./model";

export type Request = Call["request"];
export type Result = NonNullable<Reply["result"]>;

/** What the page needs to know of what its frames are sent: never the modules. */
export type Notice =
  | { type: "snapshot"; build: string; seq: number; diagnostics: Diagnostic[] }
  | { type: "update"; build: string; seq: number; diagnostics: Diagnostic[]; reload: string; modules: number }
  | Progress
  | Gone
  | Look
  | News;

/** What goes to every listener: of deployments, histories, syncs and generations, whoever follows which app. */
export type News = DeploymentChanged | CheckpointMade | SyncChanged | GenerationStepped;

const NEWS: Event["event"]["type"][] = ["deployment_changed", "checkpoint_made", "sync_changed", "generation_stepped"];

export const isNews = (event: { type: string }): event is News => NEWS.includes(event.type as News["type"]);

/** `relayed`: the socket is out of reach, so the comm carries the messages for now. */
export type Connection = "connecting" | "open" | "relayed" | "lost";

export interface Following {
  client: string;
  app: string;
  module: string;
  /** Ends in the frame; from here on the transport owns it. */
  port: MessagePort;
}

/** What a transport needs from the preview that a client belongs to. */
export interface Listener {
  /** Sends a message through the widget's comm; false where there is no comm. */
  relay(message: ToEngine): boolean;
  notice(notice: Notice): void;
  connection(state: Connection): void;
}

export interface Transport {
  readonly kind: "server" | "comm";
  follow(following: Following, listener: Listener): void;
  /** For a client that follows no app: it calls, and hears what goes to everybody. */
  listen(client: string, listener: Listener): void;
  unfollow(client: string): void;
  /** The client's widget changed, and with it the comm. */
  resume(client: string): void;
  call(client: string, request: Request): Promise<Result>;
  /** The same by way of the client's kernel, where there is one: it adds what only it knows. */
  ask(client: string, request: Request): Promise<Result>;
  /** A message for this client came in through the widget's comm. */
  relayed(client: string, message: ToClient): void;
}
