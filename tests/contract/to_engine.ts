// Every message that a client can send, as TypeScript's types allow it: first with only what they demand, then in full.
// tests/test_protocol.py checks the types, runs this file with Node, and lets Python read what it prints.
import type { Call, Protocol } from "../src/protocol";

const requests: Call["request"][] = [
  { type: "open_app", folder: "tips" },
  { type: "open_app", folder: "tips", workspace: "/home/ada", create: true, allow: ["https://api.example.com"] },
  { type: "open_app", folder: "tips", allow: null, live: false },
  { type: "write_files", app: "tips-1", files: [] },
  {
    type: "write_files",
    app: "tips-1",
    files: [{ path: "src/a.ts", content: "Grüße 🎉" }, { path: "src/b.ts", content: null }, { path: "src/c.ts" }],
    origin: "editor",
  },
  { type: "edit_file", app: "tips-1", path: "src/a.ts", old: "1", new: "2" },
  { type: "edit_file", app: "tips-1", path: "src/a.ts", old: "1", new: "2", origin: "prompt" },
  { type: "rename_file", app: "tips-1", path: "src/a.ts", to: "src/b.ts" },
  { type: "rename_file", app: "tips-1", path: "src/a.ts", to: "src/b.ts", origin: "cell" },
  { type: "read_file", app: "tips-1", path: "src/a.ts" },
  { type: "list_files", app: "tips-1" },
  { type: "prepare", app: "tips-1" },
  { type: "prepare", app: "tips-1", target: "TipCalculator" },
  { type: "allow_origins", app: "tips-1", allow: [] },
  { type: "trace_error", app: "tips-1", kind: "render", message: "x is undefined", stack: "Error: x\n    at f" },
  { type: "inspect" },
  { type: "ping" },
  { type: "deploy", app: "tips-1" },
  { type: "deploy", app: "tips-1", environment: "staging" },
  { type: "promote", app: "tips-1", to: "staging" },
  { type: "promote", app: "tips-1", to: "production", source: "d1" },
  { type: "rollback", app: "tips-1", environment: "preview" },
  { type: "rollback", app: "tips-1", environment: "preview", to: "d1" },
  { type: "cancel_deployment", app: "tips-1", deployment: "d1" },
  { type: "undeploy", app: "tips-1", environment: "preview" },
  { type: "get_deployment", app: "tips-1", deployment: "d1" },
  { type: "get_deployment", app: "tips-1", deployment: "d1", seen: 3, seconds: 20 },
  { type: "list_deployments" },
  { type: "list_deployments", app: "tips-1", limit: 5 },
  { type: "read_logs", app: "tips-1", environment: "preview" },
  { type: "read_logs", app: "tips-1", environment: "preview", since: 1.5 },
  { type: "get_variables", app: "tips-1", environment: "preview" },
  { type: "set_variables", app: "tips-1", environment: "preview", values: { API_URL: "https://x", OLD: null } },
  { type: "list_secrets", app: "tips-1", environment: "preview" },
  { type: "set_secret", app: "tips-1", environment: "preview", name: "KEY", value: "v" },
  { type: "delete_secret", app: "tips-1", environment: "preview", name: "KEY" },
];

const messages: Protocol["to_engine"][] = [
  ...requests.map((request, id) => ({ type: "call" as const, id, request })),
  { type: "cancel", id: 3 },
  { type: "subscribe", client: "p1", app: "tips-1" },
  { type: "subscribe", client: "p1", app: "tips-1", module: "src/App.tsx", build: "b", seq: 12, have: ["v1"] },
  { type: "unsubscribe", client: "p1" },
  { type: "ack", client: "p1", app: "tips-1", build: "b", seq: 12, outcome: "applied" },
  { type: "ack", client: "p1", app: "tips-1", build: "b", seq: 12, outcome: "failed", ms: 1.25 },
];

for (const message of messages) console.log(JSON.stringify(message));
