/**
 * A picture of what the frame shows: its document, copied into an SVG image with all its style sheets, and drawn. The
 * frame may fetch nothing and hold no documents, which is what libraries for this rely on.
 */
import { pageStyle } from "./page_style";
import { still } from "./still";

const MAX_WIDTH = 1280;
const MAX_HEIGHT = 4000;
/** In characters of base64: less than a megabyte. */
const MAX_LENGTH = 1_300_000;
const QUALITIES = [0.85, 0.6, 0.35];
const SVG = "http://www.w3.org/2000/svg";

/** As base64: a PNG, or a JPEG where that would be too large. */
export async function picture(): Promise<string> {
  const [width, height] = [innerWidth, Math.min(innerHeight, MAX_HEIGHT)];
  if (width === 0 || height === 0) throw new Error("the preview is not on screen");
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg(width, height))}`;
  await image.decode();
  const whole = drawn(image, width, height);
  const scale = Math.min(1, MAX_WIDTH / width);
  return encoded(scale < 1 ? drawn(whole, Math.round(width * scale), Math.round(height * scale)) : whole);
}

function svg(width: number, height: number): string {
  const root = still(document.documentElement);
  const style = root.ownerDocument.createElement("style");
  style.textContent = pageStyle();
  (root.querySelector("head") ?? root).append(style);
  const html = new XMLSerializer().serializeToString(root);
  const size = `width="${width}" height="${height}"`;
  // Sizes in rem are those of the SVG's own root.
  const { fontSize, colorScheme } = getComputedStyle(document.documentElement);
  const text = `<svg xmlns="${SVG}" ${size} style="font-size:${fontSize};color-scheme:${colorScheme}"><foreignObject ${size}>${html}</foreignObject></svg>`;
  // XML has no place for control characters.
  return text.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "");
}

function drawn(source: CanvasImageSource, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d")!;
  context.fillStyle = getComputedStyle(document.documentElement).colorScheme.startsWith("dark") ? "#121212" : "#fff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, width, height);
  return canvas;
}

function encoded(canvas: HTMLCanvasElement): string {
  const urls = [() => canvas.toDataURL("image/png"), ...QUALITIES.map((q) => () => canvas.toDataURL("image/jpeg", q))];
  for (const url of urls) {
    const text = url().replace(/^data:[^,]*,/, "");
    if (text.length <= MAX_LENGTH) return text;
  }
  throw new Error("its picture is too large");
}
