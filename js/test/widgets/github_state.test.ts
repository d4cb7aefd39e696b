import { describe, expect, it } from "vitest";
import type { Conflict, GithubInfo, Repository, Sync } from "../../src/protocol";
import {
  conflictOf,
  lastOf,
  newerSync,
  reasonOf,
  syncIsOver,
  wordOfGithub,
  wordOfSync,
} from "../../src/widgets/github_state";

type Status = Sync["status"];

const NOW = new Date("2026-11-28T16:00:00").getTime();

/** A sync whose steps came a second apart and ended now. */
function sync(statuses: Status[], more: Partial<Sync> = {}): Sync {
  const transitions = statuses.map((status, index) => ({
    ...{ status, note: "" },
    at: NOW - 1000 * (statuses.length - 1 - index),
  }));
  return {
    ...{ id: "s1", app: "tips-1", repository: "me/tips", reason: "asked", status: statuses.at(-1) as Status },
    ...{ commit: "", pushed: 0, received: 0, pull_request: "", conflicts: [], deployment: "", waits_until: 0 },
    ...{ transitions, ms: 0, error: "", hint: "", log: [] },
    ...more,
  };
}

const REPOSITORY: Repository = {
  name: "me/tips",
  url: "https://github.com/me/tips",
  branch: "main",
  local: false,
  private: true,
};
const info = (last: Sync | null, ahead = 0): GithubInfo => ({
  type: "github",
  repository: REPOSITORY,
  sync: last,
  ahead,
  account: "me",
});
const conflict: Conflict = { path: "src/App.tsx", ours: "a", theirs: "b", base: "c", binary: false };

describe("how an app stands with its repository", () => {
  it("is what its last exchange left, and what came since", () => {
    const word = (...given: [Sync | null, number?]) => wordOfGithub(info(...given), NOW).word;
    expect(wordOfGithub({ ...info(null), repository: null }, NOW).word).toBe("Not connected");
    expect(word(null)).toBe("Not synced");
    expect(word(sync(["pending", "syncing", "synced"]))).toBe("In step with GitHub");
    expect(word(sync(["pending", "syncing", "synced"]), 1)).toBe("1 checkpoint ahead of GitHub");
    expect(word(sync(["pending", "cancelled"]), 2)).toBe("2 checkpoints ahead of GitHub");
    expect(word(sync(["pending", "syncing"]), 2)).toBe("Syncing…");
    expect(word(sync(["pending", "syncing", "conflict"], { conflicts: [conflict] }), 2)).toBe("Conflict");
    expect(word(sync(["pending", "syncing", "failed"]), 2)).toBe("Sync failed");
  });
});

describe("an exchange", () => {
  it("says until when GitHub asked to wait, not that it hangs", () => {
    const parked = sync(["pending", "syncing", "syncing"], { waits_until: NOW + 45 * 60_000 });
    expect(wordOfSync(parked, NOW)).toMatchObject({
      status: "pending",
      word: expect.stringMatching(/^Waiting for GitHub until \S*4:45/),
    });
    expect(wordOfSync(parked, NOW + 46 * 60_000).word).toBe("Syncing…");
    expect(syncIsOver(parked)).toBe(false);
  });

  it("says why it waits where GitHub did not ask for it", () => {
    const parked = sync(["pending", "syncing", "syncing"], { waits_until: NOW + 30_000 });
    const last = parked.transitions.at(-1) as Sync["transitions"][number];
    last.note = "github.com cannot be reached. Trying again at 16:00:30.";
    expect(reasonOf(parked, NOW)).toBe(last.note);
    expect(wordOfSync(parked, NOW).word).toMatch(/:00:30/); // to the second, as it is soon
    last.note = "Waiting for GitHub until 16:45.";
    expect(reasonOf(parked, NOW)).toBe("");
    expect(reasonOf({ ...parked, status: "synced" }, NOW)).toBe("");
  });

  it("says what went where", () => {
    const done = sync(["pending", "syncing", "synced"], { pushed: 3, received: 1, ms: 1234, reason: "deploy" });
    expect(wordOfSync(done, NOW)).toEqual({
      status: "synced",
      word: "Synced",
      more: "3 commits pushed, 1 commit received",
    });
    expect(wordOfSync(sync(["synced"]), NOW).more).toBe("nothing was new");
    expect(lastOf(done, NOW + 120_000)).toBe("Last exchange 2 min ago, after a deployment, 1.23 s");
  });

  it("names what both sides changed", () => {
    const both = sync(["conflict"], { conflicts: [conflict], pull_request: "https://github.com/me/tips/pull/1" });
    expect(conflictOf(both)).toBe(
      "src/App.tsx was changed here and on GitHub in the same place. Neither side was touched.",
    );
    expect(conflictOf({ ...both, conflicts: [conflict, conflict], pull_request: "" })).toBe(
      "2 files were changed here and on GitHub in the same place. Neither side was touched. Sync asks for a decision in a pull request.",
    );
    // Nobody's lines are at odds: the branch may not be pushed to.
    const guarded = sync(["conflict"], { pull_request: "https://github.com/me/tips/pull/2" });
    expect([conflictOf(guarded), wordOfSync(guarded, NOW).word]).toEqual(["", "Pull request open"]);
  });

  it("is the newer of two, in whatever order they arrive", () => {
    const [before, after] = [sync(["pending"]), sync(["pending", "syncing"])];
    expect(newerSync(before, after)).toBe(after);
    expect(newerSync(after, before)).toBe(after);
    expect(newerSync(after, { ...after, log: ["more"] })?.log).toEqual(["more"]);
    expect(newerSync({ ...after, log: ["more"] }, after)?.log).toEqual(["more"]);
    const next = {
      ...sync(["pending"]),
      id: "s2",
      transitions: [{ status: "pending" as const, at: NOW + 5000, note: "" }],
    };
    expect(newerSync(after, next)).toBe(next);
    expect(newerSync(next, after)).toBe(next);
    expect(newerSync(null, after)).toBe(after);
    expect(newerSync(after, null)).toBe(after);
  });
});
