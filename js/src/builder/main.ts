/** The builder: a process of its own, so that its memory and time can be limited. Requests come one after another. */
import { listen, type Request, send } from "../worker/channel";
import { Problem } from "../worker/diagnostics";
import { warmUp } from "../worker/tools";
import { AppBuild } from "./build";

const VERSION = 1;
/** Apps whose last build is kept; each may hold a hundred megabytes. */
const KEPT = 4;

/** By root and modules folder, the one used last at the end. */
const apps = new Map<string, AppBuild>();

async function app(root: string, modules: string): Promise<AppBuild> {
  const key = `${root}\0${modules}`;
  const found = apps.get(key) ?? new AppBuild(root, modules);
  apps.delete(key);
  apps.set(key, found);
  for (const [other, old] of apps) {
    if (apps.size <= KEPT) break;
    apps.delete(other);
    await old.close();
  }
  return found;
}

/** Does all that a build does, so that the next one is fast; what is wrong with the app is told by that. */
async function warm(root: string, modules: string, out: string, have: string): Promise<object> {
  try {
    await (await app(root, modules)).build(out, have);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
  return {};
}

const methods: Record<string, (params: Request["params"]) => unknown> = {
  hello: () => ({ version: VERSION, node: process.version, pid: process.pid }),
  build: async ({ root, modules, out, have }) =>
    (await app(String(root), String(modules))).build(String(out), String(have)),
  warm: ({ root, modules, out, have }) => warm(String(root), String(modules), String(out), String(have)),
};

async function answer({ id, method, params }: Request): Promise<void> {
  try {
    const found = methods[method];
    if (!found) throw new Error(`There is no method ${method}`);
    send({ id, result: await found(params) });
  } catch (error) {
    const { message, stack } = error as Error;
    if (error instanceof Problem) send({ id, error: { message, diagnostics: error.diagnostics } });
    else {
      process.stderr.write(`${stack}\n`);
      send({ id, error: { message } });
    }
  }
}

let last = Promise.resolve();

process.on("uncaughtException", (error) => process.stderr.write(`${error.stack}\n`));
process.on("unhandledRejection", (error) => process.stderr.write(`${(error as Error)?.stack ?? error}\n`));
process.stdout.on("error", () => process.exit(0));
listen(
  (request) => {
    last = last.then(() => answer(request));
  },
  () => process.exit(0),
);
warmUp();
