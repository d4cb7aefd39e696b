// Reads a JSON schema on stdin and writes TypeScript types. Called by scripts/protocol.
import { readFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const schema = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(
  await compile(schema, "Protocol", {
    additionalProperties: false,
    bannerComment: "// Generated from overskill_nb/protocol.py by scripts/protocol. Do not edit.",
    unreachableDefinitions: true,
    style: { printWidth: 120 },
  }),
);
