import { expect, test, vi } from "vitest";
import type { Look, Seen } from "../../src/protocol";
import type { ToFrame } from "../../src/runtime/messages";

vi.mock("text:../eyes/eyes.ts", () => ({ default: "eyes()" }));

const { Looks } = await import("../../src/widgets/looks");
const { initial } = await import("../../src/widgets/state");
const { Store } = await import("../../src/widgets/store");

const error = {
  ...{ severity: "error" as const, kind: "runtime" as const, location: null, frame: "", hint: "", stack: "" },
  message: "x is undefined",
};

function look(view: Look["view"], id = "k1"): Look {
  return { type: "look", app: "tips-1", look: id, view };
}

function started(listens = true) {
  const posted: ToFrame[] = [];
  const answers: Seen[] = [];
  const store = new Store({ ...initial });
  let trace = () => {};
  const looks = new Looks({
    store,
    post(message) {
      posted.push(message);
      return listens;
    },
    traced: () => new Promise((resolve) => (trace = resolve)),
    answer: (seen) => answers.push(seen),
  });
  return { looks, posted, answers, store, trace: () => trace() };
}

test("what looks is sent along, and the answer goes to the engine", () => {
  const { looks, posted, answers } = started();
  looks.asked(look("text"));
  expect(posted).toEqual([{ type: "look", id: "k1", view: "text", code: "eyes()" }]);
  looks.looked("k1", "- button", undefined);
  looks.looked("k1", "- twice", undefined);
  expect(answers).toEqual([{ type: "seen", app: "tips-1", look: "k1", text: "- button" }]);
});

test("errors and lines are the page's own, once the frame has told all", async () => {
  const { looks, posted, answers, store, trace } = started();
  looks.asked(look("errors", "k1"));
  looks.asked(look("console", "k2"));
  expect(posted.map((message) => "code" in message && message.code)).toEqual(["", ""]);
  store.set({ errors: [{ key: "e", diagnostic: error, count: 1 }] });
  store.set({ lines: [{ key: 1, level: "log", text: "y".repeat(9000), time: 0, count: 3 }] });
  looks.looked("k1", "forged", undefined);
  looks.looked("k2", "forged", undefined);
  expect(answers.map((seen) => seen.console?.[0]?.length)).toEqual([2000 + "[log] ".length + " (3 times)".length]);
  trace();
  await Promise.resolve();
  expect(answers[1]?.errors).toEqual([error]);
});

test("what a frame says is text of a bounded length, and answers only what was asked", () => {
  const { looks, answers } = started();
  looks.looked("guessed", "forged", undefined);
  looks.asked(look("text"));
  looks.looked("k1", { toString: () => "z".repeat(90_000) }, undefined);
  looks.asked(look("screenshot", "k2"));
  looks.looked("k2", "", "w".repeat(900));
  expect(answers.map((seen) => [seen.text?.length, seen.failure?.length])).toEqual([
    [20_000, undefined],
    [undefined, 300],
  ]);
});

test("a frame that does not listen yet shows nothing", () => {
  const { looks, answers } = started(false);
  looks.asked(look("screenshot"));
  expect(answers).toEqual([{ type: "seen", app: "tips-1", look: "k1", failure: "it has not started yet" }]);
});
