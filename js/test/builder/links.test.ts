import { expect, test } from "vitest";
import { aliases, entryOf, linked, PREFIX, readLinks, WHOLE, wantedBy } from "../../src/builder/links";
import { membersOf } from "../../src/builder/members";
import { splice } from "../../src/worker/css";
import { parse } from "../../src/worker/literal";

const at = (name: string) => JSON.stringify(PREFIX + name);
const CODE = [
  `import{useState as a,default as b}from${at("react")};`,
  `import c from${at("react")};`,
  `import*as d from${at("@x/y/z")};import e,{f}from${at("q")};import${at("effect")};`,
  `export{g as h}from${at("q")};var s="import x from 'react'";const l=()=>import(${at("late")});`,
].join("");

test("links are read as esbuild writes them", () => {
  const found = readLinks(CODE).map(({ kind, specifier, names }) => [kind, specifier, names]);
  expect(found).toEqual([
    [
      "import",
      "react",
      [
        ["useState", "a"],
        ["default", "b"],
      ],
    ],
    ["import", "react", [["default", "c"]]],
    ["import", "@x/y/z", [[WHOLE, "d"]]],
    [
      "import",
      "q",
      [
        ["default", "e"],
        ["f", "f"],
      ],
    ],
    ["import", "effect", []],
    ["export", "q", [["g", "h"]]],
    ["dynamic", "late", []],
  ]);
});

test("all that a package passes on cannot be linked", () => {
  expect(readLinks(`export*from${at("react")};`).map(({ kind }) => kind)).toEqual(["star"]);
});

test("linked code imports once, by the names under which the packages' script exports", () => {
  const links = readLinks(CODE);
  const wanted = wantedBy(links);
  const names = aliases(wanted);
  const code = splice(
    CODE,
    linked(links, wanted, "p.js", () => "late.js"),
  );
  expect(code).not.toContain(PREFIX);
  expect(code.match(/import\{/g)).toHaveLength(1);
  expect(code).toContain(`${names.get("react\0useState")} as a`);
  expect(code).toContain(`export{${names.get("q\0g")} as h}from"./p.js"`);
  expect(code).toContain('import("./late.js").then(m=>m.a)');
  expect(code).toContain(`var s="import x from 'react'"`);
  const entry = entryOf(wanted);
  expect(entry).toContain(`export { useState as ${names.get("react\0useState")} } from "react";`);
  expect(entry).toContain('import "effect";');
  expect(() => parse(code)).not.toThrow();
  expect(() => parse(entry)).not.toThrow();
});

test("members of namespaces, where nothing else is done with them", () => {
  const code = `import * as A from "a"; import * as B from "b"; import * as C from "c";
    A.x(A.y.z, { A: 1 }.A, o.A); class K { B() { return B.q } } f(C); C.r`;
  const found = membersOf(parse(code), new Set(["A", "B", "C"]));
  expect([...found.get("A")!]).toEqual(["x", "y"]);
  expect([...found.get("B")!]).toEqual(["q"]);
  expect(found.get("C")).toBe(null);
  expect(membersOf(parse(`A["x"]`), new Set(["A"])).get("A")).toBe(null);
  expect(membersOf(parse(`({ A })`), new Set(["A"])).get("A")).toBe(null);
  expect(membersOf(parse(`import * as A from "a"; export { A }`), new Set(["A"])).get("A")).toBe(null);
});
