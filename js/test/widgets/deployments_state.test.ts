import { describe, expect, it } from "vitest";
import type { Deployment, Sync } from "../../src/protocol";
import { linkOf, newer, sentenceOf, size, stepsOf, tookOf, wasLive, wordOf } from "../../src/widgets/deployments_state";
import { duration, moment } from "../../src/widgets/times";

type Status = Deployment["status"];

/** A deployment whose steps came 100 ms apart, beginning at 1000. */
function deployment(statuses: Status[], more: Partial<Deployment> = {}): Deployment {
  const transitions = statuses.map((status, index) => ({ status, at: 1000 + 100 * index, note: "" }));
  return {
    ...{ id: "d1", app: "tips-1", name: "tips", environment: "preview", kind: "deploy", url: "", artefact: "" },
    ...{ source: "", target: "local", timings: {}, first_load_gzip: 0, files: 0, warnings: [], error: "", hint: "" },
    ...{ superseded_by: "", commit: "", repository: "", run_url: "", sync: null, log: [] },
    ...{ status: statuses.at(-1) as Status, transitions },
    ...more,
  };
}

/** The exchange with GitHub that followed, at its first steps. */
function exchange(id: string, steps: number, at = 1000): Sync {
  const transitions = Array.from({ length: steps }, (_, index) => ({
    status: "syncing" as const,
    at: at + index,
    note: "",
  }));
  return {
    ...{
      id,
      app: "tips-1",
      repository: "me/tips",
      reason: "deploy",
      status: "syncing",
      commit: "",
      pushed: 0,
      received: 0,
    },
    ...{ pull_request: "", conflicts: [], deployment: "d1", waits_until: 0, ms: 0, error: "", hint: "", log: [] },
    transitions,
  };
}

const states = (one: Deployment, now = 5000) => stepsOf(one, now).map(({ label, state, ms }) => [label, state, ms]);

describe("the steps", () => {
  it("are to do, under way up to now, and done with their times", () => {
    expect(states(deployment(["pending"]))).toEqual([
      ["Build", "todo", null],
      ["Upload", "todo", null],
      ["Verify", "todo", null],
    ]);
    expect(states(deployment(["pending", "building", "uploading"]), 1250)).toEqual([
      ["Build", "done", 100],
      ["Upload", "current", 50],
      ["Verify", "todo", null],
    ]);
  });

  it("end where the deployment ended", () => {
    expect(states(deployment(["pending", "building", "failed"]))[0]).toEqual(["Build", "failed", 100]);
    expect(states(deployment(["pending", "building", "failed"]))[1]).toEqual(["Upload", "skipped", null]);
    expect(states(deployment(["pending", "building", "uploading", "cancelled"]))[1]).toEqual([
      "Upload",
      "stopped",
      100,
    ]);
    expect(states(deployment(["pending", "superseded"])).map(([, state]) => state)).toEqual(Array(3).fill("skipped"));
  });

  it("have no build where nothing is built", () => {
    const promoted = deployment(["pending", "uploading", "verifying", "deployed"], { kind: "promote" });
    expect(states(promoted).map(([label]) => label)).toEqual(["Upload", "Verify"]);
  });

  it("never run backwards, whatever this machine's clock says", () => {
    expect(states(deployment(["pending", "building"]), 0)[0]).toEqual(["Build", "current", 0]);
  });

  it("go on through what is remarked on them", () => {
    const waits = deployment(["pending", "uploading", "uploading", "uploading"]);
    expect(states(waits, 1500)[1]).toEqual(["Upload", "current", 400]);
    expect(states(deployment(["pending", "uploading", "uploading", "verifying"]))[1]).toEqual(["Upload", "done", 200]);
  });

  it("say what they are made of", () => {
    const one = deployment(["pending", "building", "uploading", "verifying"], { timings: { upload: 61.5, put: 1200 } });
    expect(stepsOf(one, 5000)[1]?.detail).toBe("upload 62 ms, put 1.20 s");
  });
});

describe("the steps of what GitHub's workflow deploys", () => {
  const production = (statuses: Status[], more: Partial<Deployment> = {}) =>
    deployment(statuses, { kind: "promote", environment: "production", repository: "me/tips", ...more });
  const sent = { prepare: 30 };

  it("are sent, built and checked", () => {
    expect(states(production(["pending"])).map(([label, state]) => [label, state])).toEqual([
      ["Send to GitHub", "todo"],
      ["Build on GitHub", "todo"],
      ["Check the address", "todo"],
    ]);
    expect(states(production(["pending", "building"]), 1150)).toEqual([
      ["Send to GitHub", "current", 50],
      ["Build on GitHub", "todo", null],
      ["Check the address", "todo", null],
    ]);
    expect(states(production(["pending", "building"], { timings: sent }), 1150)).toEqual([
      ["Send to GitHub", "done", 30],
      ["Build on GitHub", "current", 20],
      ["Check the address", "todo", null],
    ]);
    expect(states(production(["pending", "building", "verifying", "deployed"], { timings: sent }))).toEqual([
      ["Send to GitHub", "done", 30],
      ["Build on GitHub", "done", 70],
      ["Check the address", "done", 100],
    ]);
  });

  it("fail where they failed", () => {
    const failed: Status[] = ["pending", "building", "failed"];
    expect(states(production(failed)).map(([, state]) => state)).toEqual(["failed", "skipped", "skipped"]);
    const built = states(production(failed, { timings: sent }));
    expect(built.map(([, state]) => state)).toEqual(["done", "failed", "skipped"]);
  });

  it("lead to the run as soon as it is known", () => {
    const links = (more: Partial<Deployment>) =>
      stepsOf(production(["pending", "building"], more), 0).map(({ link }) => link);
    const run_url = "https://github.com/me/tips/actions/runs/7";
    expect(links({ timings: sent })).toEqual([undefined, undefined, undefined]);
    expect(links({ timings: sent, run_url })).toEqual([undefined, run_url, undefined]);
    expect(links({ timings: sent, run_url: "javascript:alert(1)" })).toEqual([undefined, undefined, undefined]);
  });
});

describe("how long it took", () => {
  it("is the engine's figure, else from the first step to the last of the work", () => {
    expect(tookOf(deployment(["pending", "deployed"], { timings: { total: 7 } }), 0)).toBe(7);
    expect(tookOf(deployment(["pending", "building", "failed"]), 9000)).toBe(200);
    expect(tookOf(deployment(["pending", "building", "deployed", "superseded"]), 9000)).toBe(200);
    expect(tookOf(deployment(["pending", "building"]), 1350)).toBe(350);
    expect(tookOf(deployment([], { status: "pending" }), 1)).toBeNull();
  });
});

describe("what became of it", () => {
  it("tells a deployment that was replaced from one that never was live", () => {
    const never = deployment(["pending", "superseded"]);
    const was = deployment(["pending", "deployed", "superseded"], { superseded_by: "d2" });
    expect([wasLive(never), wasLive(was)]).toEqual([false, true]);
    expect(sentenceOf(never)).toContain("before it was live");
    expect(sentenceOf(was)).toContain("is live in preview now");
    const off = deployment(["pending", "deployed", "superseded"]);
    expect(sentenceOf(off)).toContain("not in preview any more");
    expect([never, was, off].map(wordOf)).toEqual(["Superseded", "Superseded", "Taken off"]);
  });

  it("is told for everything that its word does not tell", () => {
    for (const status of ["pending", "cancelled", "superseded", "rolled_back"] as const) {
      expect(sentenceOf(deployment(["pending", status]))).toMatch(/\.$/);
    }
    expect(sentenceOf(deployment(["deployed"]))).toBe("");
  });
});

describe("news", () => {
  it("that is older than what is known changes nothing", () => {
    const early = deployment(["pending", "building"], { log: ["one"] });
    const late = deployment(["pending", "building", "deployed"]);
    expect(newer(late, early)).toBe(late);
    expect(newer(early, late)).toBe(late);
    expect(newer(early, { ...early, log: [] })).toBe(early);
    const other = { ...early, id: "d2" };
    expect(newer(late, other)).toBe(other);
    expect(newer(null, early)).toBe(early);
  });

  it("of the exchange that followed is taken in, whichever of the two comes first", () => {
    const live = deployment(["pending", "building", "deployed"]);
    const [before, after] = [exchange("s1", 1), exchange("s1", 3)];
    expect(newer({ ...live, sync: before }, { ...live, sync: after }).sync).toBe(after);
    expect(newer({ ...live, sync: after }, { ...live, sync: before }).sync).toBe(after);
    const next = exchange("s2", 1, 9000);
    expect(newer({ ...live, sync: next }, { ...live, sync: after }).sync).toBe(next);
    const replaced = deployment(["pending", "building", "deployed", "superseded"]);
    expect(newer({ ...live, sync: after }, replaced)).toEqual({ ...replaced, sync: after });
  });
});

describe("figures", () => {
  it("are short", () => {
    expect([0.4, 999, 1000, 12_345, 61_000].map(duration)).toEqual(["0 ms", "999 ms", "1.00 s", "12.3 s", "1 min 1 s"]);
    expect([61_234, 1_250_000].map(size)).toEqual(["61.2 kB", "1.25 MB"]);
  });

  it("name the day where it is not today", () => {
    const noon = new Date(2026, 10, 24, 12).getTime();
    expect(moment(noon, noon + 1000)).not.toContain(",");
    expect(moment(noon, noon + 86_400_000)).toContain(",");
  });

  it("lead nowhere but to web pages", () => {
    expect(linkOf("https://tips.example.com/")).toBe("https://tips.example.com/");
    expect(["javascript:alert(1)", "", "/x", "data:text/html,x"].map(linkOf)).toEqual(["", "", "", ""]);
  });
});
