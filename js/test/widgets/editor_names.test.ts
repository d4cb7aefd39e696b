import { describe, expect, it } from "vitest";
import { componentName, freeName, troubleWith } from "../../src/widgets/editor_names";

describe("names from prompts", () => {
  it.each([
    ["a pricing card with three tiers", "PricingCard"],
    ["Create a login form, please", "LoginForm"],
    ["Build me the very big hero banner for a bakery", "VeryBigHero"],
    ["Sign-up form", "SignUpForm"],
    ["todo's list", "TodoSList"],
    ["make a component that shows time", ""],
    ["3d chart", "DChart"],
    ["card: nice", "Card"],
    ["with a header", ""],
    ["", ""],
    ["Über-Karte", "BerKarte"],
  ])("%s → %s", (prompt, name) => expect(componentName(prompt)).toBe(name));

  it("get a number where they are taken", () => {
    const taken = new Set(["Card", "Card2"]);
    expect(freeName("Card", taken)).toBe("Card3");
    expect(freeName("Hero", taken)).toBe("Hero");
    expect(freeName("", taken)).toBe("");
  });

  it("are checked where a person wrote them", () => {
    const taken = new Set(["Card"]);
    expect(troubleWith("Hero", taken)).toBe("");
    expect(troubleWith("Card", taken)).toContain("already");
    expect(troubleWith("hero", taken)).toContain("capital");
    expect(troubleWith("", taken)).not.toBe("");
    expect(troubleWith("A b", taken)).not.toBe("");
  });
});
