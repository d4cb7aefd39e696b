// Which notebook is this? Its server's address, its scroller and its theme.

export type Theme = "light" | "dark";

/** The server's address; null in hosts that have none. */
export function baseUrl(): string | null {
  try {
    const config = document.getElementById("jupyter-config-data")?.textContent;
    // nbclassic says it in its body; our own page, which the same server serves, in its element.
    const elsewhere = document.body.dataset.baseUrl ?? document.getElementById("overskill-tab")?.dataset.base;
    const base = config ? JSON.parse(config).baseUrl : elsewhere;
    return typeof base === "string" ? new URL(base, location.href).href : null;
  } catch {
    return null;
  }
}

/** What a JupyterHub wants with what code asks for by this page's cookies; "" where there is no such token. */
export function xsrf(): string {
  return /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}

/** The element around all cells that outlives their outputs; null in hosts that have none we may add to. */
export function scrollerOf(element: Element): HTMLElement | null {
  return element.closest<HTMLElement>(".jp-WindowedPanel-outer, .notebook_app #notebook-container");
}

/** What the prompt of an output's cell says: it runs (or waits to), it ran, or it did not, its output being cleared. */
export function runState(area: Element): "running" | "done" | "cleared" | "unknown" {
  const prompt = area.closest(".jp-CodeCell")?.querySelector(".jp-InputPrompt")?.textContent ?? "";
  const inside = /^\[(.*)\]/.exec(prompt)?.[1]?.trim();
  if (inside === undefined) return "unknown";
  if (inside === "*") return "running";
  return inside === "" ? "cleared" : "done";
}

const darkQuery = matchMedia("(prefers-color-scheme: dark)");

export function theme(): Theme {
  const { body, documentElement: html } = document;
  const { jpThemeLight, vscodeThemeKind } = body.dataset;
  if (jpThemeLight) return jpThemeLight === "true" ? "light" : "dark";
  if (vscodeThemeKind) return vscodeThemeKind.endsWith("light") ? "light" : "dark";
  const named = `${html.getAttribute("theme") ?? html.dataset.theme ?? ""} ${html.className} ${body.className}`;
  const word = /\b(dark|light)\b/.exec(named)?.[1];
  if (word) return word as Theme;
  return darkQuery.matches ? "dark" : "light";
}

/** Calls `listener` when the notebook's theme changes. */
export function onTheme(listener: (theme: Theme) => void): () => void {
  let last = theme();
  const check = () => {
    const now = theme();
    if (now === last) return;
    last = now;
    listener(now);
  };
  const observer = new MutationObserver(check);
  const attributeFilter = ["class", "theme", "data-theme", "data-jp-theme-light", "data-vscode-theme-kind"];
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true, attributeFilter });
  }
  darkQuery.addEventListener("change", check);
  return () => {
    observer.disconnect();
    darkQuery.removeEventListener("change", check);
  };
}
