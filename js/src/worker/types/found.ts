/** What TypeScript found, in our words for places. */
export interface Raw {
  fileName?: string;
  pos: number;
  end: number;
  code: number;
  text: string;
  messageChain?: Raw[];
  relatedInformation?: Raw[];
}

export interface Found {
  code: number;
  text: string;
  /** The text with all that explains it. */
  all: string;
  pos: number;
  end: number;
  /** Places that go with it; null for files that are not the app's. */
  related: { file: string | null; text: string }[];
}

export function found(raw: Raw, root: string): Found {
  const inApp = (name = "") =>
    name.startsWith(`${root}/`) && !name.startsWith(`${root}/node_modules/`) ? name.slice(root.length + 1) : null;
  return {
    code: raw.code,
    text: raw.text,
    all: textOf(raw),
    pos: raw.pos,
    end: raw.end,
    related: (raw.relatedInformation ?? []).map(({ fileName, text }) => ({ file: inApp(fileName), text })),
  };
}

function textOf({ text, messageChain }: Raw): string {
  return [text, ...(messageChain ?? []).map(textOf)].join("\n");
}

/** "… Did you mean 'x'?" apart from what goes before it. */
export function withHint(text: string): { message: string; hint: string } {
  const [, message, hint] = /^(.*?)\.?\s*(Did you mean .*\?)?$/s.exec(text) as unknown as [string, string, string?];
  return { message, hint: hint ?? "" };
}
