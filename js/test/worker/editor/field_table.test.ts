/**
 * How many of the props that published libraries declare get the field that a person would choose. With
 * OVERSKILL_FIELD_TABLE, the table is written to that file.
 */
import "./tools";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { folderOf } from "./app";
import { declarations, inWords, TABLE } from "./field_table";

const { Catalogue } = await import("../../../src/worker/editor/catalogue");
const { Project } = await import("../../../src/worker/project");

test("the fields are those that a person would choose", () => {
  const components = new Catalogue(new Project(folderOf({ "src/main.tsx": "", ...declarations() }), "/")).components();
  const rows = TABLE.map(([library, name, prop, wanted]) => {
    const component = components.find((one) => one.name === name && one.path === `src/${library}.tsx`);
    const got = inWords(component?.fields[prop]);
    return { library, component: name, prop, wanted, got, right: got === wanted };
  });
  const right = rows.filter((row) => row.right).length;
  const share = right / rows.length;
  const out = process.env.OVERSKILL_FIELD_TABLE;
  if (out) writeFileSync(out, JSON.stringify({ rows, right, total: rows.length, share }));
  const wrong = rows
    .filter((row) => !row.right)
    .map((r) => `${r.library} ${r.component}.${r.prop}: ${r.got}, not ${r.wanted}`);
  console.log(`${right} of ${rows.length} (${(share * 100).toFixed(1)} %)\n${wrong.join("\n")}`);
  expect(share).toBeGreaterThanOrEqual(0.95);
  expect(rows.length).toBeGreaterThanOrEqual(40);
});
