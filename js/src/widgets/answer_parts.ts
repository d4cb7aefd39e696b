// What a model says, taken apart at the code in it. Pure; anything else in it is text.

export type AnswerPart =
  /** A paragraph. */
  | { kind: "prose"; text: string }
  /** A block between fences; one that is not closed yet goes to the end. */
  | { kind: "code"; text: string; language: string };

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$/;

export function answerParts(answer: string): AnswerPart[] {
  const parts: AnswerPart[] = [];
  let lines: string[] = [];
  let fence = "";
  let language = "";
  const close = (kind: AnswerPart["kind"]) => {
    const text = lines.join("\n");
    lines = [];
    if (kind === "code") parts.push({ kind, text, language });
    else {
      const paragraphs = text.split(/\n(?:[ \t]*\n)+/).map((paragraph) => paragraph.replace(/^\n+|\s+$/g, ""));
      parts.push(...paragraphs.filter(Boolean).map((paragraph) => ({ kind, text: paragraph })));
    }
  };
  for (const line of answer.replace(/\r\n?/g, "\n").split("\n")) {
    const found = FENCE.exec(line);
    if (!fence && found) {
      close("prose");
      fence = found[1] as string;
      language = found[2] ?? "";
    } else if (fence && line.trim().startsWith(fence) && !line.trim().replaceAll(fence[0] as string, "")) {
      close("code");
      fence = "";
    } else lines.push(line);
  }
  close(fence ? "code" : "prose");
  return parts;
}

/** A line of prose, taken apart at `code`. */
export function inlineParts(text: string): { at: number; part: string; code: boolean }[] {
  const parts: { at: number; part: string; code: boolean }[] = [];
  let end = 0;
  for (const { 0: found, 1: inner, index } of text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)) {
    if (index > end) parts.push({ at: end, part: text.slice(end, index), code: false });
    parts.push({ at: index, part: inner as string, code: true });
    end = index + found.length;
  }
  if (end < text.length) parts.push({ at: end, part: text.slice(end), code: false });
  return parts;
}
