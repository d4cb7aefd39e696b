// The two nested documents that run the app, and the page's end of the control port.
import inner from "text:../runtime/inner.ts";
import { outerDocument } from "../runtime/documents";
import type { FromFrame, Start, ToFrame } from "../runtime/messages";
import type { Theme } from "./host";

export interface FrameEvents {
  /** What the frame is to be started with; asked for at every (re)load. */
  start(): Omit<Start, "type">;
  /** `updates` is where the modules of the documents go that load next; they may be sent before that. */
  loading(updates: MessagePort): void;
  message(message: FromFrame): void;
}

export class Frame {
  readonly element = document.createElement("iframe");
  #events: FrameEvents;
  #control: MessagePort | null = null;
  /** The frame's end of a channel that is in use already. */
  #updates: MessagePort | null = null;

  constructor(allow: readonly string[], events: FrameEvents) {
    this.#events = events;
    // Without `allow-forms` a form never gets its submit event; the documents' policy sees to it that it leads nowhere.
    this.element.setAttribute("sandbox", "allow-scripts allow-forms");
    this.element.slot = "frame";
    this.element.srcdoc = outerDocument({ allow: [...allow], inner });
    // Again whenever the host moves the element: browsers then load the document anew.
    this.element.addEventListener("load", () => this.#connect());
    // The engine compiles, and sends, while the documents load.
    this.#open();
  }

  set title(title: string) {
    this.element.title = title;
  }

  set theme(theme: Theme) {
    this.element.style.colorScheme = theme;
    this.post({ type: "theme", theme });
  }

  /** False where nobody listens yet. */
  post(message: ToFrame): boolean {
    this.#control?.postMessage(message);
    return this.#control !== null;
  }

  remove(): void {
    this.#control?.close();
    this.#control = null;
    this.element.remove();
  }

  #connect(): void {
    if (!this.element.contentWindow) return;
    this.#control?.close();
    const control = new MessageChannel();
    this.#control = control.port1;
    control.port1.onmessage = ({ data }) => {
      if (data && typeof data.type === "string") this.#events.message(data as FromFrame);
    };
    const start: Start = { type: "start", ...this.#events.start() };
    const updates = this.#updates ?? this.#open();
    this.#updates = null;
    this.element.contentWindow.postMessage(start, "*", [control.port2, updates]);
  }

  #open(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#updates = port2;
    this.#events.loading(port1);
    return port2;
  }
}
