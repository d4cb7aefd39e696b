// Names for components from what a prompt's first words say; the rules are those of `component_name` in generating.py.

const WORDS_BEFORE =
  /(?<![\p{L}\p{N}_-])(?:with|without|that|which|for|of|where|whose|who|having|containing|showing|from|to|in|on|and|or)(?![\p{L}\p{N}_-])|[^\p{L}\p{N}_\s'-]/u;
const NO_NAME = new Set("a an the some make create write build generate add me please component".split(" "));
const NAME = /^[A-Z][A-Za-z0-9]*$/;

/** Empty where the words give none. */
export function componentName(prompt: string): string {
  const first = prompt.trim().toLowerCase().split(WORDS_BEFORE, 1)[0] ?? "";
  const words = (first.match(/[a-z][a-z0-9]*/g) ?? []).filter((word) => !NO_NAME.has(word)).slice(0, 3);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** One that is not taken: with a number where it is. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!name) return "";
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}${number}`;
  return free;
}

/** What is wrong with a name that a person wrote; empty where nothing is. */
export function troubleWith(name: string, taken: ReadonlySet<string>): string {
  if (!name) return "Give the component a name, such as PricingCard.";
  if (!NAME.test(name)) return `"${name}" is no name for a component: it begins with a capital, as in PricingCard.`;
  return taken.has(name) ? `There is a component ${name} already: choose another name.` : "";
}
