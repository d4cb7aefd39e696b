/** What is behind the page: the background of the document's body, or of the document. */
import { type CSSProperties, useLayoutEffect, useState } from "react";
import { useStore } from "./context";

export function useBackdrop(): CSSProperties {
  const version = useStore((state) => state.version);
  const [background, setBackground] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: styles are among what changes with the version.
  useLayoutEffect(() => setBackground(backdrop()), [version]);
  return background ? { background } : {};
}

function backdrop(): string {
  for (const element of [document.body, document.documentElement]) {
    const { backgroundColor, backgroundImage } = getComputedStyle(element);
    if (backgroundImage !== "none") return `${backgroundImage} ${backgroundColor}`;
    if (backgroundColor !== "rgba(0, 0, 0, 0)") return backgroundColor;
  }
  return "";
}
