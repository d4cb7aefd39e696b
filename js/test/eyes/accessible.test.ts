// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { accessibleText } from "../../src/eyes/accessible";

const LONG = "word ".repeat(100).trim();

it("cuts what a model is shown", () => {
  document.body.innerHTML = `<p>${LONG} end</p><ul>${`<li>${LONG}</li>`.repeat(900)}</ul>`;
  const lines = accessibleText(document.body).split("\n");
  expect(lines[0]).toBe(`- ${LONG.slice(0, 120)}…`);
  expect(lines.at(-1)).toBe("…");
  expect(lines.join("\n").length).toBeLessThan(20_010);
});

it("cuts nothing where all of it is wanted", () => {
  document.body.innerHTML = `<p>${LONG} end</p><input aria-label="${LONG}"><ul>${`<li>${LONG}</li>`.repeat(900)}</ul>`;
  const lines = accessibleText(document.body, { whole: true }).split("\n");
  expect(lines[0]).toBe(`- ${LONG} end`);
  expect(lines[1]).toBe(`- textbox "${LONG}"`);
  expect(lines).toHaveLength(3 + 2 * 900);
  expect(accessibleText(document.body).length).toBeLessThan(20_010);
});
