import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Model } from "../../src/widgets/model";

const texts = () => (el.children[0] as { textContent?: string } | undefined)?.textContent ?? "";
let el: { children: unknown[]; replaceChildren(...children: unknown[]): void };

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.stubGlobal("document", {
    getElementById: () => null,
    body: { dataset: {} },
    createElement: () => ({ setAttribute() {}, style: {} }),
  });
  el = {
    children: [],
    replaceChildren(...children) {
      this.children = children;
    },
  };
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("a bundle that nobody sends is told, and asked for again until then", async () => {
  const { default: overskill } = await import("../../src/widgets/loader");
  const sent: unknown[] = [];
  const model = {
    get: (name: string) => ({ transport: "comm", bundle: "abc" })[name],
    on() {},
    off() {},
    send: (message: unknown) => sent.push(message),
  } as unknown as Model;
  const widget = overskill();
  widget.initialize({ model });
  widget.render({ model, el: el as unknown as HTMLElement });
  expect(texts()).toBe("Loading…");
  await vi.advanceTimersByTimeAsync(11_000);
  expect(sent).toHaveLength(4);
  expect(texts()).toContain("could not be loaded");
});
