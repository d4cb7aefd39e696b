import { beforeEach, expect, it } from "vitest";
import type { ToFrame } from "../../src/runtime/messages";
import { Invocations } from "../../src/widgets/invocations";
import type { Source } from "../../src/widgets/source";

let posted: ToFrame[] = [];
let invoked: { id: number; name: string; args: unknown[] }[] = [];
let alive = true;
let invocations: Invocations;
const source = {
  functions: ["submit"],
  invoke(id: number, name: string, args: unknown[]) {
    if (alive) invoked.push({ id, name, args });
    return alive;
  },
} as unknown as Source;

beforeEach(() => {
  posted = [];
  invoked = [];
  alive = true;
  invocations = new Invocations((message) => posted.push(message));
});

it("gives Python's answer to the call that asked, whatever the frames number", () => {
  const other = new Invocations(() => expect.fail("not this frame's call"));
  other.invoke(source, 1, "submit", []);
  invocations.invoke(source, 1, "submit", [{ a: 1 }]);
  const { id, args } = invoked[1]!;
  expect(args).toEqual([{ a: 1 }]);
  invocations.returned(id, 42, undefined);
  other.returned(id, 42, undefined);
  invocations.returned(id, 43, undefined);
  expect(posted).toEqual([{ type: "returned", id: 1, value: 42 }]);
});

it("refuses names that Python does not handle, and what cannot be sent", () => {
  const loop: unknown[] = [];
  loop.push(loop);
  invocations.invoke(source, 1, "eval", []);
  invocations.invoke(source, 2, "submit", [loop]);
  invocations.invoke(source, 3, "submit", ["x".repeat(5_000_000)]);
  invocations.invoke(source, "4", "submit", []);
  expect(invoked).toEqual([]);
  expect(posted.map((message) => message.type === "returned" && [message.id, typeof message.error])).toEqual([
    [1, "string"],
    [2, "string"],
    [3, "string"],
  ]);
});

it("says that the kernel is gone", () => {
  alive = false;
  invocations.invoke(source, 1, "submit", []);
  expect(posted).toMatchObject([{ id: 1, error: expect.stringContaining("run the cell again") }]);
});

it("forgets the calls of a frame that was started again", () => {
  invocations.invoke(source, 1, "submit", []);
  invocations.clear();
  invocations.returned(invoked[0]!.id, 1, undefined);
  expect(posted).toEqual([]);
});
