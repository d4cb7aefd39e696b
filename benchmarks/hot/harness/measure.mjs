// Source handed in -> DOM changed, for all contenders at once: one machine, one Chromium, one clock, samples interleaved.
// usage: measure.mjs '{"contenders": ["vite", "ours"], "plan": {"leaf": [1, 20]}, "edits": {"leaf": 30}, "css": false,
//                      "warm": 4, "python": PATH, "chromium": PATH, "arguments": [...], "work": DIR, "out": FILE}'
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { writeApp } from "./app.mjs";
import { Contender } from "./contender.mjs";
import { summary } from "./statistics.mjs";

const options = JSON.parse(process.argv[2]);
const rows = [];

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function start(browser, name, n) {
  const dir = path.join(options.work, `${n}-${name}`);
  writeApp(dir, n, { css: options.css });
  const made = (await import(`./contenders/${name}.mjs`)).default;
  const { css, python } = options;
  const server = await made.start({ dir, n, css, python, port: await freePort() });
  const contender = new Contender(name, n, server, browser);
  try {
    await contender.open();
  } catch (error) {
    await contender.stop();
    throw error;
  }
  return contender;
}

function row(contender, kind) {
  const all = contender.samples.filter((sample) => sample.kind === kind);
  const seen = all.filter((sample) => !sample.timeout);
  return {
    name: contender.name,
    n: contender.n,
    kind,
    ...summary(seen.map((sample) => sample.dom)),
    paint: summary(seen.map((sample) => sample.paint)).median,
    state: seen.filter((sample) => sample.state).length,
    reloads: seen.filter((sample) => sample.reloaded).length,
    timeouts: all.length - seen.length,
    noisy: seen.filter((sample) => !sample.quiet).length,
    clock_error: Number(contender.clockError.toFixed(2)),
    errors: contender.errors.slice(-3),
    samples: seen.map((sample) => Number(sample.dom.toFixed(2))),
  };
}

/** What runs now, for a stop in the middle. */
let open = [];

async function measure(browser, n) {
  const kinds = Object.keys(options.plan).filter((kind) => options.plan[kind].includes(n));
  const contenders = [];
  open = contenders;
  try {
    for (const name of options.contenders) {
      try {
        contenders.push(await start(browser, name, n));
        process.stderr.write(`n=${n} ${name} is open\n`);
      } catch (error) {
        process.stderr.write(`n=${n} ${name} failed: ${error.message}\n`);
        rows.push({ name, n, kind: "open", failed: error.message.slice(0, 800) });
      }
    }
    for (const kind of kinds) {
      for (const contender of contenders) {
        for (let i = 0; i < options.warm; i++) await contender.edit(kind, { warm: true });
      }
      for (let i = 0; i < options.edits[kind]; i++) {
        // Each round starts with another one: what comes first may find a cooler machine.
        for (let j = 0; j < contenders.length; j++) {
          await contenders[(i + j) % contenders.length].edit(kind);
          await sleep(80 + Math.random() * 120);
        }
      }
      for (const contender of contenders) rows.push(row(contender, kind));
      process.stderr.write(`n=${n} ${kind} is measured\n`);
      fs.writeFileSync(options.out, JSON.stringify(rows, null, 1));
    }
  } finally {
    for (const contender of contenders) await contender.stop();
  }
}

const browser = await chromium.launch({
  executablePath: options.chromium,
  headless: true,
  args: options.arguments,
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    for (const contender of open) await contender.server.stop();
    process.exit(1);
  });
}
try {
  const sizes = [...new Set(Object.values(options.plan).flat())].sort((a, b) => a - b);
  for (const n of sizes) await measure(browser, n);
} finally {
  await browser.close();
  fs.writeFileSync(options.out, JSON.stringify(rows, null, 1));
}
process.exit(0);
