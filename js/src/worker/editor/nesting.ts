/**
 * Whether code that came with data can be read at all. The parser ends its process where code is nested some thousands
 * deep, whether by brackets, operators or keywords; so code that could be is parsed in a process of its own first.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { toolsFolder } from "../tools";
import { type Data, DataError, isCode, isSpread, LOCKED, TYPE_ARGUMENTS } from "./data";

/** Levels of syntax; the parser bears several times as many. */
const LEVELS = 1000;
/** In milliseconds; the engine ends a worker that is silent for ten seconds. */
const PATIENCE = 6000;

const NESTED = 2;
const BROKEN = 3;

const SCRIPT = `
const require = process.getBuiltinModule("node:module").createRequire(process.argv[1]);
const { parseSync } = require("oxc-parser");
for (const source of JSON.parse(process.getBuiltinModule("node:fs").readFileSync(0, "utf8"))) {
  const { program, errors } = parseSync("code.tsx", source, { lang: "tsx", sourceType: "module" });
  if (errors.some((error) => error.severity === "Error")) process.exit(${BROKEN});
  const waiting = [[program, 0]];
  for (let next; (next = waiting.pop()); ) {
    const [value, level] = next;
    if (level > ${LEVELS}) process.exit(${NESTED});
    const inner = level + (typeof value.type === "string" ? 1 : 0);
    for (const key in value) if (value[key] && typeof value[key] === "object") waiting.push([value[key], inner]);
  }
}`;

/** Throws a `DataError` where code that only the new data have cannot be read, or is nested too deeply. */
export function refuseDeepCode(before: Data, after: Data): void {
  const known = codeIn(before);
  const added = [...codeIn(after)].filter((code) => !known.has(code));
  // Each level takes a character at least that is none of a word.
  const most = added.reduce((sum, code) => sum + (code.match(/[^\w\s]|\s+/g)?.length ?? 0), 0);
  if (most <= LEVELS) return;
  const { status, error } = spawnSync(process.execPath, ["-e", SCRIPT, join(toolsFolder, "package.json")], {
    input: JSON.stringify(added),
    stdio: ["pipe", "ignore", "ignore"],
    timeout: PATIENCE,
    killSignal: "SIGKILL",
  });
  if (status === 0) return;
  if (error) throw new DataError(`The code in the data could not be read: ${error.message}`);
  const isBroken = status === BROKEN;
  throw new DataError(isBroken ? "The code in the data cannot be parsed" : "The code in the data is nested too deeply");
}

/** All code in data, each as a text that can be parsed. */
function codeIn(data: Data): Set<string> {
  const out = new Set<string>();
  const add = (code: string) => out.add(`async function* a() { return ${code} }`);
  const visit = (value: unknown, name: string): void => {
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) {
      for (const one of value) visit(one, "");
      return;
    }
    if (isCode(value)) {
      const code = value.$source;
      if (name === "children") add(`<>${code}</>`);
      else if (isSpread(name)) add(`<a ${code}/>`);
      else add(name === TYPE_ARGUMENTS ? `<a${code}/>` : `<a b={${code}}/>`);
      return;
    }
    const { type, props } = value as { type?: unknown; props?: { source?: unknown } };
    if (type === LOCKED && typeof props?.source === "string") add(`<>${props.source}</>`);
    for (const [key, one] of Object.entries(value)) visit(one, key);
  };
  visit(data, "");
  return out;
}
