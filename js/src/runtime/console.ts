/** The app's console: still the browser's, and told to the page in batches. */
import { format, inspect } from "./inspect";
import type { ConsoleLevel, ConsoleLine } from "./messages";
import { post } from "./post";

const EVERY = 80;
const PER_SECOND = 1000;

let lines: ConsoleLine[] = [];
let timer = 0;
let second = 0;
let count = 0;
let dropped = 0;
let indent = "";

export function line(level: ConsoleLevel, text: string): void {
  const time = Date.now();
  if (time - second >= 1000) {
    second = time;
    count = 0;
  }
  const last = lines.at(-1);
  if (last && last.text === text && last.level === level && dropped === 0) last.count += 1;
  else if (count >= PER_SECOND) dropped += 1;
  else {
    count += 1;
    lines.push({ level, text, time, count: 1 });
  }
  if (timer === 0) timer = window.setTimeout(send, EVERY);
}

function send(): void {
  timer = 0;
  if (dropped > 0) {
    lines.push({ level: "warn", text: `… ${dropped} lines dropped`, time: Date.now(), count: 1 });
    dropped = 0;
  }
  const batch = lines;
  lines = [];
  if (batch.length) post({ type: "console", lines: batch });
}

type Method = (...args: unknown[]) => void;

export function installConsole(): void {
  const target = console as unknown as Record<string, Method>;
  const capture = (name: string, tell: Method) => {
    const original = target[name];
    target[name] = (...args) => {
      original?.apply(console, args);
      try {
        tell(...args);
      } catch {
        // A value that cannot be shown must not break the app that logs it.
      }
    };
  };
  const levels = { log: "log", info: "info", warn: "warn", error: "error", debug: "debug", trace: "debug" } as const;
  for (const [name, level] of Object.entries(levels)) capture(name, (...args) => line(level, indented(format(args))));
  capture("dir", (value) => line("log", indented(inspect(value))));
  capture("table", (value) => line("log", indented(inspect(value))));
  capture("assert", (condition, ...args) => {
    if (!condition) line("error", indented(`Assertion failed${args.length ? `: ${format(args)}` : ""}`));
  });
  for (const name of ["group", "groupCollapsed"]) {
    capture(name, (...args) => {
      if (args.length) line("log", indented(format(args)));
      indent += "  ";
    });
  }
  capture("groupEnd", () => {
    indent = indent.slice(2);
  });
  const counts = new Map<string, number>();
  capture("count", (label = "default") => {
    const value = (counts.get(String(label)) ?? 0) + 1;
    counts.set(String(label), value);
    line("log", indented(`${label}: ${value}`));
  });
  const timers = new Map<string, number>();
  capture("time", (label = "default") => void timers.set(String(label), performance.now()));
  for (const name of ["timeEnd", "timeLog"]) {
    capture(name, (label = "default", ...args) => {
      const from = timers.get(String(label));
      if (from === undefined) return;
      if (name === "timeEnd") timers.delete(String(label));
      const rest = args.length ? ` ${format(args)}` : "";
      line("log", indented(`${label}: ${(performance.now() - from).toFixed(2)} ms${rest}`));
    });
  }
}

function indented(text: string): string {
  return indent ? indent + text.replaceAll("\n", `\n${indent}`) : text;
}
