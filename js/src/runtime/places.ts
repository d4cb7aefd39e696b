/**
 * The text of modules and packages, with the virtual location in place of the document's; see `location.ts`. Packages
 * are rewritten by the worker, once: their text is too long for every opening of a preview.
 */
const PLACES =
  /(?<![\w$.])window\.location(?=\.(?:pathname|search|hash|href|origin|host|hostname|port|protocol|assign|replace|reload|toString)\b)/g;

/** `window.location.pathname` to `       location.pathname`: as long as before, so that columns stay. */
export function virtualPlaces(code: string): string {
  return code.includes("window.location.") ? code.replace(PLACES, "       location") : code;
}

/**
 * Packages: history libraries take the window from the document, others write `location`. The function stands in
 * parentheses: a browser then compiles it as it reads it, and not once more when it is called.
 */
export function virtualPackages(code: string): string {
  const routed = code.includes("document.defaultView")
    ? code.replace(
        /(\bwindow\d*\s*=\s*|window\d*\s*=\s*\w+\.window,?\s*|void 0 \? )document\.defaultView\b/g,
        "$1__overskill__.window",
      )
    : code;
  return `__overskill__.define("vendor",(function(location){${virtualPlaces(routed)}\n}));`;
}
