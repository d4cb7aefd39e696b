// A generation as its steps tell of it. Pure.
import type { Attempt, Cost, Generation, GenerationStepped } from "../protocol";

export type Step = GenerationStepped["step"];
export type Status = Generation["status"];

/** Characters of what is written that are shown at most; the last ones. */
export const MOST_TEXT = 200_000;
/** A piece of text is closed at the next end of a line from here on: what is closed is not laid out again. */
const PIECE = 4000;

/** What an attempt has written and done so far, in order. */
export type Piece =
  | { kind: "text"; key: number; path: string; text: string }
  | { kind: "tool"; key: number; tool: string; subject: string; outcome: string }
  | { kind: "note"; key: number; text: string };

export interface Course {
  /** Number of the last step that was told of; -1 before the first. */
  last: number;
  /** Whether steps were missed; those that came after are kept until all are known. */
  gap: boolean;
  late: [number, Step][];
  /** Of the attempt under way, with why it is made. */
  attempt: number;
  reason: string;
  pieces: Piece[];
  /** Characters in them. */
  size: number;
  /** Whether the beginning was left out. */
  cut: boolean;
  /** Characters written since the cost was told. */
  uncounted: number;
  phase: "waiting" | "writing" | "working" | "checked";
  attempts: Attempt[];
  cost: Cost | null;
  status: Status;
  error: string;
  /** What the engine, or Python, knows of it; null before they said. */
  known: Generation | null;
}

export function begun(known: Generation | null = null): Course {
  return {
    ...{ last: -1, gap: false, late: [], attempt: 0, reason: "", pieces: [], size: 0, cut: false, uncounted: 0 },
    ...{ phase: "waiting" as const, attempts: [], cost: null, status: "running" as const, error: "", known: null },
    ...(known ? toldBy(known) : {}),
  };
}

export const isOver = ({ status }: { status: Status }): boolean => status !== "running";

/** One step, wherever it belongs: what is known already is passed over, and what was missed is waited for. */
export function stepped(course: Course, number: number, step: Step): Course {
  if (number <= course.last) return course;
  const gap = course.gap || number > course.last + 1;
  const late: Course["late"] = gap ? [...course.late, [number, step]] : course.late;
  const { known } = course;
  // Steps may come in after their end is known.
  const change = { ...changeBy(course, step), ...(known && isOver(known) ? toldBy(known) : {}) };
  return { ...course, ...change, last: number, gap, late };
}

/** What the engine answered: how it is, and the steps up to number `seen`. */
export function answered(course: Course, known: Generation, steps: Step[], seen: number): Course {
  const first = seen - steps.length + 1;
  const anew = course.gap && first === 0;
  let next = anew ? begun() : course;
  for (const [index, step] of steps.entries()) next = stepped(next, first + index, step);
  if (anew) for (const [number, step] of course.late) next = stepped(next, number, step);
  // An answer may be overtaken by steps.
  return isOver(next) && !isOver(known) ? next : { ...next, ...toldBy(known) };
}

/** What somebody says of how it ended. */
export function ended(course: Course, known: Generation): Course {
  return isOver(known) ? { ...course, ...toldBy(known) } : course;
}

function toldBy(known: Generation): Partial<Course> {
  const { status, error } = known;
  return isOver(known) ? { known, status, error, cost: known.cost, attempts: known.attempts } : { known };
}

function changeBy(course: Course, step: Step): Partial<Course> {
  switch (step.type) {
    case "text":
      return { ...written(course, step.text, step.path), phase: "writing" };
    case "attempt":
      return {
        ...{ attempt: step.number, reason: step.reason, phase: "waiting" },
        ...{ pieces: [], size: 0, cut: false },
      };
    case "tool": {
      const { tool, subject, outcome } = step;
      return { ...added(course, { kind: "tool", key: course.last + 1, tool, subject, outcome }), phase: "working" };
    }
    case "checked": {
      const { attempt } = step;
      const notes = attempt.mended.map((text, at): Piece => ({ kind: "note", key: course.last + 1 + at / 1000, text }));
      return { ...added(course, ...notes), attempts: [...course.attempts, attempt], phase: "checked" };
    }
    case "cost":
      return { cost: step.cost, uncounted: 0 };
    case "ended":
      return { status: step.status, error: step.error };
  }
}

const added = (course: Course, ...pieces: Piece[]): Partial<Course> => ({ pieces: [...course.pieces, ...pieces] });

function written(course: Course, text: string, path: string): Partial<Course> {
  const pieces = [...course.pieces];
  const open = pieces.at(-1);
  let rest = text;
  if (open?.kind === "text" && open.path === path) {
    // A piece that is long enough ends with its line.
    const full = open.text.length >= PIECE;
    const line = full && open.text.endsWith("\n") ? 0 : rest.indexOf("\n") + 1 || rest.length;
    const end = full ? line : rest.length;
    pieces[pieces.length - 1] = { ...open, text: open.text + rest.slice(0, end) };
    rest = rest.slice(end);
  }
  if (rest) pieces.push({ kind: "text", key: course.last + 1, path, text: rest });
  const uncounted = course.uncounted + text.length;
  return { ...shortened(pieces, course.size + text.length, course.cut), uncounted };
}

/** The end of it, where it is more than is shown. */
function shortened(pieces: Piece[], size: number, cut: boolean): Partial<Course> {
  if (size <= MOST_TEXT) return { pieces, size, cut };
  let over = size - MOST_TEXT;
  const kept: Piece[] = [];
  for (const piece of pieces) {
    if (piece.kind !== "text" || over <= 0) kept.push(piece);
    else {
      const text = piece.text.slice(over);
      over -= piece.text.length - text.length;
      if (text) kept.push({ ...piece, text });
    }
  }
  return { pieces: kept, size: MOST_TEXT, cut: true };
}
