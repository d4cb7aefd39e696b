// What a checkpoint's data means for a reader. Pure.
import type { Checkpoint } from "../protocol";

const ORIGINS: Record<string, { word: string; about: string }> = {
  cell: { word: "cell", about: "A cell of the notebook was run" },
  python: { word: "Python", about: "Changed by Python code" },
  file: { word: "file", about: "A file was changed on disk" },
  editor: { word: "editor", about: "Changed in the editor" },
  prompt: { word: "prompt", about: "A prompt was carried out" },
  history: { word: "restored", about: "An earlier checkpoint was gone back to" },
  github: { word: "GitHub", about: "It came from GitHub" },
};

/** Who made it, in a word and in a sentence. */
export function originOf({ origin, author }: Checkpoint): { word: string; about: string } {
  const known = ORIGINS[origin] ?? { word: origin || "git", about: "Committed with git" };
  return { word: known.word, about: author ? `${known.about} · ${author}` : known.about };
}

export const titleOf = ({ message }: Checkpoint): string => message.split("\n", 1)[0] || "Checkpoint";

/** As much of an id as people read. */
export const short = (id: string): string => id.slice(0, 8);

export const filesOf = ({ files }: Checkpoint): string => (files.length === 1 ? "1 file" : `${files.length} files`);

/** With a checkpoint that was just made. */
export function withNew(rows: Checkpoint[], made: Checkpoint): Checkpoint[] {
  return rows.some(({ id }) => id === made.id) ? rows : [made, ...rows];
}

/** The newest page, and what is known of before it. */
export function withPage(rows: Checkpoint[], page: Checkpoint[]): Checkpoint[] {
  const last = page.at(-1);
  const index = last ? rows.findIndex(({ id }) => id === last.id) : -1;
  return index < 0 ? page : [...page, ...rows.slice(index + 1)];
}
