import { expect, it } from "vitest";
import type { Diagnostic } from "../../src/protocol";
import { backoff } from "../../src/widgets/backoff";
import { frameHeight } from "../../src/widgets/height";
import { initial, isCardShown, type State, statusOf, textOf } from "../../src/widgets/state";
import { tabUrl } from "../../src/widgets/tab_url";

const problem: Diagnostic = {
  severity: "error",
  kind: "syntax",
  message: "Unexpected token",
  location: { file: "src/App.tsx", line: 4, column: 14, length: 1 },
  frame: "> 4 | let x: = 3",
  hint: "",
  stack: "at App (src/App.tsx:4:14)",
};
const open: State = { ...initial, connection: "open" };
const runtime = { key: "k", diagnostic: { ...problem, kind: "runtime" as const }, count: 1 };

it("names what the preview is doing", () => {
  expect(statusOf(open)).toBe("loading");
  expect(statusOf({ ...open, progress: "Installing…" })).toBe("building");
  expect(statusOf({ ...open, live: true })).toBe("live");
  expect(statusOf({ ...open, live: true, connection: "relayed" })).toBe("live");
  expect(statusOf({ ...open, live: true, connection: "connecting" })).toBe("disconnected");
  expect(statusOf({ ...open, live: true, diagnostics: [problem] })).toBe("error");
  expect(statusOf({ ...open, live: true, diagnostics: [{ ...problem, severity: "warning" }] })).toBe("live");
  expect(statusOf({ ...open, live: true, errors: [runtime], connection: "lost" })).toBe("disconnected");
});

it("lets run-time errors be put away, but not build errors", () => {
  expect(isCardShown({ ...open, errors: [runtime] })).toBe(true);
  expect(isCardShown({ ...open, errors: [runtime], dismissed: true })).toBe(false);
  expect(isCardShown({ ...open, diagnostics: [problem], dismissed: true })).toBe(true);
});

it("copies a problem as text", () => {
  expect(textOf(problem)).toBe(
    "Syntax error in src/App.tsx:4:14\nUnexpected token\n\n> 4 | let x: = 3\n\nat App (src/App.tsx:4:14)",
  );
});

it("chooses a height", () => {
  expect(frameHeight({ wanted: 0, whole: true, content: 900 })).toBe(480);
  expect(frameHeight({ wanted: 0, whole: false, content: 0 })).toBe(120);
  expect(frameHeight({ wanted: 0, whole: false, content: 33.4 })).toBe(33);
  expect(frameHeight({ wanted: 0, whole: false, content: 9000 })).toBe(2000);
  expect(frameHeight({ wanted: 600, whole: false, content: 50 })).toBe(600);
});

it("waits longer from try to try, never in step and never for ever", () => {
  const waits = Array.from({ length: 20 }, (_, i) => backoff(i, () => 1));
  expect(waits[1]).toBe(300);
  expect(Math.max(...waits)).toBe(8000);
  expect(backoff(3, () => 0)).toBe(backoff(3, () => 1) / 2);
});

it("makes the address of a tab", () => {
  const target = { module: "src/A b.tsx", export: "Tip" };
  expect(tabUrl("http://h/user/x/", "tips-1a", target)).toBe(
    "http://h/user/x/overskill-nb/tab/tips-1a?module=src%2FA+b.tsx&export=Tip",
  );
  expect(tabUrl("http://h/", "tips-1a", { module: "", export: "" })).toBe("http://h/overskill-nb/tab/tips-1a");
});
