import { describe, expect, it } from "vitest";
import type { Deployment } from "../../src/protocol";
import { CommTransport } from "../../src/widgets/comm_transport";
import type { ToEngine } from "../../src/widgets/model";
import type { Connection, Notice } from "../../src/widgets/transport";

function listener(reachable = true) {
  const sent: ToEngine[] = [];
  const notices: Notice[] = [];
  const states: Connection[] = [];
  return {
    ...{ sent, notices, states },
    relay(message: ToEngine) {
      if (reachable) sent.push(message);
      return reachable;
    },
    notice: (notice: Notice) => void notices.push(notice),
    connection: (state: Connection) => void states.push(state),
  };
}

describe("who only listens", () => {
  it("follows no app, calls, and hears of deployments through its own comm", async () => {
    const transport = new CommTransport();
    const mine = listener();
    const others = listener();
    transport.listen("a", mine);
    transport.listen("b", others);
    expect(mine.states).toEqual(["open"]);
    const answer = transport.call("a", { type: "list_deployments", app: "tips" });
    expect(mine.sent).toMatchObject([{ type: "call", request: { type: "list_deployments" } }]);
    const { id } = mine.sent[0] as { id: number };
    transport.relayed("a", { type: "reply", id, result: { type: "deployments", deployments: [] }, failure: null });
    expect(await answer).toEqual({ type: "deployments", deployments: [] });
    const event = { type: "deployment_changed" as const, app: "tips", deployment: { id: "d1" } as Deployment };
    transport.relayed("a", { type: "event", client: "", event });
    expect(mine.notices).toEqual([event]);
    expect(others.notices).toEqual([]);
    transport.unfollow("a");
    transport.relayed("a", { type: "event", client: "", event });
    expect(mine.notices).toHaveLength(1);
  });

  it("is told that no kernel is there", async () => {
    const transport = new CommTransport();
    transport.listen("a", listener(false));
    await expect(transport.call("a", { type: "list_deployments" })).rejects.toThrow("kernel is not running");
  });
});
