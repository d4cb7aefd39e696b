// The script of a page that shows previews without a notebook, a server or a network. Once per page, whatever holds it.
import { onTheme } from "../widgets/host";
import { Shown } from "./shown";

const KEY = Symbol.for("overskill_nb.handover");
const page = globalThis as { [KEY]?: boolean };

function begin(): void {
  const shown = [...document.querySelectorAll<HTMLElement>("[data-overskill-preview]")].map((el) => new Shown(el));
  onTheme(() => {
    for (const one of shown) one.themed();
  });
}

if (!page[KEY]) {
  page[KEY] = true;
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
}
