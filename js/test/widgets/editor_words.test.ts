import { describe, expect, it } from "vitest";
import type { Diagnostic, PageView, PaletteComponent } from "../../src/protocol";
import { linesOf } from "../../src/widgets/diff_lines";
import { changesOf } from "../../src/widgets/editor_changes";
import { componentOf, type EditorState, initialEditor, kindOf, type SyncState } from "../../src/widgets/editor_state";
import { progressOf, remarkOf, savedOf } from "../../src/widgets/editor_words";
import { begun, stepped } from "../../src/widgets/generation_state";

const sync = (more: Partial<SyncState> = {}): SyncState => ({ ...initialEditor.sync, hash: "a", ...more });
const problem: Diagnostic = {
  ...{ severity: "error", kind: "syntax", message: "Expected `>`", hint: "", frame: "", stack: "" },
  location: { file: "src/Home.tsx", line: 6, column: 2 } as Diagnostic["location"],
};
const view = (hash: string): PageView => ({
  ...{ type: "page_view", path: "src/Home.tsx", hash, palette: "p", data: null, root: "", places: {}, types: {} },
  ...{ problems: [problem], conflict: false, written: false },
});
const remark = (more: Partial<SyncState>, trouble = "") => remarkOf("src/Home.tsx", sync(more), trouble);

describe("whether it is saved", () => {
  it.each<[string, Partial<SyncState>]>([
    ["", { hash: null }],
    ["Saved", {}],
    ["Saving…", { saving: true }],
    ["Saving…", { waits: true }],
    ["Not saved: the file was changed, too", { theirs: view("b"), waits: true }],
    ["Not saved: the file cannot be read", { broken: view("b"), waits: true }],
    ["Not saved: the file is gone", { broken: view(""), waits: true }],
    ["", { broken: view("b") }],
    ["Not saved: nobody was seen to change it", { held: true }],
    ["Not saved: the disk is full", { waits: true, failure: "The disk is full." }],
    ["Not saved: there is no component Bad", { refused: true, failure: "There is no component Bad." }],
    ["Saved", { unreachable: true, failure: "The engine did not answer." }],
  ])("%s", (word, more) => expect(savedOf(sync(more)).word).toBe(word));
});

describe("what is to be known", () => {
  it("is nothing where all is well, or comes well by itself", () => {
    expect(remark({})).toBeNull();
    expect(remark({ unreachable: true, waits: true, failure: "The engine cannot be reached." })).toBeNull();
  });

  it("is one sentence or two, with what can be done", () => {
    expect(remark({ theirs: view("b") })?.choices.map(({ choice }) => choice)).toEqual(["file", "mine"]);
    expect(remark({ held: true })?.choices.map(({ choice }) => choice)).toEqual(["keep", "drop"]);
    expect(remark({ failure: "The disk is full.", waits: true })?.choices.map(({ choice }) => choice)).toEqual([
      "again",
    ]);
    expect(remark({}, "It did not load.")?.choices.map(({ choice }) => choice)).toEqual(["load"]);
    expect(remark({ broken: view("b") })?.text).toBe(
      "src/Home.tsx cannot be shown: Expected `>` (src/Home.tsx:6). The canvas goes on when that is mended.",
    );
    expect(remark({ broken: view(""), waits: true })?.text).toBe(
      "src/Home.tsx is gone. Your edits are kept until it is back.",
    );
  });
});

describe("a prompt", () => {
  const card = { type: "Card", name: "Card", path: "src/Card.tsx" } as PaletteComponent;
  const palette = { type: "palette" as const, name: "p", components: [card], hosts: {} };
  const state = (type: string | null, kind: "" | "generate" = ""): EditorState => ({
    ...initialEditor,
    sync: sync({ palette }),
    selected: type === null ? null : { id: "1", type },
    prompt: { ...initialEditor.prompt, kind },
  });

  it("is for a component of the app that is selected, or makes one", () => {
    expect(componentOf(state("Card"))).toBe(card);
    expect(kindOf(state("Card"))).toBe("edit");
    expect(kindOf(state("Card", "generate"))).toBe("generate");
    expect(kindOf(state("h1"))).toBe("generate");
    expect(kindOf(state(null))).toBe("generate");
  });

  it("tells how it goes", () => {
    const run = { kind: "generate" as const, name: "Card", course: begun(), stopping: false };
    expect(progressOf(run)).toBe("Card: Waiting for the model…");
    const course = stepped(stepped(begun(), 0, { type: "attempt", number: 2, reason: "" }), 1, {
      ...{ type: "text", text: "x".repeat(40), path: "" },
    });
    expect(progressOf({ ...run, course })).toBe("Card: Writing… · attempt 2 · about 10 tokens");
    expect(progressOf({ ...run, stopping: true })).toBe("Stopping…");
  });
});

describe("changes", () => {
  const shown = (before: string | null, after: string | null) =>
    linesOf(changesOf("a", before, after)[0]?.text ?? "").map(({ kind, text, before, after }) =>
      kind === "gap" ? "…" : `${{ same: " ", added: "+", removed: "-", remark: "#" }[kind]}${before ?? after}${text}`,
    );

  it("are those of lines, with some around them", () => {
    expect(changesOf("a", "x", "x")).toEqual([]);
    expect(shown("a\nb\nc\n", "a\nB\nB2\nc\n")).toEqual([" 1a", "-2b", "+2B", "+3B2", " 3c"]);
    const long = Array.from({ length: 40 }, (_, at) => `l${at}`);
    const other = long.map((line, at) => (at === 5 || at === 30 ? "new" : line));
    const lines = shown(long.join("\n"), other.join("\n"));
    expect(lines).toContain("…");
    expect(lines).toContain("-31l30");
    expect(lines).toContain("+31new");
    expect(lines).toHaveLength(17);
  });

  it("of a whole file", () => {
    expect(shown(null, "a\n")).toEqual(["+1a"]);
    expect(changesOf("a", "a\n", null)[0]?.status).toBe("removed");
  });
});
