import { describe, expect, it, vi } from "vitest";
import { Recording, wordsOf } from "../../src/widgets/recording";
import { initial, type State } from "../../src/widgets/state";
import { Store } from "../../src/widgets/store";

vi.mock("text:../recorder/recorder.ts", () => ({ default: "code" }));

function setUp(kernel = true) {
  const store = new Store<State>({ ...initial });
  const posted: string[] = [];
  const told: { name: string; steps: unknown[]; keep: boolean }[] = [];
  const recording = new Recording({
    store,
    post: (message) => posted.push(message.type === "record" && message.code ? "begin" : "end") > 0,
    tell: (content) => {
      told.push(content as (typeof told)[0]);
      return kernel;
    },
  });
  return { store, posted, told, recording, recorded: () => store.value.recorded };
}

const click = { do: "click", role: "button", name: "Add", nth: 0 };

describe("a recording", () => {
  it("takes steps while it is on, and no others", () => {
    const { recording, recorded, told } = setUp();
    recording.stepped(click);
    expect(recorded().steps).toEqual([]);
    recording.begin();
    recording.stepped(click);
    for (const wrong of ["click", 3, {}, { do: "run", role: "x" }]) recording.stepped(wrong);
    expect(recorded().steps).toEqual([{ do: "click", role: "button", name: "Add" }]);
    expect(told.map(({ keep }) => keep)).toEqual([false]);
  });

  it("is kept once the frame has said the last of it", () => {
    const { recording, recorded, told, posted } = setUp();
    recording.begin();
    recording.rename(" adds a task ");
    recording.stepped(click);
    recording.keep();
    expect(told.filter(({ keep }) => keep)).toEqual([]);
    recording.stepped({ do: "type", role: "textbox", value: "Milk" });
    recording.stepped(null);
    expect(told.at(-1)).toMatchObject({ name: "adds a task", keep: true });
    expect(told.at(-1)!.steps).toHaveLength(2);
    expect(posted).toEqual(["begin", "end"]);
    recording.answered("'adds a task' is recorded: 2 steps.", false);
    expect(recorded()).toMatchObject({ on: false, keeping: false, said: "'adds a task' is recorded: 2 steps." });
  });

  it("goes on where no kernel is there to keep it", () => {
    const { recording, recorded, posted } = setUp(false);
    recording.begin();
    recording.stepped(click);
    recording.keep();
    recording.stepped(null);
    expect(recorded()).toMatchObject({ on: true, keeping: false, failed: true });
    expect(recorded().said).toContain("No kernel");
    expect(recorded().steps).toHaveLength(1);
    expect(posted).toEqual(["begin", "end", "begin"]);
  });

  it("that could not be kept goes on with its steps, and is kept under another name or without one of them", () => {
    const { recording, recorded, told, posted } = setUp();
    recording.begin();
    recording.rename("…");
    recording.stepped(click);
    recording.keep();
    recording.stepped(null);
    recording.answered("'…' cannot be a name here.", true);
    expect(recorded()).toMatchObject({ on: true, name: "…", keeping: false, said: "'…' cannot be a name here." });
    expect(posted).toEqual(["begin", "end", "begin"]);
    recording.stepped({ do: "press", value: "Escape" });
    recording.stepped({ do: "press", value: "Enter" });
    recording.remove(1);
    recording.rename("adds a task");
    recording.keep();
    expect(recorded()).toMatchObject({ said: "", failed: false });
    recording.stepped(null);
    expect(told.at(-1)).toMatchObject({ name: "adds a task", keep: true });
    expect(told.at(-1)!.steps).toEqual([
      { do: "click", role: "button", name: "Add" },
      { do: "press", value: "Enter" },
    ]);
    recording.answered("'adds a task' is recorded: 2 steps.", false);
    expect(recorded()).toMatchObject({ on: false, failed: false });
  });

  it("that was dropped meanwhile does not begin again", () => {
    const { recording, recorded, told } = setUp();
    recording.begin();
    recording.stepped(click);
    recording.keep();
    recording.drop();
    expect(told.at(-1)).toMatchObject({ steps: [], keep: false });
    recording.answered("It could not be kept.", true);
    expect(recorded()).toMatchObject({ on: false, steps: [], said: "It could not be kept." });
  });

  it("has a double click in place of its two clicks", () => {
    const { recording, recorded, told } = setUp();
    recording.begin();
    const steps = [click, { ...click, name: "Edit" }, click, click, { ...click, do: "double-click" }];
    for (const step of steps) recording.stepped(step);
    const said = ['click button "Add"', 'click button "Edit"', 'double-click button "Add"'];
    expect(recorded().steps.map(wordsOf)).toEqual(said);
    expect(told.at(-1)!.steps).toHaveLength(3);
    recording.stepped({ do: "double-click", role: "text", name: "All" });
    expect(recorded().steps.map(wordsOf)).toEqual([...said, 'double-click text "All"']);
  });

  it("goes on in a frame that started anew, and ends when Python ends it", () => {
    const { recording, recorded, posted } = setUp();
    recording.ready();
    recording.named("by Python");
    recording.ready();
    expect(recorded()).toMatchObject({ on: true, name: "by Python" });
    recording.named("");
    expect(recorded().on).toBe(false);
    expect(posted).toEqual(["begin", "begin", "end"]);
  });
});

it("says steps in words", () => {
  expect(wordsOf({ do: "click", role: "button", name: "Delete", nth: 2 })).toBe('click button "Delete" (2)');
  expect(wordsOf({ do: "type", role: "textbox", name: "Task", value: "Milk" })).toBe('type "Milk" into textbox "Task"');
  expect(wordsOf({ do: "press", value: "Escape" })).toBe("press Escape");
});
