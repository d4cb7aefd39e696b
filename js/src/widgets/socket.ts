// A WebSocket that stays open: it reconnects, and notices when a connection died without a word.
import { backoff } from "./backoff";
import type { ToClient, ToEngine } from "./model";

/**
 * After this long without a message the engine is asked for a sign of life. Short, because many a proxy drops what is quiet,
 * some without telling either side.
 */
const QUIET = 4000;
/**
 * How long the answer may take. A slow line that is busy with a large message looks the same as a dead one: each connection
 * that is given up unanswered doubles the patience with the next.
 */
const ANSWER = 6000;
const MOST = 120_000;
const OPENING = 10_000;
/** The ids of these calls: the page's own count from 1. */
const HEARTBEAT = 0;
const HELLO = -1;

export interface SocketEvents {
  opened(): void;
  /** `failures`: how many tries in a row gave no connection. */
  closed(failures: number): void;
  message(message: ToClient): void;
}

export class Socket {
  #url: string;
  #events: SocketEvents;
  #socket: WebSocket | null = null;
  #failures = 0;
  #patience = ANSWER;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, events: SocketEvents) {
    this.#url = url;
    this.#events = events;
    this.#open();
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  send(message: ToEngine): boolean {
    if (!this.isOpen) return false;
    this.#socket?.send(JSON.stringify(message));
    return true;
  }

  /** Try at once where a try is waited for; else check that the connection lives. */
  wake(): void {
    if (this.isOpen) this.#ask();
    else if (this.#retry !== undefined) this.#open();
  }

  #open(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#alarm(OPENING, () => this.#lose(socket));
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#listen();
      // A connection counts once something came over it: there are proxies that open one and drop it at once.
      this.send({ type: "call", id: HELLO, request: { type: "ping" } });
      this.#events.opened();
    };
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#listen();
      const message = JSON.parse(data) as ToClient;
      this.#failures = 0;
      if (message.type !== "reply" || message.id > HEARTBEAT) this.#events.message(message);
      else if (message.id === HEARTBEAT) this.#patience = ANSWER;
    };
    socket.onclose = () => this.#lose(socket);
  }

  #listen(): void {
    this.#alarm(QUIET, () => this.#ask());
  }

  #ask(): void {
    const socket = this.#socket;
    this.send({ type: "call", id: HEARTBEAT, request: { type: "ping" } });
    this.#alarm(this.#patience, () => {
      this.#patience = Math.min(2 * this.#patience, MOST);
      this.#lose(socket);
    });
  }

  #alarm(ms: number, action: () => void): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(action, ms);
  }

  #lose(socket: WebSocket | null): void {
    if (!socket || socket !== this.#socket) return;
    clearTimeout(this.#watch);
    this.#socket = null;
    socket.onclose = null;
    socket.close();
    this.#failures += 1;
    this.#retry = setTimeout(() => this.#open(), backoff(this.#failures));
    this.#events.closed(this.#failures);
  }
}
