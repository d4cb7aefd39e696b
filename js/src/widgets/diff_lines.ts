// What a unified diff says line by line, and two texts beside each other. Pure.

export interface DiffLine {
  /** `gap`: lines that are the same on both sides were left out before it. */
  kind: "same" | "added" | "removed" | "gap" | "remark";
  text: string;
  /** Its number in the old file, and in the new one; null where it is not in there. */
  before: number | null;
  after: number | null;
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

export function linesOf(unified: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let before = 0;
  let after = 0;
  for (const line of unified.replace(/\n$/, "").split("\n")) {
    const hunk = HUNK.exec(line);
    if (hunk) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      if (lines.length) lines.push({ kind: "gap", text: "", before, after });
    } else if (!before && !after)
      continue; // the files' names
    else if (line.startsWith("+")) lines.push({ kind: "added", text: line.slice(1), before: null, after: after++ });
    else if (line.startsWith("-")) lines.push({ kind: "removed", text: line.slice(1), before: before++, after: null });
    else if (line.startsWith("\\")) lines.push({ kind: "remark", text: line.slice(2), before, after });
    else lines.push({ kind: "same", text: line.slice(1), before: before++, after: after++ });
  }
  return lines;
}

export function countsOf(lines: DiffLine[]): { added: number; removed: number } {
  const count = (kind: DiffLine["kind"]) => lines.filter((line) => line.kind === kind).length;
  return { added: count("added"), removed: count("removed") };
}

export interface Side {
  number: number;
  text: string;
}

/** One row of two texts beside each other; a side that lacks the line is null. `skipped`: equal rows left out. */
export type Pair = { ours: Side | null; theirs: Side | null; differs: boolean } | { skipped: number; from: number };

/** Above it lines are compared one by one rather than matched. */
const MOST = 1_000_000;
/** Equal rows that are shown around those that differ. */
const AROUND = 3;

export function sideBySide(ours: string | null, theirs: string | null): Pair[] {
  const left = linesIn(ours);
  const right = linesIn(theirs);
  let start = 0;
  while (start < Math.min(left.length, right.length) && left[start] === right[start]) start++;
  let end = 0;
  while (
    end < Math.min(left.length, right.length) - start &&
    left[left.length - 1 - end] === right[right.length - 1 - end]
  )
    end++;
  const same = matches(left.slice(start, left.length - end), right.slice(start, right.length - end));
  const equal: [number, number][] = [
    ...Array.from({ length: start }, (_, at): [number, number] => [at, at]),
    ...same.map(([one, other]): [number, number] => [one + start, other + start]),
    ...Array.from({ length: end }, (_, at): [number, number] => [left.length - end + at, right.length - end + at]),
  ];
  return folded(paired(left, right, equal));
}

const linesIn = (text: string | null): string[] => (text ? text.replace(/\n$/, "").split("\n") : []);

/** Positions of the lines that both have, in order: the longest such row of them. */
function matches(left: string[], right: string[]): [number, number][] {
  const width = right.length + 1;
  if (left.length * width > MOST) return [];
  const longest = new Uint32Array((left.length + 1) * width);
  const at = (one: number, other: number) => longest[one * width + other] as number;
  for (let one = left.length - 1; one >= 0; one--) {
    for (let other = right.length - 1; other >= 0; other--) {
      longest[one * width + other] =
        left[one] === right[other] ? at(one + 1, other + 1) + 1 : Math.max(at(one + 1, other), at(one, other + 1));
    }
  }
  const found: [number, number][] = [];
  for (let one = 0, other = 0; one < left.length && other < right.length; ) {
    if (left[one] === right[other]) found.push([one++, other++]);
    else if (at(one + 1, other) >= at(one, other + 1)) one++;
    else other++;
  }
  return found;
}

type Row = Exclude<Pair, { skipped: number }>;

function paired(left: string[], right: string[], equal: [number, number][]): Row[] {
  const rows: Row[] = [];
  const side = (lines: string[], at: number, end: number) =>
    at < end ? { number: at + 1, text: lines[at] as string } : null;
  let one = 0;
  let other = 0;
  for (const [nextOne, nextOther] of [...equal, [left.length, right.length] as const]) {
    for (; one < nextOne || other < nextOther; one++, other++) {
      rows.push({ ours: side(left, one, nextOne), theirs: side(right, other, nextOther), differs: true });
    }
    one = nextOne;
    other = nextOther;
    if (one < left.length || other < right.length) {
      rows.push({ ours: side(left, one, one + 1), theirs: side(right, other, other + 1), differs: false });
      one++;
      other++;
    }
  }
  return rows;
}

function folded(rows: Row[]): Pair[] {
  const near = new Set<number>();
  for (const [index, row] of rows.entries()) {
    if (row.differs) for (let at = index - AROUND; at <= index + AROUND; at++) near.add(at);
  }
  const shown: Pair[] = [];
  for (const [index, row] of rows.entries()) {
    const last = shown.at(-1);
    if (near.has(index)) shown.push(row);
    else if (last && "skipped" in last) last.skipped++;
    else shown.push({ skipped: 1, from: index });
  }
  return shown;
}
