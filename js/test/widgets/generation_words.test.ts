import { describe, expect, it } from "vitest";
import type { Attempt, Cost, Generation } from "../../src/protocol";
import { begun, type Course } from "../../src/widgets/generation_state";
import {
  actsOf,
  costsOf,
  filesOf,
  lineOf,
  money,
  saysMore,
  sentenceOf,
  subjectOf,
  tokensOf,
  wordOf,
} from "../../src/widgets/generation_words";

const cost: Cost = { requests: 1, input_tokens: 1234, output_tokens: 5, seconds: 3.2, own_seconds: 0.4, money: 0.0031 };
const file = { path: "src/A.tsx", before: null, after: "x\n" };
const known: Generation = {
  ...{ id: "g1", app: "a1", task: "component", name: "Card", prompt: "A card", model: "openai:x", status: "kept" },
  ...{ attempts: [], files: [file], diff: "", answer: "", cost, replayed: false, error: "", error_kind: "" },
};
const course = (more: Partial<Generation> = {}): Course => begun({ ...known, ...more });
const labels = (more: Partial<Generation>) => actsOf(course(more)).map(({ label }) => label);

describe("a generation", () => {
  it("is named by what was asked for", () => {
    expect(subjectOf("Card", null)).toBe("Card");
    expect(subjectOf("", known)).toBe("Card");
    expect(subjectOf("", { ...known, name: "", task: "ask" })).toBe("Question");
    expect(subjectOf("", null)).toBe("Generation");
  });

  it("says how it stands", () => {
    expect(wordOf(begun())).toBe("Waiting for the model…");
    expect(wordOf(course({ status: "cancelled" }))).toBe("Stopped");
    expect(sentenceOf(course())).toBe("it is in the app");
    expect(sentenceOf(course({ files: [] }))).toBe("it changed nothing");
  });

  it("can be stopped, kept, undone and asked for again, where that makes sense", () => {
    expect(actsOf(begun()).map(({ label }) => label)).toEqual(["Stop"]);
    expect(labels({ status: "kept" })).toEqual(["Undo", "Retry"]);
    expect(labels({ status: "kept", files: [] })).toEqual(["Retry"]);
    expect(labels({ status: "proposed" })).toEqual(["Keep", "Retry"]);
    expect(labels({ status: "failed" })).toEqual(["Keep anyway", "Retry"]);
    expect(labels({ status: "failed", files: [] })).toEqual(["Retry"]);
    expect(labels({ status: "undone" })).toEqual(["Keep again", "Retry"]);
    expect(labels({ status: "answered", files: [] })).toEqual(["Retry"]);
  });

  it("says what it cost", () => {
    const attempts: Attempt[] = [{ number: 1, passed: true, diagnostics: [], mended: [], text: "" }];
    expect(costsOf({ cost, attempts })).toEqual([
      "1,234 tokens in + 5 out",
      "$0.0031",
      "3.20 s model + 400 ms ours",
      "1 attempt",
    ]);
    expect(costsOf({ cost: { ...cost, money: null, seconds: 0, own_seconds: 0 }, attempts: [] })).toHaveLength(1);
    expect(tokensOf(null, 0)).toBe("");
    expect(tokensOf(null, 41)).toBe("about 11 tokens");
    expect(tokensOf(cost, 0)).toBe("1,239 tokens");
    expect([0, 0.00000123, 0.0031, 0.25, 2.5].map(money)).toEqual(["$0.00", "$0.0000012", "$0.0031", "$0.25", "$2.50"]);
  });

  it("has attempts worth a look where one failed or was mended", () => {
    const passed: Attempt = { number: 1, passed: true, diagnostics: [], mended: [], text: "" };
    expect(saysMore([passed])).toBe(false);
    expect(saysMore([{ ...passed, mended: ["import of clsx removed"] }])).toBe(true);
    expect(saysMore([passed, passed])).toBe(true);
    const location = { file: "src/A.tsx", line: 3, column: 1, length: 0 };
    const problem = {
      severity: "error",
      kind: "render",
      message: "No x\nmore",
      frame: "",
      hint: "",
      stack: "",
    } as const;
    expect(lineOf({ ...problem, location })).toBe("No x (src/A.tsx:3)");
    expect(lineOf({ ...problem, location: null })).toBe("No x");
  });
});

describe("the difference of several files", () => {
  it("is taken apart at their names, not at lines that look like them", () => {
    const diff = [
      ...["--- a/src/a.sql", "+++ b/src/a.sql", "@@ -1,2 +1,2 @@", "--- a comment", "++++ b/src/b", " x"],
      ...["--- /dev/null", "+++ b/src/b.ts", "@@ -0,0 +1 @@", "+let b"],
      ...["--- a/src/c.ts", "+++ /dev/null", "@@ -1 +0,0 @@", "-let c", ""],
    ].join("\n");
    const files = [
      { path: "src/a.sql", before: "", after: "" },
      { path: "src/b.ts", before: null, after: "let b" },
      { path: "src/c.ts", before: "let c", after: null },
      { path: "src/same.ts", before: "", after: "" },
    ];
    const found = filesOf({ files, diff });
    expect(found.map(({ path, status }) => `${path} ${status}`)).toEqual([
      "src/a.sql changed",
      "src/b.ts added",
      "src/c.ts removed",
      "src/same.ts changed",
    ]);
    expect(found.map(({ text }) => text.split("\n").length - 1)).toEqual([6, 4, 4, 0]);
    expect(filesOf({ files: [], diff: "" })).toEqual([]);
  });
});
