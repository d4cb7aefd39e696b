/**
 * What is run in a preview's frame while a person's steps are written down; the page sends it along. It is called with
 * `tell`, which takes steps, and `ended`, which takes what ends it.
 */
import { Steps } from "./steps";

declare const tell: (step: unknown) => void;
declare const ended: (stop: () => void) => void;

const steps = new Steps(tell);
const listening = new AbortController();
const options = { capture: true, signal: listening.signal };
// Before the app's own listeners: what things are called may be otherwise after them.
addEventListener("click", (event) => steps.clicked(event), options);
addEventListener("dblclick", (event) => steps.doubleClicked(event), options);
addEventListener("input", (event) => steps.typed(event), options);
addEventListener("change", (event) => steps.changed(event), options);
addEventListener("keydown", (event) => steps.pressed(event), options);
addEventListener("focusout", () => steps.flush(), options);
ended(() => {
  steps.flush();
  listening.abort();
});
