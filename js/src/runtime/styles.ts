/** The stylesheets of modules: one style element each, in the order in which they were first asked for. */
const elements = new Map<string, HTMLStyleElement>();

export const styles = {
  set(id: string, css: string): void {
    let element = elements.get(id);
    if (!element) {
      element = document.createElement("style");
      element.dataset.overskill = id;
      elements.set(id, element);
    } else if (element.textContent === css && element.isConnected) return;
    element.textContent = css;
    if (!element.isConnected) document.head.append(element);
  },
  remove(id: string): void {
    elements.get(id)?.remove();
    elements.delete(id);
  },
};
