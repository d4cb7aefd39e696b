import { describe, expect, it } from "vitest";
import type { Attempt, Cost, Generation } from "../../src/protocol";
import {
  answered,
  begun,
  type Course,
  ended,
  isOver,
  MOST_TEXT,
  type Step,
  stepped,
} from "../../src/widgets/generation_state";

const cost: Cost = { requests: 1, input_tokens: 100, output_tokens: 20, seconds: 1, own_seconds: 0.5, money: null };
const known: Generation = {
  ...{ id: "g1", app: "a1", task: "component", name: "Card", prompt: "A card", model: "openai:x", status: "running" },
  ...{ attempts: [], files: [], diff: "", answer: "", cost, replayed: false, error: "", error_kind: "" },
};
const text = (said: string, path = "src/A.tsx"): Step => ({ type: "text", text: said, path });
const attempt = (number: number, reason = ""): Step => ({ type: "attempt", number, reason });
const checked = (more: Partial<Attempt> = {}): Step => ({
  type: "checked",
  attempt: { number: 1, passed: false, diagnostics: [], mended: [], text: "", ...more },
});
const told = (...steps: Step[]): Course => steps.reduce((course, step, at) => stepped(course, at, step), begun());
const said = ({ pieces }: Course) => pieces.map((piece) => (piece.kind === "text" ? piece.text : piece.kind)).join("|");

describe("steps", () => {
  it("add up to what an attempt wrote and did", () => {
    const tool: Step = { type: "tool", tool: "read_file", subject: "src/App.tsx", outcome: "…" };
    const course = told(attempt(1), text("one "), text("two"), tool, text("b", "src/B.tsx"), text("c", "src/C.tsx"));
    expect(said(course)).toBe("one two|tool|b|c");
    expect(course.uncounted).toBe(9);
    expect(course.phase).toBe("writing");
    expect(new Set(course.pieces.map(({ key }) => key)).size).toBe(4);
  });

  it("begin anew with another attempt, which says why", () => {
    const notes = checked({ mended: ["import of clsx removed", "an import added"] });
    const first = told(attempt(1), text("x"), notes, { type: "cost", cost });
    expect(said(first)).toBe("x|note|note");
    expect(first.uncounted).toBe(0);
    const second = stepped(first, 4, attempt(2, "x is not defined (src/A.tsx:3)"));
    expect([second.attempt, second.reason, said(second), second.attempts.length]).toEqual([
      2,
      "x is not defined (src/A.tsx:3)",
      "",
      1,
    ]);
    expect(second.cost).toEqual(cost);
  });

  it("are taken in once", () => {
    const course = told(attempt(1), text("x"));
    expect(stepped(course, 1, text("x"))).toBe(course);
  });

  it("show no more of a text than its end", () => {
    let course = begun();
    const line = `${"x".repeat(99)}\n`;
    for (let at = 0; at < 2500; at++) course = stepped(course, at, text(line));
    const whole = said(course).replaceAll("|", "");
    expect(whole.length).toBe(MOST_TEXT);
    expect(course.cut).toBe(true);
    expect(course.pieces.length).toBeGreaterThan(20);
    // What is laid out anew with each word is short.
    expect(Math.max(...course.pieces.map((piece) => (piece.kind === "text" ? piece.text.length : 0)))).toBeLessThan(
      5000,
    );
    expect(course.pieces.every((piece) => piece.kind !== "text" || piece.text.endsWith("\n"))).toBe(true);
    const uneven = [text("x".repeat(4100)), text("y"), text("y\nz"), text("z")];
    expect(said(told(...uneven))).toBe(`${"x".repeat(4100)}yy\n|zz`);
  });

  it("show a line without an end all the same", () => {
    let course = begun();
    for (let at = 0; at < 10; at++) course = stepped(course, at, text("x".repeat(1000)));
    expect(said(course).length).toBe(10_000);
  });
});

describe("what was missed", () => {
  const steps = [attempt(1), text("one "), text("two "), text("three "), text("four ")];

  it("is shown as far as it is known, and in its place once the engine has answered", () => {
    let course = stepped(stepped(begun(), 0, steps[0]!), 3, steps[3]!);
    expect([course.gap, said(course)]).toEqual([true, "three "]);
    course = stepped(course, 4, steps[4]!);
    // The answer is of before the last step.
    course = answered(course, known, steps.slice(0, 4), 3);
    expect([course.gap, said(course), course.last, course.late]).toEqual([false, "one two three four ", 4, []]);
  });

  it("is asked for again where the answer does not go far enough", () => {
    const course = answered(stepped(begun(), 4, steps[4]!), known, steps.slice(0, 2), 1);
    expect(course.gap).toBe(true);
    expect(said(answered(course, known, steps, 4))).toBe("one two three four ");
  });

  it("comes as the rest of the steps, too", () => {
    const course = answered(told(...steps.slice(0, 2)), known, steps.slice(1), 4);
    expect([course.gap, said(course)]).toEqual([false, "one two three four "]);
  });
});

describe("the end", () => {
  const kept: Generation = { ...known, status: "kept" };

  it("is what the engine says of it, and no older answer takes it back", () => {
    const over = stepped(begun(), 0, { type: "ended", status: "failed", error: "No.", error_kind: "" });
    expect([isOver(over), over.error]).toEqual([true, "No."]);
    expect(answered(over, known, [], 0).status).toBe("failed");
    expect(answered(over, { ...known, status: "failed", error: "No." }, [], 0).known?.status).toBe("failed");
  });

  it("stays, whatever steps come in after it", () => {
    const attempts: Attempt[] = [{ number: 1, passed: true, diagnostics: [], mended: [], text: "" }];
    const over = ended(told(attempt(1), text("x")), { ...kept, attempts });
    const late = stepped(over, 2, checked());
    expect([late.attempts, late.status, late.last]).toEqual([attempts, "kept", 2]);
  });

  it("may change once more: by Keep, by Undo, by Python", () => {
    const over = answered(begun(), kept, [attempt(1), text("x")], 1);
    expect(ended(over, { ...kept, status: "undone" }).status).toBe("undone");
    expect(ended(over, known)).toBe(over);
    expect(begun(kept).status).toBe("kept");
  });
});
