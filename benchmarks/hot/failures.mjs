// What survives a bad edit and the good one after it, beside other development servers.
//
// usage: node failures.mjs HARNESS [--peers vite,vite-bundled,bun] [--python PYTHON] [--chrome PATH] [--out FILE]
//
// HARNESS is a folder with the latency harness: it brings the app, the peers and Playwright. Each row starts anew with
// a counter at 3; `kept` is what is on screen after the bad edit, `after` what is there after the good one.
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: "string", default: "vite,vite-bundled,bun" },
    python: { type: "string", default: "python" },
    chrome: { type: "string", default: "/usr/bin/chromium" },
    out: { type: "string", default: "" },
  },
});
const harness = resolve(positionals[0] ?? ".");
const { chromium } = createRequire(join(harness, "package.json"))("playwright-core");
const load = (path) => import(pathToFileURL(join(harness, path)));
const { genApp, TARGET, targetSource } = await load("lib/gen.mjs");
const { make } = await load("contenders/url.mjs");

const PORT = 4950;
/** How long a bad edit may take to be told, and a good one to be shown, in milliseconds. */
const PATIENCE = 6000;
const TOKEN = "failures";

const insert = (source, before, text) => source.replace(before, `${text}\n  ${before}`);
const BAD = {
  "syntax error": (s) => s.replace("return (\n    <section", "return (((\n    <section"),
  "import of a missing file": (s) => `import { nope } from './missing';\nvoid nope;\n${s}`,
  "throw at the top level": (s) => `${s}\nthrow new Error("top");\n`,
  "throw while rendering": (s) => insert(s, "const [count, setCount]", "if (1) throw new Error('boom');"),
  "throw in an effect": (s) => insert(s, "return (\n    <section", "useEffect(() => { throw new Error('boom'); });"),
  "endless loop while rendering": (s) => insert(s, "const [count, setCount]", "while (true) {}"),
};

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** The promise's value, or nothing where a page is too busy to answer. */
const within = (ms, promise) => Promise.race([promise.catch(() => null), sleep(ms).then(() => null)]);

function ours(folder) {
  const serve = join(import.meta.dirname, "serve.py");
  const at = "http://127.0.0.1:{port}/overskill-nb";
  return make({
    name: "ours",
    start: `${values.python} ${serve} {dir} --port {port} --token ${TOKEN}`,
    url: `${at}/tab/${folder}?token=${TOKEN}`,
    hook: `${at}/api/apps/${folder}/files`,
    token: TOKEN,
  });
}

/** What a page shows: the marker and the counter, wherever its frames are, and whether it tells of an error. */
async function look(page) {
  const shown = { marker: "blank", counter: "-", told: false };
  for (const frame of page.frames()) {
    const found = await within(
      1000,
      frame.evaluate(() => {
        const text = (selector) => document.querySelector(selector)?.textContent;
        const overlay = document.querySelector("vite-error-overlay,bun-hmr,[role=alert]");
        const shadows = [...document.querySelectorAll("*")].some((e) => e.shadowRoot?.querySelector("[role=alert]"));
        return { marker: text("#hmr-marker"), counter: text("#hmr-counter"), told: Boolean(overlay) || shadows };
      }),
    );
    if (found === null && frame === page.mainFrame()) shown.marker = "frozen";
    if (!found) continue;
    if (found.marker) [shown.marker, shown.counter] = [found.marker, found.counter];
    shown.told ||= found.told;
  }
  return shown;
}

async function until(page, test) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const shown = await look(page);
    if (test(shown) || Date.now() > end) return shown;
    await sleep(100);
  }
}

async function row(browser, contender, name, dir, port) {
  rmSync(dir, { recursive: true, force: true });
  genApp(dir, 20);
  const server = await contender.start({ dir, port, n: 20 });
  const context = await browser.newContext();
  const page = await context.newPage();
  try {
    await page.goto(server.url);
    const ready = await until(page, ({ marker }) => marker.startsWith("REV_"));
    if (!ready.marker.startsWith("REV_")) throw new Error(`${contender.name} does not start: ${ready.marker}`);
    let frame = null;
    for (const each of page.frames()) if (await each.$("#hmr-counter")) frame = each;
    for (let i = 0; i < 3; i++) await frame.click("#hmr-counter");
    await sleep(500);
    let reloads = 0;
    page.on("framenavigated", () => reloads++);
    server.apply(TARGET, BAD[name](targetSource(1)));
    // The new text must have had its time, also where nothing is told.
    await until(page, ({ told }) => told);
    await sleep(500);
    const bad = await look(page);
    server.apply(TARGET, targetSource(2));
    const good = await until(page, ({ marker, told }) => marker === "REV_2" && !told);
    const clicked = /clicked 3 times/;
    return {
      contender: contender.name,
      edit: name,
      bad: `${bad.marker}, ${bad.counter}`,
      "error shown": bad.told,
      fixed: `${good.marker}, ${good.counter}`,
      "view kept": bad.marker.startsWith("REV_"),
      "fix applied": good.marker === "REV_2",
      "state kept": good.marker === "REV_2" && clicked.test(good.counter),
      reloads,
    };
  } finally {
    await within(3000, context.close());
    await server.stop();
  }
}

const rows = [];
const folder = "failures-ours";
const peers = values.peers.split(",").filter(Boolean);
const contenders = [ours(folder)];
for (const peer of peers) contenders.push((await load(`contenders/${peer}.mjs`)).default);
const launch = () => chromium.launch({ executablePath: values.chrome, args: ["--no-sandbox", "--disable-gpu"] });
let port = PORT;
for (const contender of contenders) {
  const dir = join(harness, "work", contender.name === "ours" ? folder : `failures-${contender.name}`);
  for (const name in BAD) {
    // A frozen page must not be in the way of the next one.
    const browser = await launch();
    rows.push(await row(browser, contender, name, dir, port++));
    const process = browser.process?.();
    await within(5000, browser.close());
    process?.kill("SIGKILL");
    console.log(JSON.stringify(rows.at(-1)));
  }
}
console.table(rows);
if (values.out) writeFileSync(values.out, JSON.stringify(rows, null, 1));
process.exit(0);
