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

  it("says where no kernel is there to keep it", () => {
    const { recording, recorded } = setUp(false);
    recording.begin();
    recording.stepped(click);
    recording.keep();
    recording.stepped(null);
    expect(recorded()).toMatchObject({ on: false, failed: true });
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
