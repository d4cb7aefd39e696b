// A preview on the page: the element with its frame and its view, and the widget that it shows. It outlives the widget's
// views, and the widget too where another one of the same key takes over.
import { Anchor } from "./anchor";
import { Editor } from "./editor";
import { frameHeight } from "./height";
import { baseUrl, theme } from "./host";
import { Live } from "./live";
import type { Device, FromKernel } from "./model";
import { randomName } from "./random";
import { Recording } from "./recording";
import { Reports } from "./reports";
import { keyOf } from "./source";
import { initial, problemsOf, type State, statusOf } from "./state";
import { Store } from "./store";
import { tabUrl } from "./tab_url";
import { WIDTHS } from "./toolbar";
import type { Transport } from "./transport";
import { renderView, type ViewActions } from "./view";
import type { Widget } from "./widget";

/** None of the notebook's business: it would run its shortcuts, and take the focus back to the active cell. */
const PRIVATE = ["keydown", "keypress", "keyup", "focusin", "focusout", "mousedown", "click", "dblclick"];

export interface StageHost {
  transport(kind: "server" | "comm"): Transport;
  /** The stage has no view any more. */
  left(stage: Stage): void;
  /** The stage cannot be used again. */
  lost(stage: Stage): void;
}

export class Stage implements ViewActions {
  readonly element = document.createElement("div");
  readonly store = new Store<State>({ ...initial, theme: theme() });
  widget: Widget;
  #host: StageHost;
  #anchor = new Anchor(this.element);
  #bound = new AbortController();
  #reports = new Reports((report) => this.widget.report(report));
  #live: Live;
  #editor: Editor | null = null;
  #recording: Recording;
  #placeholder: HTMLElement | null = null;
  #content = 0;
  #unmount: () => void;
  #size: ResizeObserver;

  constructor(widget: Widget, host: StageHost) {
    this.widget = widget;
    this.#host = host;
    const { element, store } = this;
    element.id = `overskill-${randomName()}`;
    element.className = "overskill-stage";
    element.dataset.lmSuppressShortcuts = "true";
    for (const type of PRIVATE) element.addEventListener(type, (event) => event.stopPropagation());
    element.addEventListener("fullscreenchange", () => {
      store.set({ full: document.fullscreenElement === element });
      this.#fit();
    });
    const editor = widget.get("view") === "editor" ? this.#edit() : null;
    this.#editor = editor;
    this.#recording = new Recording({
      store,
      post: (message) => this.#live.frame?.post(message) ?? false,
      tell: (content) => this.widget.tell(content),
    });
    const parts = editor ? { store: editor.store, actions: editor } : undefined;
    this.#unmount = renderView(element, store, this, parts, this.#recording);
    this.#live = new Live({
      editor,
      store,
      recording: this.#recording,
      reports: this.#reports,
      source: () => this.widget,
      transport: () => host.transport(baseUrl() ? this.widget.transport : "comm"),
      place: (frame) => element.append(frame),
      fits: () => this.#fits(),
      sized: (height) => {
        if (!this.#fits()) return;
        this.#content = height;
        this.#fit();
      },
    });
    store.listen((state) => {
      const errors = problemsOf(state);
      this.#reports.stands({ status: statusOf(state), errors, seq: this.#live.seq, height: state.height });
    });
    this.#size = new ResizeObserver(([entry]) => {
      const height = entry?.borderBoxSize[0]?.blockSize;
      if (height && !store.value.full) this.#anchor.resize(height);
    });
    this.#size.observe(element);
    this.#bind();
    this.#live.start();
    this.#recording.named(widget.get("recording") || "");
    editor?.start();
  }

  get key(): string {
    return keyOf(this.widget);
  }

  get isFree(): boolean {
    return this.#placeholder === null;
  }

  /** Shows the widget in this element, until the view goes. */
  show(widget: Widget, el: HTMLElement, signal: AbortSignal): void {
    if (widget !== this.widget) {
      const before = this.widget;
      this.widget = widget;
      this.#bind();
      this.#adopt(before);
    }
    const placeholder = document.createElement("div");
    placeholder.className = "overskill-placeholder";
    // Reading order: the stage belongs here, wherever it is in the document.
    placeholder.setAttribute("aria-owns", this.element.id);
    this.#placeholder = placeholder;
    el.append(placeholder);
    this.#anchor.attach(placeholder);
    signal.addEventListener("abort", () => this.#leave(placeholder));
  }

  themed(): void {
    this.store.set({ theme: theme() });
    if (this.#live.frame) this.#live.frame.theme = theme();
  }

  destroy(): void {
    this.#bound.abort();
    this.#reports.stop();
    this.#editor?.stop();
    this.#live.stop();
    this.#size.disconnect();
    this.#unmount();
    this.#anchor.destroy();
  }

  reload(): void {
    this.#live.reload();
  }

  setDevice(device: Device): void {
    this.widget.save("device", device);
    this.store.set({ device });
    if (this.#editor) this.#editor.width = WIDTHS[device];
  }

  setHeight(height: number): void {
    this.widget.save("height", height);
    this.#fit();
  }

  previewHeight(height: number): void {
    this.store.set({ height });
  }

  toggleFull(): void {
    if (document.fullscreenElement === this.element) void document.exitFullscreen();
    else this.element.requestFullscreen().catch(() => {});
  }

  #edit(): Editor {
    return new Editor({
      widget: () => this.widget,
      call: (request) => this.#live.call(request),
      ask: (request) => this.#live.ask(request),
      post: (message) => void this.#live.frame?.post({ type: "editor", message }),
    });
  }

  #leave(placeholder: HTMLElement): void {
    if (this.#placeholder !== placeholder) return;
    this.#placeholder = null;
    this.#anchor.hold(() => {
      if (this.isFree && !this.element.isConnected) this.#host.lost(this);
    });
    this.#host.left(this);
  }

  /** Another widget of the same key took over: tell the frame what is different. */
  #adopt(before: Widget): void {
    this.#editor?.adopted();
    if (before.transport !== this.widget.transport || before.allow.join() !== this.widget.allow.join()) {
      this.#live.restart("");
      return;
    }
    this.#live.frame?.post({ type: "props", props: this.widget.props });
    this.#live.frame?.post({ type: "functions", functions: this.widget.functions });
    this.#live.resume();
    this.#reports.again();
  }

  #bind(): void {
    this.#bound.abort();
    this.#bound = new AbortController();
    const { signal } = this.#bound;
    const { widget, store } = this;
    const on = (trait: string, action: () => void) => widget.on(`change:${trait}`, action, signal);
    const read = () => {
      const { app, target } = widget;
      const tab =
        !this.#editor && baseUrl() && widget.transport === "server" ? tabUrl(baseUrl() as string, app, target) : "";
      const device = widget.get("device") || "";
      const title = (this.#editor && widget.get("page")) || widget.get("title") || widget.name;
      store.set({ title, device, tab });
      if (this.#editor) this.#editor.width = WIDTHS[device];
      if (this.#live?.frame) this.#live.frame.title = store.value.title;
      this.#fit();
    };
    read();
    if (!store.value.live) store.set({ diagnostics: widget.get("problems") ?? [] });
    for (const trait of ["title", "device", "height"]) on(trait, read);
    const recording = () => this.#recording.named(widget.get("recording") || "");
    on("recording", recording);
    on("props", () => this.#live.frame?.post({ type: "props", props: widget.props }));
    on("functions", () => this.#live.frame?.post({ type: "functions", functions: widget.functions }));
    const again = () => {
      read();
      this.#live.restart("");
    };
    for (const trait of ["app", "target", "allow", "transport"]) on(trait, again);
    widget.onKernel(() => this.#live.kernelChanged(), signal);
    widget.onMessage((message) => this.#receive(message), signal);
    if (this.#live) recording();
  }

  #receive(message: FromKernel): void {
    if (message.type === "overskill") this.#live.relayed(message.message);
    else if (message.type === "returned") this.#live.returned(message.id, message.value, message.error);
    else if (message.type === "recorded") this.#recording.answered(message.text, message.failed);
    else if (message.type === "command") {
      if (message.command === "reload") this.reload();
      else if (message.command === "clear_console") this.store.set({ lines: [] });
      else if (message.command === "focus") {
        this.element.scrollIntoView({ block: "nearest" });
        this.#live.frame?.element.focus();
      }
    }
  }

  #fits(): boolean {
    return !this.#editor && this.widget.target.module !== "" && !this.widget.get("height") && !this.store.value.full;
  }

  #fit(): void {
    const wanted = this.widget.get("height") || 0;
    const whole = this.widget.target.module === "";
    const height = frameHeight({ wanted, whole, editor: this.#editor !== null, content: this.#content });
    this.store.set({ height });
    this.#live?.frame?.post({ type: "fit", fit: this.#fits() });
  }
}
