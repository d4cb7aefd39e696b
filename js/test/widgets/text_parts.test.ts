import { expect, it } from "vitest";
import { partsOf } from "../../src/widgets/text_parts";

const said = (text: string) => partsOf(text).map(({ part, address }) => (address ? `<${part}>` : part));

it("takes a text apart at its addresses, without what ends the sentence", () => {
  expect(said("See https://github.com/me/tips/pull/1.")).toEqual(["See ", "<https://github.com/me/tips/pull/1>", "."]);
  expect(said("(http://127.0.0.1:80/a?b=c), and more")).toEqual(["(", "<http://127.0.0.1:80/a?b=c>", "), and more"]);
  expect(said("http://a http://b")).toEqual(["<http://a>", " ", "<http://b>"]);
  expect(said("javascript:alert(1) ftp://a")).toEqual(["javascript:alert(1) ftp://a"]);
  expect(said("")).toEqual([]);
});
