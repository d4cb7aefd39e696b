// One contender at one app size: its page, and one edit after the other.
import { setTimeout as sleep } from "node:timers/promises";
import { EDITS } from "./app.mjs";
import { probe } from "./probe.mjs";
import { quiet } from "./quiet.mjs";

const CLICKED = "clicked 3 times";
const TIMEOUT = 20_000;
const now = () => performance.timeOrigin + performance.now();

export class Contender {
  samples = [];
  errors = [];
  clockError = 0;
  #revisions = {};
  #waiting = new Map();
  #clock = 0;

  constructor(name, n, server, browser) {
    this.name = name;
    this.n = n;
    this.server = server;
    this.browser = browser;
  }

  async open() {
    this.context = await this.browser.newContext();
    const page = await this.context.newPage();
    this.page = page;
    await page.exposeBinding("__seen", (_, text) => {
      const seen = JSON.parse(text);
      this.#waiting.get(seen.key)?.(seen);
    });
    await page.addInitScript(probe);
    page.on("console", (message) => message.type() === "error" && this.errors.push(message.text()));
    page.on("pageerror", (error) => this.errors.push(error.message));
    await page.goto(this.server.url, { waitUntil: "commit", timeout: 90_000 });
    this.frame = await this.#find("#hmr-marker");
    await this.#click();
    await this.#readClock();
  }

  async stop() {
    await this.context?.close();
    await this.server.stop();
  }

  /** Hands in the next revision and waits until the page shows it. */
  async edit(kind, { warm = false } = {}) {
    const edit = EDITS[kind];
    const revision = (this.#revisions[kind] ?? 0) + 1;
    this.#revisions[kind] = revision;
    const key = `${kind}${revision}`;
    const source = edit.source(revision, this.n);
    const shown = new Promise((resolve) => this.#waiting.set(key, resolve));
    await this.#want({ key, selector: edit.selector, text: edit.text?.(revision), style: edit.style?.(revision) });
    const calm = await quiet();
    const started = now();
    const handedIn = this.server.handIn(edit.file, source);
    const seen = await Promise.race([shown, sleep(TIMEOUT, null, { ref: false })]);
    this.#waiting.delete(key);
    await Promise.resolve(handedIn).catch((error) => this.errors.push(error.message));
    if (!seen) {
      if (!warm) this.samples.push({ kind, timeout: true });
      process.stderr.write(`n=${this.n} ${this.name} did not show ${key}: ${this.errors.slice(-1)}\n`);
      await this.#again();
      return;
    }
    const state = seen.counter === CLICKED;
    if (!warm) {
      const dom = seen.dom - this.#clock - started;
      const paint = seen.paint - this.#clock - started;
      this.samples.push({ kind, dom, paint, state, reloaded: seen.reloaded, quiet: calm });
    }
    if (!state) await this.#click();
  }

  async #want(wanted) {
    try {
      if (this.frame.isDetached()) this.frame = await this.#find("#hmr-marker");
      await this.frame.evaluate((next) => window.__want(next), wanted);
    } catch {
      await this.#again();
      await this.frame.evaluate((next) => window.__want(next), wanted);
    }
  }

  /** The page is lost: what follows must not be. */
  async #again() {
    await this.page.goto(this.server.url, { waitUntil: "commit" });
    this.frame = await this.#find("#hmr-marker");
    await this.#click();
  }

  /** Gives the page state that can be lost. */
  async #click() {
    this.frame = await this.#find("#hmr-counter");
    for (let i = 0; i < 200 && (await this.frame.textContent("#hmr-counter")) !== CLICKED; i++) {
      await this.frame.click("#hmr-counter");
      await sleep(60);
    }
  }

  /** The page's clock against ours, by the quickest of some round trips. */
  async #readClock() {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 15; i++) {
      const before = now();
      const there = await this.frame.evaluate(() => performance.timeOrigin + performance.now());
      const after = now();
      if (after - before >= best) continue;
      best = after - before;
      this.#clock = there - (before + after) / 2;
    }
    this.clockError = best / 2;
  }

  async #find(selector, timeout = 60_000) {
    const end = Date.now() + timeout;
    while (Date.now() < end) {
      for (const frame of this.page.frames()) {
        const element = await frame.$(selector).catch(() => null);
        if (element) return frame;
      }
      await sleep(30);
    }
    throw new Error(`${this.name}: no frame has ${selector}: ${this.errors.slice(-2).join(" ")}`);
  }
}
