/** Mends what can be mended with certainty, before a model is asked again. */
import type { Change } from "../app";
import { attributes } from "./attributes";
import { defaultExport } from "./default_export";
import { apply, type Edit } from "./edits";
import { elements } from "./elements";
import { missingImports } from "./missing_imports";
import { mounts } from "./mounts";
import { numbers } from "./numbers";
import { packages } from "./packages";
import { parseSource, type Source, type Sources, stem } from "./sources";
import { unusedImports } from "./unused_imports";

export interface Mended {
  path: string;
  content: string;
  notes: string[];
}

export type Repair = (source: Source, sources: Sources) => Edit[];

const DEFAULT = /\bexport\s+default\b|\bas\s+default\b/;

/** In this order: what one takes away, another may have to replace. */
const REPAIRS: Repair[] = [elements, attributes, mounts, packages, numbers, missingImports];

/** `target` is the component that is asked for: it has a default export at the end, unless `before` it did without. */
export function mend(
  files: Change[],
  target: string,
  sources: Sources,
  before: (path: string) => string | null,
): Mended[] {
  const out: Mended[] = [];
  const wanted = target.split("#")[0]!;
  for (const { path, content } of files) {
    if (typeof content !== "string" || !/\.[tj]sx?$/.test(path)) continue;
    const known = before(path);
    const isTarget = (path === wanted || stem(path) === wanted) && !target.includes("#");
    const repairs = [...REPAIRS];
    if (isTarget && (known === null || DEFAULT.test(known))) repairs.push(defaultExport);
    // What a person wrote is left alone.
    if (known === null) repairs.push(unusedImports);
    const mended = mendOne(path, content, sources, repairs);
    if (mended.notes.length) out.push(mended);
  }
  return out;
}

function mendOne(path: string, content: string, sources: Sources, repairs: Repair[]): Mended {
  const notes: string[] = [];
  let text = content;
  for (const repair of repairs) {
    const source = parseSource(path, text);
    if (!source.parsed) break;
    const done = apply(text, repair(source, sources));
    text = done.text;
    notes.push(...done.notes);
  }
  return { path, content: text, notes };
}
