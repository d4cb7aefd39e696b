/** Colours in the one way in which a browser's picker takes them. */
let painter: CanvasRenderingContext2D | null | undefined;

/** Black for what is no colour, or none alone. What shines through a colour is left out. */
export function inDigits(colour: string): string {
  painter ??= document.createElement("canvas").getContext("2d");
  if (!painter) return "#000000";
  painter.fillStyle = "#000000";
  painter.fillStyle = colour;
  const parts = /^rgba\((\d+), (\d+), (\d+)/.exec(painter.fillStyle)?.slice(1);
  return parts ? `#${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}` : painter.fillStyle;
}
