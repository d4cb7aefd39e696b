/** Light or dark, as the notebook is. The frame's element carries the color-scheme, so media queries follow by themselves. */
export function setTheme(theme: "light" | "dark", component: boolean): void {
  const { classList, dataset } = document.documentElement;
  dataset.theme = theme;
  if (component) classList.toggle("dark", theme === "dark");
}
