import { describe, expect, it } from "vitest";
import { Attention } from "../../src/widgets/editor_attention";
import { checked, MOST_DATA } from "../../src/widgets/editor_messages";

describe("what the canvas says", () => {
  it("is taken as far as it is known", () => {
    expect(checked({ type: "ready", more: 1 })).toEqual({ type: "ready" });
    expect(checked({ type: "prompt", kind: "edit" })).toEqual({ type: "prompt", kind: "edit" });
    expect(checked({ type: "selected", item: { id: "a", type: "Card", x: 1 } })).toEqual({
      type: "selected",
      item: { id: "a", type: "Card" },
    });
    expect(checked({ type: "selected", item: null })).toEqual({ type: "selected", item: null });
    const edited = { type: "edited", edit: 1, data: { content: [] }, base: "abc" };
    expect(checked(edited)).toEqual(edited);
    expect(checked({ ...edited, base: 3 })).toEqual({ ...edited, base: "" });
  });

  it("is passed over where it is none of it", () => {
    const none = [null, 1, "ready", [], {}, { type: "insert", component: "Card" }, { type: "prompt", kind: "pay" }];
    const items = [{}, { id: 1, type: "a" }, "x", { id: "a".repeat(400), type: "b" }];
    const edits = [0, -1, 1.5, "1", Number.NaN].map((edit) => ({ type: "edited", edit, data: {} }));
    for (const message of [...none, ...items.map((item) => ({ type: "selected", item })), ...edits]) {
      expect(checked(message), JSON.stringify(message)).toBeNull();
    }
  });

  it("is refused with a reason where it is no data of a page", () => {
    const data: Record<string, unknown> = {};
    data.self = data;
    for (const wrong of [null, [], "x", 1, undefined, data, { big: 1n }]) {
      expect(checked({ type: "edited", edit: 2, data: wrong })).toMatchObject({ type: "refused", edit: 2 });
    }
  });

  it("is plain data afterwards", () => {
    const data = { content: [new Date(0)], root: undefined };
    expect(checked({ type: "edited", edit: 1, data })).toMatchObject({
      data: { content: ["1970-01-01T00:00:00.000Z"] },
    });
  });

  it("is refused where it is too much, counted in bytes", () => {
    const most = MOST_DATA - '{"text":""}'.length;
    const edited = (text: string) => checked({ type: "edited", edit: 1, data: { text } });
    expect(edited("a".repeat(most))?.type).toBe("edited");
    expect(edited("a".repeat(most + 1))).toMatchObject({ type: "refused", why: expect.stringContaining("10.0 MB") });
    expect(edited("é".repeat(most / 2 + 1))?.type).toBe("refused");
  });
});

describe("attention", () => {
  const stand = (isActive: boolean, hasBeenActive: boolean) => {
    const activation = { isActive, hasBeenActive };
    const clock = { now: 100_000 };
    return { activation, clock, attention: new Attention(activation, () => clock.now) };
  };

  it("is there while somebody does something, and a while afterwards", () => {
    const { activation, clock, attention } = stand(true, true);
    expect(attention.takes()).toBe(true);
    activation.isActive = false;
    clock.now += 10_000;
    expect(attention.takes()).toBe(true);
    clock.now += 10_000;
    expect(attention.takes()).toBe(false);
  });

  it("is not there before anybody did anything", () => {
    expect(stand(false, false).attention.takes()).toBe(false);
    expect(stand(false, true).attention.takes()).toBe(false);
  });

  it("lets one edit come of an insertion, for a while", () => {
    const { attention, clock } = stand(false, false);
    attention.allow();
    clock.now += 5000;
    expect(attention.takes()).toBe(true);
    expect(attention.takes()).toBe(false);
    attention.allow();
    clock.now += 60_000;
    expect(attention.takes()).toBe(false);
  });

  it("is taken for granted where the browser does not tell", () => {
    expect(new Attention(undefined, () => 0).takes()).toBe(true);
  });
});
