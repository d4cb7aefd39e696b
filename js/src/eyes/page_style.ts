/** All style rules of the document, for a copy of it that is not the root of its document and does not move. */

/** What is copied stands still as it is; see `still.ts`. */
const STILL =
  "*,::before,::after{animation:none!important;transition:none!important;caret-color:transparent!important}";

export function pageStyle(): string {
  const sheets = [...document.styleSheets, ...document.adoptedStyleSheets];
  const rules = sheets.filter(({ disabled }) => !disabled).flatMap((sheet) => rulesOf(sheet));
  const text = rules
    .join("\n")
    // The copy's root is the SVG; this one weighs the same.
    .replace(/:root\b/g, ":where(html):not(._)")
    .replace(/\(prefers-color-scheme:\s*\w+\)/g, (query) =>
      matchMedia(query).matches ? "(width > 0)" : "(width < 0)",
    );
  return `${text}\n${STILL}`;
}

function rulesOf(sheet: CSSStyleSheet): string[] {
  const { mediaText } = sheet.media;
  try {
    const rules = [...sheet.cssRules].map(({ cssText }) => cssText);
    return mediaText ? [`@media ${mediaText} {`, ...rules, "}"] : rules;
  } catch {
    return []; // from another origin
  }
}
