/** The props of a component: plain values, and functions that Python handles. */
import { post } from "./post";
import { plain } from "./values";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

const waiting = new Map<number, Waiting>();
let last = 0;
let values: Record<string, unknown> = {};
let functions: Record<string, unknown> = {};
const made = new Map<string, (...args: unknown[]) => Promise<unknown>>();

export function setProps(props: Record<string, unknown>): void {
  values = props;
}

/** For `submit` also `onSubmit`. A name keeps its function, so that memo and effects see no change. */
export function setFunctions(names: readonly string[]): void {
  functions = {};
  for (const name of names) {
    functions[name] = invoker(name);
    if (!/^on[A-Z]/.test(name)) functions[`on${name.charAt(0).toUpperCase()}${name.slice(1)}`] ??= functions[name];
  }
}

export function allProps(): Record<string, unknown> {
  return { ...values, ...functions };
}

function invoker(name: string): (...args: unknown[]) => Promise<unknown> {
  let call = made.get(name);
  if (!call) {
    call = (...args) => {
      last += 1;
      const id = last;
      const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
      // Whoever does not wait for the answer has no use for its failure either: Python shows it.
      answer.catch(() => {});
      post({ type: "invoke", id, name, args: args.map((arg) => plain(arg)) });
      return answer;
    };
    made.set(name, call);
  }
  return call;
}

export function returned(id: number, value: unknown, error: string | undefined): void {
  const call = waiting.get(id);
  if (!call) return;
  waiting.delete(id);
  if (error === undefined) call.resolve(value);
  else call.reject(new Error(error));
}
