// A running preview: its frame, what the engine sends to it, and what it says.
import type { FromFrame } from "../runtime/messages";
import { checkedLines, withLines } from "./console_rows";
import type { Editor } from "./editor";
import { Frame } from "./frame";
import { Invocations } from "./invocations";
import { Looks } from "./looks";
import type { ToClient } from "./model";
import { Pulse } from "./pulse";
import { randomName } from "./random";
import type { Recording } from "./recording";
import type { Reports } from "./reports";
import { RuntimeErrors } from "./runtime_errors";
import type { Source } from "./source";
import { initial, type State } from "./state";
import type { Store } from "./store";
import { isNews, type Listener, type Notice, type Request, type Result, type Transport } from "./transport";

/** So many restarts within so many milliseconds are a loop. */
const RESTARTS = 5;
const LOOP = 10_000;
/** How long a notice stays, and how long nothing may come before that is said. */
const NOTICE = 4000;
const SILENCE = 8000;
/** How often in a row the engine may say that it has no such app before that is shown. */
const REFUSALS = 3;
const GONE_HINT = "It is asked again every few seconds; run the cell that opens the app.";
/** How long a kernel may take to answer after it went or came back. */
const ANSWER = 4000;

export interface LiveOptions {
  store: Store<State>;
  reports: Reports | null;
  source(): Source;
  transport(): Transport;
  /** Puts the frame's element where it belongs. */
  place(element: HTMLIFrameElement): void;
  fits(): boolean;
  sized(height: number): void;
  /** What stands behind a frame that edits; null for one that only shows. */
  editor?: Editor | null;
  recording?: Recording;
}

export class Live {
  /** The last number that is on screen. */
  seq = -1;
  readonly #o: LiveOptions;
  readonly #client = randomName();
  readonly #errors: RuntimeErrors;
  readonly #invocations = new Invocations((message) => this.frame?.post(message));
  readonly #looks: Looks;
  readonly #pulse = new Pulse(
    () => this.frame?.post({ type: "ping" }),
    (silent) => this.#o.store.set({ silent }),
  );
  frame: Frame | null = null;
  #transport: Transport | null = null;
  #restarts: number[] = [];
  #refusals = 0;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #kernel: ReturnType<typeof setTimeout> | undefined;
  #listener: Listener = {
    relay: (message) => this.#o.source().relay(message),
    notice: (notice) => this.#notice(notice),
    connection: (connection) => {
      this.#o.store.set({ connection });
      this.#o.editor?.connection(connection);
    },
  };

  constructor(options: LiveOptions) {
    this.#o = options;
    this.#errors = new RuntimeErrors(options.store, async ({ kind, message, stack }) => {
      const { app } = options.source();
      const transport = this.#transport ?? options.transport();
      const result = await transport.call(this.#client, { type: "trace_error", app, kind, message, stack });
      if (result.type !== "traced") throw new Error(result.type);
      return result.diagnostic;
    });
    this.#looks = new Looks({
      store: options.store,
      post: (message) => this.frame?.post(message) ?? false,
      traced: () => this.#errors.settled(),
      // One that does not get there is missed by nobody for long.
      answer: (seen) => void this.#transport?.call(this.#client, seen).catch(() => {}),
    });
  }

  start(): void {
    this.stop();
    const { store } = this.#o;
    this.#o.editor?.loading();
    store.set({ live: false, errors: [], kept: false, dismissed: false });
    this.frame = new Frame(this.#o.source().allow, {
      start: () => {
        const { target, props, functions } = this.#o.source();
        const { theme } = store.value;
        const editor = Boolean(this.#o.editor);
        return { client: this.#client, target, props, functions, theme, fit: this.#o.fits(), editor };
      },
      loading: (port) => this.#follow(port),
      message: (message) => this.#message(message),
    });
    this.frame.title = store.value.title || "Preview";
    this.frame.theme = store.value.theme;
    this.#o.place(this.frame.element);
  }

  stop(): void {
    this.#pulse.stop();
    clearTimeout(this.#silence);
    clearTimeout(this.#kernel);
    this.#transport?.unfollow(this.#client);
    this.#transport = null;
    this.#invocations.clear();
    this.frame?.remove();
    this.frame = null;
  }

  restart(reason: string): void {
    const now = performance.now();
    this.#restarts = [...this.#restarts.filter((at) => now - at < LOOP), now];
    if (this.#restarts.length > RESTARTS) {
      this.#fail(`The preview was started again ${RESTARTS} times in a row (${reason}).`, "Reload it by hand.");
      return;
    }
    this.start();
    this.#say(reason ? `Reloaded: ${reason}` : "Reloaded");
  }

  /** What the user asks for is never a loop. */
  reload(): void {
    this.#restarts = [];
    this.restart("");
  }

  /** Another widget speaks for this preview now. */
  resume(): void {
    this.#transport?.resume(this.#client);
  }

  /** An engine that is reached through the kernel may have gone with it: ask. */
  kernelChanged(): void {
    const { store } = this.#o;
    if (this.#transport?.kind !== "comm") return;
    this.#transport.resume(this.#client);
    clearTimeout(this.#kernel);
    this.#kernel = setTimeout(() => {
      if (store.value.connection === "connecting") store.set({ connection: "lost" });
    }, ANSWER);
  }

  call(request: Request): Promise<Result> {
    return (this.#transport ?? this.#o.transport()).call(this.#client, request);
  }

  /** By way of the kernel. */
  ask(request: Request): Promise<Result> {
    return (this.#transport ?? this.#o.transport()).ask(this.#client, request);
  }

  relayed(message: ToClient): void {
    this.#transport?.relayed(this.#client, message);
  }

  returned(id: number, value: unknown, error: string | undefined): void {
    this.#invocations.returned(id, value, error);
  }

  #follow(port: MessagePort): void {
    const { app, target } = this.#o.source();
    this.#errors.clear();
    this.#transport?.unfollow(this.#client);
    this.#transport = this.#o.transport();
    this.#transport.follow({ client: this.#client, app, module: target.module, port }, this.#listener);
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      const { connection, progress } = this.#o.store.value;
      if (progress || connection === "lost") return;
      const direct = this.#transport?.kind === "server" && connection !== "relayed";
      this.#o.store.set({ progress: direct ? "Waiting for the server…" : "Waiting for the kernel…" });
    }, SILENCE);
  }

  #notice(notice: Notice): void {
    if (isNews(notice)) {
      this.#o.editor?.news(notice);
      return;
    }
    clearTimeout(this.#silence);
    const { store } = this.#o;
    switch (notice.type) {
      case "snapshot":
      case "update":
        this.#there();
        store.set({ diagnostics: notice.diagnostics, progress: "" });
        this.#o.editor?.noticed();
        // It cannot take the change in, and the change may be what mends it.
        if (notice.type === "update" && store.value.silent) this.restart("the preview did not answer");
        return;
      case "progress":
        store.set({ progress: notice.done ? "" : withFraction(notice.text, notice.fraction) });
        return;
      case "look":
        this.#looks.asked(notice);
        return;
      case "gone":
        this.#gone(notice.reason);
    }
  }

  /** The transport asks again by itself. Said only where that did not help at once: the engine may just have started. */
  #gone(reason: string): void {
    this.#refusals += 1;
    if (this.#refusals === REFUSALS) this.#fail(reason || "The engine does not have this app any more.", GONE_HINT);
  }

  #there(): void {
    if (this.#refusals >= REFUSALS) this.#errors.clear();
    this.#refusals = 0;
  }

  #message(message: FromFrame): void {
    const { store, reports } = this.#o;
    switch (message.type) {
      case "ready":
        this.#pulse.start();
        this.#o.editor?.ready();
        this.#o.recording?.ready();
        return;
      case "stepped":
        this.#o.recording?.stepped(message.step);
        return;
      case "editor":
        this.#o.editor?.said(message.message);
        return;
      case "pong":
        this.#pulse.answered();
        return;
      case "looked":
        this.#looks.looked(message.id, message.seen, message.failure);
        return;
      case "live":
        this.seq = Number(message.seq);
        store.set({ live: true, kept: false });
        return;
      case "failed":
        store.set({ kept: message.kept === true, progress: "" });
        this.#errors.add(message.error);
        return;
      case "error":
        this.#errors.add(message.error);
        return;
      case "clear":
        this.#errors.clear();
        return;
      case "console":
        this.#log(checkedLines(message.lines));
        return;
      case "size":
        if (Number.isFinite(message.height)) this.#o.sized(message.height);
        return;
      case "invoke":
        this.#invocations.invoke(this.#o.source(), message.id, message.name, message.args);
        return;
      case "blocked":
        this.#blocked(String(message.url).slice(0, 500), String(message.directive));
        return;
      case "restart":
        reports?.stands({ status: "loading", errors: [], seq: this.seq, height: store.value.height });
        this.restart(String(message.reason).slice(0, 200));
        return;
    }
  }

  #log(lines: ReturnType<typeof checkedLines>): void {
    const { store, reports } = this.#o;
    store.set({ lines: withLines(store.value.lines, lines) });
    reports?.lines(lines);
  }

  /** Requests that carry data are errors; a picture that does not load is only worth a line in the console. */
  #blocked(url: string, directive: string): void {
    const origin = URL.canParse(url) ? new URL(url).origin : url;
    const text = `The preview may not load ${url} (${directive}).`;
    if (!directive.startsWith("connect")) {
      this.#log([{ level: "warn", text, time: Date.now(), count: 1 }]);
      return;
    }
    this.#errors.addDiagnostic({
      ...{ severity: "error", kind: "network", message: text, location: null, frame: "", stack: "" },
      hint: `Allow it where the app is opened: allow=["${origin}"].`,
    });
  }

  #fail(message: string, hint: string): void {
    this.#errors.addDiagnostic({
      ...{ severity: "error", kind: "internal", message, location: null, frame: "", stack: "" },
      hint,
    });
  }

  #say(notice: string): void {
    const { store } = this.#o;
    store.set({ notice });
    clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => store.set({ notice: initial.notice }), NOTICE);
  }
}

function withFraction(text: string, fraction: number | null): string {
  return fraction === null ? text : `${text} ${Math.round(fraction * 100)} %`;
}
