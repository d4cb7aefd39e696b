import { describe, expect, it } from "vitest";
import { answerParts, inlineParts } from "../../src/widgets/answer_parts";

const said = (text: string) => answerParts(text).map((part) => `${part.kind}:${part.text}`);

describe("an answer", () => {
  it("is taken apart at its fences", () => {
    expect(said("One.\n\n```tsx\nlet a = `x`;\n\nlet b;\n```\n\nTwo.")).toEqual([
      "prose:One.",
      "code:let a = `x`;\n\nlet b;",
      "prose:Two.",
    ]);
    expect(answerParts("```tsx\nx\n```")).toEqual([{ kind: "code", text: "x", language: "tsx" }]);
    expect(said("~~~\n```\n~~~~\nafter")).toEqual(["code:```", "prose:after"]);
    expect(said("Here it is:\n\n \n- one\n- two\n")).toEqual(["prose:Here it is:", "prose:- one\n- two"]);
    expect(said("\n")).toEqual([]);
  });

  it("is code to its end while a fence is not closed", () => {
    expect(said("See:\r\n```js\r\nlet a")).toEqual(["prose:See:", "code:let a"]);
  });

  it("is no HTML", () => {
    expect(said("<b>bold</b>\n<script>x</script>")).toEqual(["prose:<b>bold</b>\n<script>x</script>"]);
  });

  it("marks code within a line", () => {
    const parts = inlineParts("Use `useState`, not `a").map(({ part, code }) => (code ? `<${part}>` : part));
    expect(parts).toEqual(["Use ", "<useState>", ", not `a"]);
    expect(inlineParts("``").map(({ part }) => part)).toEqual(["``"]);
  });
});
