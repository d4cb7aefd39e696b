/** Images, fonts and the like that the app's code and style sheets name: small ones in place, others as files. */
import { posix } from "node:path";
import { dataUrl } from "../worker/assets";
import { shortHash } from "./digest";

/** As Vite has it: a file of less is not worth a request. */
const SMALL = 4096;

export class Emitted {
  /** Path under which a file is served, to its bytes. */
  readonly files = new Map<string, Uint8Array>();

  /** `small`: from how many bytes on a file is one of its own. */
  constructor(private readonly small = SMALL) {}

  /** The address of a file, whose content goes in place where it is small. */
  readonly address = (path: string, bytes: Buffer): string =>
    bytes.length < this.small && !path.endsWith(".html") ? inPlace(path, bytes) : this.file(path, bytes);

  /** The address of a file of its own. */
  file(path: string, bytes: Buffer): string {
    const extension = posix.extname(path);
    const name = posix.basename(path, extension).replace(/[^\w.-]/g, "_");
    const served = `/assets/${name}-${shortHash(bytes)}${extension}`;
    this.files.set(served, bytes);
    return served;
  }
}

/** An SVG as text is shorter than in base 64, and compresses better. */
function inPlace(path: string, bytes: Buffer): string {
  if (!/\.svg$/i.test(path)) return dataUrl(path, bytes);
  const text = bytes.toString("utf8").trim().replace(/>\s+</g, "><").replace(/\s+/g, " ").replaceAll('"', "'");
  // Quotes within text or attributes that hold some would end what they stand in.
  const both = bytes.includes("'") && bytes.includes('"');
  if (both || /<text|<style|<script/i.test(text)) return dataUrl(path, bytes);
  return `data:image/svg+xml,${text.replace(/[%#<>{}|\\^`]/g, encodeURIComponent)}`;
}
