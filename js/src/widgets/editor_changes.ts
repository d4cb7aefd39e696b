// What became of a file, from its two texts. Pure.
import type { FileDiff } from "../protocol";
import { sideBySide } from "./diff_lines";

/** None where they are the same; null is a file that is not there. */
export function changesOf(path: string, before: string | null, after: string | null): FileDiff[] {
  if (before === after) return [];
  const status = before === null ? "added" : after === null ? "removed" : "changed";
  return [{ path, status, text: unified(before, after) }];
}

function unified(before: string | null, after: string | null): string {
  const lines: string[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  let inside = false;
  let [old, now] = [1, 1];
  const flush = () => {
    lines.push(...removed, ...added);
    removed = [];
    added = [];
  };
  for (const row of sideBySide(before, after)) {
    if ("skipped" in row) {
      flush();
      inside = false;
      old += row.skipped;
      now += row.skipped;
      continue;
    }
    if (!inside) lines.push(`@@ -${old} +${now} @@`);
    inside = true;
    const { ours, theirs, differs } = row;
    if (!differs) {
      flush();
      lines.push(` ${theirs?.text ?? ""}`);
    } else {
      if (ours) removed.push(`-${ours.text}`);
      if (theirs) added.push(`+${theirs.text}`);
    }
    if (ours) old += 1;
    if (theirs) now += 1;
  }
  flush();
  return lines.length ? `${lines.join("\n")}\n` : "";
}
