/** Renders one component with several sets of props: into a page with effects, and to a string. */
import vm from "node:vm";
import { accessibleText } from "../eyes/accessible";
import type { RenderParams, RenderResult } from "./messages";
import { type Exports, Modules } from "./modules";
import { makePage, type Page } from "./page";
import { poke } from "./poke";
import { revive } from "./props";
import { Reports } from "./reports";
import { follow } from "./steps";

// biome-ignore lint/suspicious/noExplicitAny: React is the app's own; its version is not known.
type Any = any;

/** How long effects and timers that are due at once get, in milliseconds. */
const SETTLE = 5;
/** How long its controls may be tried, in milliseconds. */
const POKE = 150;

export async function render(params: RenderParams): Promise<RenderResult> {
  const began = performance.now();
  const page = makePage();
  const reports = new Reports();
  const result: RenderResult = {
    export: "",
    reports: reports.all,
    console: reports.console,
    text: "",
    after: [],
    rendered: 0,
    ms: 0,
  };
  const modules = new Modules(page);
  const rejected = (reason: unknown) => reports.error("runtime", reason);
  process.on("unhandledRejection", rejected);
  process.on("uncaughtException", rejected);
  try {
    listen(page, reports, modules);
    modules.add(params.modules, params.vendor);
    const exports = await run(modules, params.module, reports);
    if (exports) {
      const found = pick(exports, params, reports);
      if (found) {
        result.export = found.name;
        await renderAll(page, modules, found.component, params, reports, result);
      }
    }
  } finally {
    await tick();
    process.off("unhandledRejection", rejected);
    process.off("uncaughtException", rejected);
    await page.happyDOM.abort();
    page.happyDOM.close();
    result.ms = performance.now() - began;
  }
  return result;
}

function listen(page: Page, reports: Reports, modules: Modules): void {
  const owners = () => {
    const react = modules.has("react") ? (modules.package("react") as Any) : null;
    const stack = (react?.captureOwnerStack ?? react?.default?.captureOwnerStack)?.() ?? "";
    return `${stack}\n${new Error().stack ?? ""}`;
  };
  const print =
    (level: string) =>
    (...args: unknown[]) =>
      reports.print(level, args, owners);
  const levels = ["log", "info", "debug", "warn", "error", "trace"];
  const quiet = ["group", "groupCollapsed", "groupEnd", "time", "timeEnd", "table", "dir", "clear", "count", "assert"];
  const console = Object.fromEntries([...levels.map((n) => [n, print(n)]), ...quiet.map((n) => [n, () => undefined])]);
  Object.defineProperty(page, "console", { value: console, writable: true, configurable: true });
  Object.defineProperty(page, "reportError", {
    value: (e: unknown) => reports.error("runtime", e),
    configurable: true,
  });
  page.addEventListener("error", (event) => {
    const { error, message } = event as unknown as { error?: unknown; message?: string };
    if (error || message) reports.error("runtime", error ?? new Error(message));
  });
  dialogs(page, reports);
  vm.runInContext("Error.stackTraceLimit = 50", page);
  page.IS_REACT_ACT_ENVIRONMENT = true;
}

/** A preview's frame opens none: what they would say is never seen. */
function dialogs(page: Page, reports: Reports): void {
  for (const [name, answer] of [
    ["alert", undefined],
    ["confirm", true],
    ["prompt", ""],
  ] as const) {
    const value = () => {
      const message = `${name}() opens nothing in a preview`;
      reports.add({ severity: "warning", kind: "behaviour", message, stack: "", hint: "Show it in the component." });
      return answer;
    };
    Object.defineProperty(page, name, { value, writable: true, configurable: true });
  }
}

async function run(modules: Modules, id: string, reports: Reports): Promise<Exports | null> {
  try {
    return await modules.ran(id);
  } catch (error) {
    reports.error("module", error);
    return null;
  }
}

/** The export that is the component: the one that was asked for, else the default one. */
function pick(exports: Exports, params: RenderParams, reports: Reports): { name: string; component: unknown } | null {
  const name = params.export || "default";
  const component = exports[name];
  if (isComponent(component)) return { name, component };
  const what = name === "default" ? "default export" : `export '${name}'`;
  const message =
    component === undefined ? `${params.module} has no ${what}` : `The ${what} of ${params.module} is not a component`;
  const others = Object.keys(exports).filter((key) => key !== name && isComponent(exports[key]));
  const hint = others.length ? `It exports ${others.join(", ")}.` : "Export the component with `export default`.";
  reports.add({ severity: "error", kind: "module", message, stack: "", hint });
  return null;
}

function isComponent(value: unknown): boolean {
  if (typeof value === "function") return true;
  return typeof value === "object" && value !== null && "$$typeof" in value && !("props" in value);
}

async function renderAll(
  page: Page,
  modules: Modules,
  component: unknown,
  params: RenderParams,
  reports: Reports,
  result: RenderResult,
): Promise<void> {
  const React = whole(modules.package("react"));
  const client = whole(modules.package("react-dom/client"));
  const act = React.act as (work: () => Promise<void>) => Promise<unknown>;
  const element = (text: string) => React.createElement("span", null, text);
  const Boundary = boundary(React, reports);
  const owners = (): string => React.captureOwnerStack?.() ?? "";
  for (const [index, set] of params.props.entries()) {
    const props = revive(set, element);
    const container = page.document.createElement("div");
    page.document.body.append(container);
    const root = client.createRoot(container, {
      onUncaughtError: (error: unknown) => reports.error("render", error, owners()),
      // Here React knows which element of whose it was; in the boundary it does not any more.
      onCaughtError: (error: unknown, info: Any) => reports.error("render", error, owners() || info?.componentStack),
    });
    const guarded = async (work: () => Promise<void>) => {
      try {
        if (act) await act(work);
        else await work();
      } catch (error) {
        reports.error("render", error);
      }
    };
    await guarded(async () => root.render(React.createElement(Boundary, null, React.createElement(component, props))));
    await guarded(() => new Promise((done) => setTimeout(done, SETTLE)));
    result.rendered += 1;
    if (index === 0) {
      result.text = accessibleText(container, { whole: params.whole });
      if (!reports.failed) renderOnServer(modules, React.createElement(component, props), reports);
      if (params.steps.length && !reports.failed) {
        result.after = await follow(page, container, params.steps, guarded, reports);
      } else if (params.poke && !reports.failed)
        await poke(page, container, guarded, reports, performance.now() + POKE);
    }
    reports.doing = "";
    if (reports.failed) {
      if (index > 0) for (const report of reports.all) report.hint ||= `It was given the props ${JSON.stringify(set)}.`;
      return;
    }
    await guarded(async () => root.unmount());
    container.remove();
  }
}

/** Inside of `act` React says only to a boundary which components an error came through. */
function boundary(React: Any, reports: Reports): unknown {
  return class Boundary extends React.Component {
    state = { failed: false };
    static getDerivedStateFromError = () => ({ failed: true });

    componentDidCatch(error: unknown, info: { componentStack?: string }): void {
      reports.error("render", error, info.componentStack ?? "");
    }

    render(): unknown {
      return this.state.failed ? null : this.props.children;
    }
  };
}

/** On a server nothing of this runs today; what only fails there is worth a word. */
function renderOnServer(modules: Modules, element: unknown, reports: Reports): void {
  if (!modules.has("react-dom/server")) return;
  const server = whole(modules.package("react-dom/server"));
  const before = reports.console.length;
  try {
    server.renderToString(element);
  } catch (error) {
    const { message } = error as Error;
    if (/Portals are not|did not finish this Suspense/.test(message)) return;
    reports.add({ severity: "warning", kind: "render", message, stack: "", hint: "It fails on a server only." });
  } finally {
    reports.console.length = before;
  }
}

function whole(namespace: Exports): Any {
  return { ...(namespace.default as object | undefined), ...namespace };
}

function tick(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}
