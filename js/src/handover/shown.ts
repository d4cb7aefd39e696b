// One preview on a page without a notebook: its frame, and what there is to say of it.
import type { FromFrame } from "../runtime/messages";
import { Frame } from "../widgets/frame";
import { frameHeight } from "../widgets/height";
import { theme } from "../widgets/host";
import { WIDTHS } from "../widgets/widths";
import { held } from "./held";
import { read, type What } from "./what";

/** So many restarts are a loop. */
const RESTARTS = 5;
const CLIENT = "page";
const STYLE = `:host{display:block}
iframe,::slotted(iframe){display:block;border:0;width:100%}
.stage{margin:0 auto;max-width:100%;overflow:hidden}
p{margin:.4em 0 0;padding:.35em .6em;border-left:3px solid #b26a00;background:color-mix(in srgb,#b26a00 9%,transparent);font:12px/1.4 system-ui,sans-serif}
p[data-bad]{border-color:#c62828;background:color-mix(in srgb,#c62828 9%,transparent)}
p:empty{margin:0;padding:0;border:0}`;

export class Shown {
  readonly #element: HTMLElement;
  readonly #what: What;
  readonly #stage = document.createElement("div");
  readonly #note = document.createElement("p");
  #frame: Frame | null = null;
  #content = 0;
  #restarts = 0;

  constructor(element: HTMLElement) {
    this.#element = element;
    this.#what = read(element);
    const root = element.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = STYLE;
    this.#stage.className = "stage";
    const width = WIDTHS[this.#what.device];
    if (width) this.#stage.style.width = `${width}px`;
    this.#note.setAttribute("role", "status");
    root.append(style, this.#stage, this.#note);
    this.#start();
  }

  themed(): void {
    if (this.#frame) this.#frame.theme = theme();
  }

  #start(): void {
    const { allow, functions, props, target, title } = this.#what;
    this.#frame?.remove();
    this.#frame = new Frame(allow, {
      start: () => ({ client: CLIENT, target, props, functions, theme: theme(), fit: this.#fits }),
      loading: (port) => {
        held(this.#what.held).then(
          (snapshot) => port.postMessage(snapshot),
          (error: Error) => this.#say(error.message, true),
        );
      },
      message: (message) => this.#message(message),
    });
    this.#frame.title = title;
    this.#frame.theme = theme();
    this.#size();
    this.#stage.append(this.#frame.element);
  }

  get #fits(): boolean {
    return this.#what.target.module !== "" && !this.#what.height;
  }

  #size(): void {
    const { height, target } = this.#what;
    const pixels = frameHeight({ wanted: height, whole: target.module === "", content: this.#content });
    if (this.#frame) this.#frame.element.style.height = `${pixels}px`;
  }

  /** The frame runs other people's code: what it says is cut, and never more than text. */
  #message(message: FromFrame): void {
    switch (message.type) {
      case "size":
        if (!Number.isFinite(message.height)) return;
        this.#content = message.height;
        this.#size();
        return;
      case "invoke":
        this.#invoked(Number(message.id), String(message.name).slice(0, 100));
        return;
      case "live":
        this.#is("live");
        return;
      case "failed":
        this.#is("failed");
        this.#say(String(message.error?.message).slice(0, 500), true);
        return;
      case "error":
        this.#say(String(message.error?.message).slice(0, 500), true);
        return;
      case "clear":
        this.#say("");
        return;
      case "blocked":
        this.#say(`The component may not load ${String(message.url).slice(0, 200)}.`);
        return;
      case "restart":
        this.#restarts += 1;
        if (this.#restarts <= RESTARTS) this.#start();
    }
  }

  /** For those who wait for it: whoever takes pictures of the page. */
  #is(state: "live" | "failed"): void {
    this.#element.dataset.overskillState = state;
  }

  #invoked(id: number, name: string): void {
    const error = `"${name}" is answered by Python, which does not run in this page: it was exported from a notebook.`;
    this.#frame?.post({ type: "returned", id, error });
    this.#say(error);
  }

  #say(text: string, bad = false): void {
    this.#note.toggleAttribute("data-bad", bad);
    this.#note.textContent = text;
  }
}
