import { describe, expect, it } from "vitest";
import type { Checkpoint } from "../../src/protocol";
import { filesOf, originOf, titleOf, withNew, withPage } from "../../src/widgets/history_state";
import { ago } from "../../src/widgets/times";

function checkpoint(id: string, more: Partial<Checkpoint> = {}): Checkpoint {
  return {
    ...{ id, at: 1000, origin: "cell", author: "Ada", message: `Change ${id}\n\nmore`, files: ["src/App.tsx"] },
    ...{ compiles: true },
    ...more,
  };
}

const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => checkpoint(id)) as [
  Checkpoint,
  Checkpoint,
  Checkpoint,
  Checkpoint,
];
const ids = (rows: Checkpoint[]) => rows.map(({ id }) => id).join("");

describe("a checkpoint", () => {
  it("says who made it, also where that was not this package", () => {
    expect(originOf(a)).toEqual({ word: "cell", about: "A cell of the notebook was run · Ada" });
    expect(originOf(checkpoint("x", { origin: "history", author: "" })).word).toBe("restored");
    expect(originOf(checkpoint("x", { origin: "" })).word).toBe("git");
    expect(originOf(checkpoint("x", { origin: "robot" })).word).toBe("robot");
  });

  it("is named by the first line of its message", () => {
    expect(titleOf(a)).toBe("Change a");
    expect(titleOf(checkpoint("x", { message: "" }))).toBe("Checkpoint");
    expect(filesOf(a)).toBe("1 file");
    expect(filesOf(checkpoint("x", { files: [] }))).toBe("0 files");
  });
});

describe("the list", () => {
  it("takes in a new one once", () => {
    expect(ids(withNew([b, c], a))).toBe("abc");
    expect(ids(withNew([a, b], a))).toBe("ab");
  });

  it("keeps older ones that were loaded when the newest are asked for again", () => {
    expect(ids(withPage([b, c, d], [a, b, c]))).toBe("abcd");
    expect(ids(withPage([], [a, b]))).toBe("ab");
    // Of what goes not together with the page it is not known what lies between.
    expect(ids(withPage([d], [a, b]))).toBe("ab");
  });
});

describe("how long ago", () => {
  it("is said roughly, and by the date where it is long", () => {
    const now = new Date("2026-11-28T12:00:00").getTime();
    const said = (minutes: number) => ago(now - minutes * 60_000, now);
    expect([0.5, 1, 59.9, 60, 23 * 60].map(said)).toEqual([
      "just now",
      "1 min ago",
      "59 min ago",
      "1 h ago",
      "23 h ago",
    ]);
    expect(said(3 * 24 * 60)).toMatch(/25/);
    expect(ago(now + 5000, now)).toBe("just now"); // the engine's clock is ahead
  });
});
