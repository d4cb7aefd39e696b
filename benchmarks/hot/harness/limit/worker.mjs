// The bare prototype's Node process: frames of a length and JSON on its pipes.
import fs from "node:fs";
import path from "node:path";
import { Graph, script, vendor } from "./compile.mjs";
import { Tailwind } from "./tailwind.mjs";

const ENTRY = "src/main.tsx";
let graph;
let tailwind;

async function init({ root }) {
  graph = new Graph(root);
  graph.set(ENTRY, fs.readFileSync(path.join(root, ENTRY), "utf8"));
  tailwind = await Tailwind.open(root);
  const css = tailwind ? `document.getElementById("__tw").textContent = ${JSON.stringify(tailwind.css)};` : "";
  const app = [...[...graph.modules.values()].map(script), css, `__hmr.start("${ENTRY}");`].join("\n");
  return { ...vendor(), app };
}

function set({ path: id, source }) {
  const modules = graph.set(id, source);
  const css = tailwind?.update(modules.map((module) => module.source));
  return { ids: modules.map((module) => module.id), code: modules.map(script), css };
}

async function answer({ id, cmd, ...request }) {
  let done;
  try {
    done = await (cmd === "init" ? init(request) : set(request));
  } catch (error) {
    done = { error: error.message };
  }
  const data = Buffer.from(JSON.stringify({ id, ...done }));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length);
  process.stdout.write(Buffer.concat([size, data]));
}

let received = Buffer.alloc(0);
process.stdin.on("data", (data) => {
  received = received.length ? Buffer.concat([received, data]) : data;
  while (received.length >= 4) {
    const end = 4 + received.readUInt32LE(0);
    if (received.length < end) break;
    answer(JSON.parse(received.subarray(4, end)));
    received = received.subarray(end);
  }
});
process.stdin.on("end", () => process.exit(0));
