/**
 * No documents within the app's: a nested `srcdoc` frame is not covered by `frame-src`, and would have WebRTC, which no
 * directive covers, anew. A nested document loads in a later task; it is taken away before.
 */
import { line } from "./console";

const NESTED = "iframe,frame,object,embed,fencedframe,portal";

export function installNestedGuard(): void {
  const observer = new MutationObserver((records) => {
    for (const { addedNodes } of records) for (const node of addedNodes) clear(node);
  });
  const watch = (root: Node) => observer.observe(root, { childList: true, subtree: true });
  watch(document);
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    const root = attach.call(this, init);
    watch(root);
    return root;
  };
  // These make shadow roots, or documents, that nobody would watch.
  for (const owner of [Element.prototype, ShadowRoot.prototype]) Reflect.deleteProperty(owner, "setHTMLUnsafe");
  Reflect.deleteProperty(Document, "parseHTMLUnsafe");
  for (const name of ["write", "writeln", "open"] as const) {
    Object.defineProperty(document, name, { value: () => refuse(`document.${name}`) });
  }
}

function clear(node: Node): void {
  if (!(node instanceof Element)) return;
  const found = [...(node.matches(NESTED) ? [node] : []), ...node.querySelectorAll(NESTED)];
  for (const element of found) {
    element.remove();
    refuse(`<${element.localName}>`);
  }
}

function refuse(what: string): void {
  line("warn", `${what}: the preview shows no documents within the app's`);
}
