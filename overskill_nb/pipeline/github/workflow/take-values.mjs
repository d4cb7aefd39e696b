// Gives the build those public values whose names begin with VITE_, and the Worker all of them. Written by overskill_nb.
import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const { VALUES, GITHUB_ENV, RUNNER_TEMP } = process.env;

let values;
try {
  values = JSON.parse(VALUES || "{}");
} catch (error) {
  console.error(`::error::The input 'env' is not JSON: ${error.message}`);
  process.exit(1);
}
if (values === null || typeof values !== "object" || Array.isArray(values)) {
  console.error("::error::The input 'env' is not a JSON object of names and texts.");
  process.exit(1);
}

const hasWorker = ["ts", "mts", "tsx", "js", "mjs", "jsx"].some((extension) => existsSync(`worker/index.${extension}`));
const words = [];
for (const [name, value] of Object.entries(values)) {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || typeof value !== "string" || value.includes("\0")) {
    console.error(`::error::The input 'env' has ${JSON.stringify(name)}, which is no name with a text.`);
    process.exit(1);
  }
  if (name.startsWith("VITE_")) {
    const end = randomUUID();
    appendFileSync(GITHUB_ENV, `${name}<<${end}\n${value}\n${end}\n`);
  }
  if (hasWorker) words.push("--var", `${name}:${value}`);
}
writeFileSync(join(RUNNER_TEMP, "overskill-values"), words.map((word) => `${word}\0`).join(""));
