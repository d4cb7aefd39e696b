/** The worker: reads requests from stdin, answers on stdout, logs on stderr. */
import { App, type BuildParams } from "./app";
import { Candidates, type CheckParams, Later } from "./candidates";
import { listen, type Request, send } from "./channel";
import { Checker } from "./checker";
import { Cancelled } from "./compiler";
import { type Diagnostic, Problem } from "./diagnostics";
import { Editor } from "./editor/editor";
import { surroundings } from "./surroundings";
import { findTarget } from "./target";
import { warmUp } from "./tools";

const VERSION = 1;

const apps = new Map<string, App>();
const candidates = new Map<string, Candidates>();
const editors = new Map<string, Editor>();
const checker = new Checker();
/** Requests for one app run one after another. */
const queues = new Map<string, Promise<void>>();
const cancelled = new Set<number>();
const waiting = new Set<number>();

type Params = Request["params"];

function app(params: Params): App {
  const found = apps.get(String(params.app));
  if (!found) throw new Error(`The app ${params.app} is not open`);
  return found;
}

function editor(params: Params): Editor {
  const key = String(params.app);
  const found = editors.get(key) ?? new Editor(app(params));
  editors.set(key, found);
  return found;
}

const methods: Record<string, (params: Params, id: number) => unknown> = {
  hello: () => ({ version: VERSION, node: process.version, pid: process.pid }),
  open(params) {
    const opened = new App(String(params.root), String(params.modules));
    apps.set(String(params.app), opened);
    editors.delete(String(params.app));
    candidates.get(String(params.app))?.close();
    candidates.set(String(params.app), new Candidates(opened, String(params.root), checker));
    setImmediate(() => opened.begin());
    return opened.info();
  },
  build: (params, id) => app(params).build(() => cancelled.has(id)),
  modules(params) {
    app(params).modulesChanged(String(params.folder));
    candidates.get(String(params.app))?.modulesChanged(String(params.folder));
    return {};
  },
  /** Rendering goes on while the app's next request is answered. */
  check: async (params, id) => {
    app(params);
    return await candidates.get(String(params.app))!.check(params as unknown as CheckParams, () => cancelled.has(id));
  },
  /** Asked for before a model is: what checks its answer starts meanwhile. */
  surroundings(params) {
    candidates.get(String(params.app))?.begin();
    return surroundings(app(params));
  },
  palette(params) {
    // It is asked for with every edit, and large: who has it is told just that.
    const palette = editor(params).palette();
    return palette.name === params.have ? { name: palette.name } : palette;
  },
  page: (params) => editor(params).open(String(params.path)),
  edit_page: (params) => editor(params).edit(String(params.path), params.data, String(params.base)),
  snapshot: (params) => app(params).snapshot(),
  resolve: (params) => findTarget(app(params), String(params.target)),
  trace: (params) => app(params).trace(params.kind as Diagnostic["kind"], String(params.message), String(params.stack)),
  close(params) {
    apps.delete(String(params.app));
    editors.delete(String(params.app));
    candidates.get(String(params.app))?.close();
    candidates.delete(String(params.app));
    return {};
  },
};

async function answer(request: Request, id: number): Promise<void> {
  try {
    const method = methods[request.method];
    if (!method) throw new Error(`There is no method ${request.method}`);
    // What a build hands in is taken in even where the build itself is superseded.
    if (request.method === "build") {
      app(request.params as Params).take(request.params as BuildParams);
      candidates.get(String(request.params.app))?.take(request.params as BuildParams);
    }
    if (cancelled.has(id)) throw new Cancelled();
    const result = method(request.params as Params, id);
    const answered = result instanceof Promise ? await result : result;
    if (answered instanceof Later)
      void answered.result.then((found) => send({ id, result: found }), fail.bind(null, id));
    else send({ id, result: answered });
  } catch (error) {
    fail(id, error);
  } finally {
    cancelled.delete(id);
    waiting.delete(id);
  }
}

function fail(id: number, error: unknown): void {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof Problem) {
    send({ id, error: { message, diagnostics: error.diagnostics } });
    return;
  }
  if (!(error instanceof Cancelled)) process.stderr.write(`${stack}\n`);
  send({ id, error: { message } });
}

function receive(request: Request): void {
  const id = request.id;
  if (request.method === "cancel") {
    const target = Number(request.params.id);
    if (waiting.has(target)) cancelled.add(target);
    return;
  }
  if (id === undefined) return;
  waiting.add(id);
  const key = String(request.params?.app ?? "");
  const before = queues.get(key);
  const now = before ? before.then(() => answer(request, id)) : answer(request, id);
  queues.set(key, now);
  void now.then(() => {
    if (queues.get(key) === now) queues.delete(key);
  });
}

process.on("uncaughtException", (error) => process.stderr.write(`${error.stack}\n`));
process.on("unhandledRejection", (error) => process.stderr.write(`${(error as Error)?.stack ?? error}\n`));
process.stdout.on("error", () => process.exit(0));
listen(receive, () => process.exit(0));
warmUp();
