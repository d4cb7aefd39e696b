/** What code may name without an import, and what bundlers make of files that are no scripts. */
export const AMBIENT = `
declare namespace NodeJS {
  type Timeout = any;
  type Timer = any;
  type Immediate = any;
}
interface ImportMeta {
  readonly env: any;
  readonly hot?: any;
  readonly url: string;
  glob(pattern: any, options?: any): any;
}
${[
  "css",
  "scss",
  "svg",
  "png",
  "jpg",
  "jpeg",
  "gif",
  "webp",
  "avif",
  "ico",
  "mp3",
  "mp4",
  "webm",
  "wav",
  "woff2",
  "pdf",
  "txt",
  "md",
]
  .map((name) => `declare module "*.${name}" { const value: any; export default value; }`)
  .join("\n")}
declare module "*?raw" { const value: string; export default value; }
declare module "*?url" { const value: string; export default value; }
declare module "*?inline" { const value: string; export default value; }
declare module "*?worker" { const value: any; export default value; }
`;

/** React 19 took it away; models still write it. */
export const JSX = `
declare namespace JSX {
  type Element = import("react").JSX.Element;
  type ElementType = import("react").JSX.ElementType;
  type IntrinsicElements = import("react").JSX.IntrinsicElements;
}
`;
