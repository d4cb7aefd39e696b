// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { HIDDEN, type Step, Steps } from "../../src/recorder/steps";

let told: Step[];
let steps: Steps;

beforeEach(() => {
  document.body.innerHTML = `
    <label>Name <input id="name"></label>
    <label>Word <input id="word" type="password"></label>
    <button id="add"><b id="inner">Add</b></button>
    <main id="main"><p id="text">A text</p></main>`;
  // What React gives to elements, and what happy-dom has no layout for.
  for (const one of document.querySelectorAll("*")) one.checkVisibility = () => true;
  told = [];
  steps = new Steps((step) => told.push(step));
  vi.unstubAllGlobals();
});

function element(id: string): HTMLInputElement {
  return document.getElementById(id) as HTMLInputElement;
}

/** As a browser hands over what a person did. */
function happening<T>(id: string, fields: object): T {
  return { isTrusted: true, composedPath: () => [element(id)], ...fields } as T;
}

function type(id: string, text: string): void {
  element(id).value = text;
  steps.typed(happening("name", { composedPath: () => [element(id)] }));
}

function click(id: string, detail: number): void {
  steps.clicked(happening(id, { detail }));
}

function doubleClick(id: string): void {
  click(id, 1);
  click(id, 2);
  steps.doubleClicked(happening(id, { detail: 2 }));
}

function listenAt(id: string, ...props: string[]): void {
  Object.assign(element(id), { __reactProps$x: Object.fromEntries(props.map((prop) => [prop, () => {}])) });
}

function press(id: string, key: string, fields: Partial<KeyboardEvent> = {}, ...states: string[]): string[] {
  told.length = 0;
  const getModifierState = (state: string) => states.includes(state);
  steps.pressed(happening(id, { key, code: "", getModifierState, ...fields }));
  return told.map(({ value }) => value ?? "");
}

describe("a field for passwords", () => {
  it("never gives away what is typed into it, nor how long that is", () => {
    for (const text of ["s", "secret", "a secret of many letters"]) {
      type("word", text);
      steps.flush();
    }
    expect(told.map(({ value }) => value)).toEqual([HIDDEN, HIDDEN, HIDDEN]);
    expect(HIDDEN).toBe("\u2022".repeat(8));
    expect(told[0]).toMatchObject({ do: "type", role: "field", name: "Word" });
  });

  it("keeps it while the app shows it", () => {
    element("word").type = "text";
    type("word", "secret");
    steps.flush();
    expect(told.map(({ value }) => value)).toEqual([HIDDEN]);
    type("name", "Ada");
    steps.flush();
    expect(told.at(-1)!.value).toBe("Ada");
  });
});

describe("a key", () => {
  it("that Python would refuse is no step", () => {
    for (const key of ["ä", "€", "ß", "あ", "لا", "Dead"]) expect(press("main", key)).toEqual([]);
    expect(press("main", "ä", { ctrlKey: true, code: "Quote" })).toEqual([]);
    expect(press("main", "a")).toEqual(["a"]);
  });

  it("of a shortcut goes by its place where its character is none of ASCII", () => {
    expect(press("main", "ф", { ctrlKey: true, code: "KeyA" })).toEqual(["Control+a"]);
    expect(press("main", "١", { metaKey: true, shiftKey: true, code: "Digit1" })).toEqual(["Meta+Shift+1"]);
    expect(press("main", "k", { ctrlKey: true, code: "KeyT" })).toEqual(["Control+k"]);
    expect(press("main", " ", { ctrlKey: true, code: "Space" })).toEqual(["Control+Space"]);
    expect(press("main", "ArrowUp", { altKey: true })).toEqual(["Alt+ArrowUp"]);
    // What the browser does in a field, in any alphabet.
    expect(press("name", "м", { ctrlKey: true, code: "KeyV" })).toEqual([]);
  });

  it("that AltGr makes is a character and no shortcut", () => {
    expect(press("main", "AltGraph", { altKey: true, ctrlKey: true }, "AltGraph")).toEqual([]);
    expect(press("name", "@", { altKey: true, ctrlKey: true, code: "KeyQ" }, "AltGraph")).toEqual([]);
    expect(press("main", "@", { altKey: true, ctrlKey: true, code: "KeyQ" }, "AltGraph")).toEqual(["@"]);
    expect(press("main", "€", { altKey: true, ctrlKey: true, code: "KeyE" }, "AltGraph")).toEqual([]);
  });

  it("that Alt makes on a Mac is a character in a field, and a shortcut elsewhere", () => {
    expect(press("word", "n", { altKey: true, code: "KeyN" })).toEqual(["Alt+n"]);
    vi.stubGlobal("navigator", { platform: "MacIntel" });
    expect(press("word", "@", { altKey: true, code: "KeyL" })).toEqual([]);
    expect(press("word", "Dead", { altKey: true, code: "KeyN" })).toEqual([]);
    expect(press("main", "å", { altKey: true, code: "KeyA" })).toEqual(["Alt+a"]);
    expect(press("main", "Dead", { altKey: true, code: "KeyE" })).toEqual(["Alt+e"]);
    expect(press("main", "[", { altKey: true, code: "Digit5" })).toEqual(["Alt+5"]);
  });
});

describe("a double click", () => {
  it("is a step of its own where something listens to it", () => {
    listenAt("main", "onDoubleClick");
    doubleClick("text");
    expect(told).toEqual([{ do: "double-click", role: "text", name: "A text", nth: 0 }]);
  });

  it("goes by what was clicked first, as do its clicks, which are told before", () => {
    listenAt("add", "onClick", "onDoubleClick");
    click("inner", 1);
    element("inner").textContent = "Added";
    click("inner", 2);
    steps.doubleClicked(happening("inner", { detail: 2 }));
    const add = { role: "button", name: "Add", nth: 0 };
    expect(told).toEqual([
      { do: "click", ...add },
      { do: "click", ...add },
      { do: "double-click", ...add },
    ]);
  });

  it("is two clicks where nothing does", () => {
    doubleClick("inner");
    listenAt("main", "onClick");
    doubleClick("text");
    expect(told.map(({ do: verb, name }) => `${verb} ${name}`)).toEqual([
      "click Add",
      "click Add",
      "click A text",
      "click A text",
    ]);
  });

  it("does not name what a key clicks after it", () => {
    listenAt("add", "onDoubleClick");
    click("inner", 1);
    element("inner").textContent = "Added";
    click("add", 0);
    expect(told.map(({ name }) => name)).toEqual(["Add", "Added"]);
  });
});
