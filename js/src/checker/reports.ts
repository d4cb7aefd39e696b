/** What went wrong while a component was rendered, each thing once. */
import type { Report } from "./messages";

/** React's words for what is untidy and breaks nothing. */
const NOISE = /not wrapped in act|not configured to support act|Download the React DevTools|React DevTools/;
/** What is an endless round of renders, though React only prints it. */
const FATAL = /Maximum update depth exceeded|Too many re-renders/;
const MOST = 30;

export class Reports {
  readonly all: Report[] = [];
  readonly console: string[] = [];
  /** What is going on, for a hint. */
  doing = "";
  private readonly told = new Set<string>();

  get failed(): boolean {
    return this.all.some((report) => report.severity === "error");
  }

  error(kind: Report["kind"], error: unknown, componentStack = ""): void {
    const { message, stack } = read(error);
    const placed = /overskill:\/\/\/(?!vendor\/)/.test(stack);
    this.add({ severity: "error", kind, message, stack: placed ? stack : stack + componentStack, hint: this.doing });
  }

  add(report: Report): void {
    const key = `${report.kind}\0${report.message}`;
    if (this.told.has(key) || this.all.length >= MOST) return;
    this.told.add(key);
    this.all.push(report);
  }

  /** A line of the console. What React says of the component is a problem of it. */
  print(level: string, args: unknown[], ownerStack: () => string): void {
    const text = format(args);
    if (NOISE.test(text)) return;
    if (this.console.length < 100) this.console.push(`${level}: ${text.slice(0, 500)}`);
    if (level !== "error" || typeof args[0] !== "string" || !/%s|^Warning: |React|ReactDOM|component/.test(args[0]))
      return;
    const message = text.replace(/^Warning: /, "").split("\n")[0]!;
    if (/^An error occurred in|The above error occurred/.test(message)) return;
    const fatal = FATAL.test(message);
    const severity = fatal ? "error" : "warning";
    this.add({ severity, kind: "render", message: message.slice(0, 500), stack: ownerStack(), hint: "" });
    // React would go on for ever: an error in the middle of it ends that.
    if (fatal) throw new Error(message);
  }
}

function read(error: unknown): { message: string; stack: string } {
  // Of another realm: `instanceof` does not know it.
  if (typeof error === "object" && error !== null && "message" in error) {
    const { name, message, stack } = error as { name?: unknown; message: unknown; stack?: unknown };
    const kind = typeof name === "string" && name !== "Error" ? `${name}: ` : "";
    return { message: `${kind}${String(message)}`.slice(0, 2000), stack: typeof stack === "string" ? stack : "" };
  }
  return { message: `Thrown: ${show(error)}`, stack: "" };
}

function format(args: unknown[]): string {
  const [first, ...rest] = args;
  if (typeof first !== "string") return args.map(show).join(" ");
  const text = first.replace(/%([sdifoOjc%])/g, (match, letter: string) => {
    if (letter === "%") return "%";
    if (!rest.length) return match;
    const value = rest.shift();
    return letter === "c" ? "" : show(value);
  });
  return [text, ...rest.map(show)].join(" ");
}

function show(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    if (typeof value === "object" && value !== null && "message" in value) return read(value).message;
    return (JSON.stringify(value) ?? String(value)).slice(0, 500);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
