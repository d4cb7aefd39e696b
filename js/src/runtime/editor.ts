/**
 * The visual editor's place in the frame. Its code comes from the notebook page and runs on the app's own React, in the
 * same document as the app's components: whatever it says is as little to be believed as what the app says.
 */
import type { ReactNode } from "react";
import { cjs } from "./cjs";
import { compileEditor } from "./factory";
import type { FromEditor, ToEditor } from "./messages";
import { post } from "./post";
import type { Registry } from "./registry";

/** What the editor's code is given. */
export interface EditorHost {
  /** Has a module of the app run, and gives an export of it; undefined where there is none (yet). */
  component(path: string, exported: string): unknown;
  say(message: FromEditor): void;
}

/** What the editor's code gives. */
export interface Editor {
  /** What is to be on screen; `page` is the canvas variant of the page, null where it does not compile. */
  show(page: unknown): ReactNode;
  receive(message: ToEditor): void;
  /** Modules of the app have changed. */
  updated(): void;
}

export type EditorFactory = (require: (name: string) => unknown) => { create(host: EditorHost): Editor };

export class EditorPlace {
  #registry: Registry;
  #show: (editor: Editor) => void;
  #factory: EditorFactory | null = null;
  #editor: Editor | null = null;
  #waiting: ToEditor[] = [];

  constructor(registry: Registry, show: (editor: Editor) => void) {
    this.#registry = registry;
    this.#show = show;
  }

  receive(message: ToEditor): void {
    if (message.type === "code") {
      this.#factory ??= compileEditor(message.code);
      this.begin();
    } else if (this.#editor) this.#editor.receive(message);
    else this.#waiting.push(message);
  }

  updated(): void {
    this.#editor?.updated();
  }

  /** Once both its code and React are there. */
  begin(): void {
    if (this.#editor || !this.#factory || !this.#registry.has("react-dom")) return;
    const { create } = this.#factory((name) => cjs(this.#registry.provided(name)));
    this.#editor = create({
      component: (path, exported) => this.#component(path, exported),
      say: (message) => post({ type: "editor", message }),
    });
    for (const message of this.#waiting) this.#editor.receive(message);
    this.#waiting = [];
    this.#show(this.#editor);
  }

  #component(path: string, exported: string): unknown {
    const entry = this.#registry.get(path);
    if (!entry) return undefined;
    if (entry.status === "idle" && !entry.failed) {
      try {
        const later = this.#registry.load(path);
        if (later) void later.then(() => this.updated());
      } catch (error) {
        reportError(error);
      }
    }
    return entry.status === "ran" ? entry.exports[exported] : undefined;
  }
}
