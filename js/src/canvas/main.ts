/** The visual editor, as the frame gets it. It finds React, and nothing else, in the app's packages. */
import type { EditorFactory, EditorHost } from "../runtime/editor";
import { editorIn } from "./editor";
import editorCss from "./editor.css";
import fieldsCss from "./fields.css";
import pageCss from "./page.css";
import { installScope } from "./scope";
import { Store } from "./store";

export const create: ReturnType<EditorFactory>["create"] = (host: EditorHost) => {
  const style = document.createElement("style");
  style.textContent = editorCss + fieldsCss + pageCss;
  document.head.append(style);
  installScope();
  const store = new Store();
  return {
    show(component) {
      if (store.value.component !== component) queueMicrotask(() => store.set({ component }));
      return editorIn({ store, host });
    },
    receive(message) {
      switch (message.type) {
        case "palette":
          return store.set({ palette: message.palette });
        case "page":
          return store.set({ page: message.page, edit: message.edit });
        case "width":
          return store.set({ width: message.width });
        case "insert":
          return store.set({ insert: message.component });
        case "select":
          return store.set({ select: { id: message.id } });
      }
    },
    updated() {
      store.set({ version: store.value.version + 1 });
    },
  };
};
