import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Report } from "../../src/widgets/model";
import { Reports } from "../../src/widgets/reports";

let sent: Report[] = [];
let reports: Reports;
const standing = { status: "live", errors: [], seq: 1, height: 100 };
const line = (text: string) => ({ level: "log" as const, text, time: 0, count: 1 });

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  reports = new Reports((report) => sent.push(report));
});
afterEach(() => vi.useRealTimers());

it("sends one message for all that happens within 50 ms", () => {
  reports.stands({ ...standing, status: "loading" });
  reports.lines([line("a"), line("b")]);
  reports.stands(standing);
  vi.advanceTimersByTime(49);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual([{ ...standing, console: [line("a"), line("b")] }]);
});

it("sends console lines once", () => {
  reports.stands(standing);
  reports.lines([line("a")]);
  vi.advanceTimersByTime(50);
  reports.lines([line("b")]);
  vi.advanceTimersByTime(50);
  expect(sent.map((report) => report.console.map((l) => l.text))).toEqual([["a"], ["b"]]);
});

it("sends nothing when nothing changed", () => {
  reports.stands(standing);
  vi.advanceTimersByTime(50);
  reports.stands({ ...standing });
  vi.advanceTimersByTime(500);
  expect(sent).toHaveLength(1);
});

it("tells a new widget everything again", () => {
  reports.stands(standing);
  vi.advanceTimersByTime(50);
  reports.again();
  vi.advanceTimersByTime(50);
  expect(sent).toHaveLength(2);
});

it("stays far below the size at which Jupyter drops the connection", () => {
  reports.stands(standing);
  reports.lines(Array.from({ length: 5000 }, (_, i) => line(`${i}${"x".repeat(100_000)}`)));
  vi.advanceTimersByTime(50);
  expect(JSON.stringify(sent).length).toBeLessThan(1_000_000);
  expect(sent[0]?.console.at(-1)?.text.startsWith("4999")).toBe(true);
});
