/** Files that are not scripts or style sheets, as modules. */
import { posix } from "node:path";

const TYPES: Record<string, string> = {
  xml: "text/xml",
  map: "application/json",
  svg: "image/svg+xml",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  jfif: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  ico: "image/x-icon",
  bmp: "image/bmp",
  apng: "image/apng",
  woff: "font/woff",
  woff2: "font/woff2",
  ttf: "font/ttf",
  otf: "font/otf",
  eot: "application/vnd.ms-fontobject",
  mp3: "audio/mpeg",
  wav: "audio/wav",
  ogg: "audio/ogg",
  flac: "audio/flac",
  aac: "audio/aac",
  opus: "audio/ogg",
  mp4: "video/mp4",
  webm: "video/webm",
  mov: "video/quicktime",
  vtt: "text/vtt",
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  html: "text/html",
  css: "text/css",
  js: "text/javascript",
  mjs: "text/javascript",
  json: "application/json",
  webmanifest: "application/manifest+json",
  wasm: "application/wasm",
  glb: "model/gltf-binary",
  gltf: "model/gltf+json",
};

/** A file's type, as a server says it; empty where it is not known. */
export function contentType(path: string): string {
  const type = TYPES[extensionOf(path)] ?? "";
  return type.startsWith("text/") || type.endsWith("json") ? `${type}; charset=utf-8` : type;
}

function extensionOf(path: string): string {
  return posix.extname(path).slice(1).toLowerCase();
}

/** Whether an import of this file without a query gives its address, as Vite's `assetsInclude` has it. */
export function isAsset(path: string): boolean {
  const extension = extensionOf(path);
  return extension in TYPES && !["css", "js", "mjs", "json", "html", "md", "csv", "xml", "map"].includes(extension);
}

export function dataUrl(path: string, bytes: Buffer): string {
  return `data:${TYPES[extensionOf(path)] ?? "application/octet-stream"};base64,${bytes.toString("base64")}`;
}

/** The body of a module with these exports; keys that are no names are left to the default export. */
export function exportsOf(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, expression]) => {
      const get = `{ enumerable: true, configurable: true, value: ${expression} }`;
      return `Object.defineProperty(__vite_ssr_exports__, ${JSON.stringify(name)}, ${get});\n`;
    })
    .join("");
}

/** `JSON.stringify`, fit for a script. */
export function literal(value: unknown): string {
  return (JSON.stringify(value) ?? "undefined").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** A JSON file: the whole as default, and its keys by name. */
export function jsonModule(value: unknown): { code: string; exports: string[] } {
  const keys =
    value && typeof value === "object" && !Array.isArray(value)
      ? Object.keys(value).filter((key) => key !== "default" && IDENTIFIER.test(key))
      : [];
  const values: Record<string, string> = { default: "json" };
  for (const key of keys) values[key] = `json[${JSON.stringify(key)}]`;
  // Parsed at run time: an object literal would make a prototype of a key named __proto__.
  const json = `const json = JSON.parse(${literal(JSON.stringify(value))});\n`;
  return { code: json + exportsOf(values), exports: Object.keys(values) };
}

/** An object of strings with named exports, as CSS modules have them. */
export function namesModule(before: string, entries: [name: string, expression: string][]) {
  const names = entries.map(([name]) => name).filter((name) => name !== "default" && IDENTIFIER.test(name));
  const object = entries.map(([name, expression]) => `  ${JSON.stringify(name)}: ${expression},\n`).join("");
  const values: Record<string, string> = { default: "names" };
  for (const name of names) values[name] = `names[${JSON.stringify(name)}]`;
  return { code: `${before}const names = {\n${object}};\n${exportsOf(values)}`, exports: Object.keys(values) };
}
