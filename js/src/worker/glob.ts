/** Patterns of file names: `*`, `**`, `?`, `{a,b}`, `[abc]`. Names that start with a dot need one in the pattern. */

export function matcher(pattern: string): (path: string) => boolean {
  const expression = new RegExp(`^${source(pattern)}$`);
  return (path) => expression.test(path);
}

function source(pattern: string): string {
  let out = "";
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === "*" && pattern[i + 1] === "*") {
      const whole = (i === 0 || pattern[i - 1] === "/") && (pattern[i + 2] === "/" || i + 2 === pattern.length);
      if (whole && pattern[i + 2] === "/") {
        out += "(?:(?!\\.)[^/]+/)*";
        i += 2;
      } else {
        out += whole ? "(?:(?:(?!\\.)[^/]+/)*(?!\\.)[^/]+)?" : "[^/]*";
        i += 1;
      }
    } else if (c === "*") {
      out += i === 0 || pattern[i - 1] === "/" ? "(?!\\.)[^/]*" : "[^/]*";
    } else if (c === "?") {
      out += "[^/]";
    } else if (c === "[" && pattern.indexOf("]", i) > i) {
      const end = pattern.indexOf("]", i);
      out += `[${pattern
        .slice(i + 1, end)
        .replace(/^!/, "^")
        .replaceAll("\\", "\\\\")}]`;
      i = end;
    } else if (c === "{" && closing(pattern, i) > i) {
      const end = closing(pattern, i);
      out += `(?:${alternatives(pattern.slice(i + 1, end))
        .map(source)
        .join("|")})`;
      i = end;
    } else if (/[@+!]/.test(c) && pattern[i + 1] === "(" && pattern.indexOf(")", i) > i) {
      const end = pattern.indexOf(")", i);
      const inner = pattern
        .slice(i + 2, end)
        .split("|")
        .map(source)
        .join("|");
      out += c === "!" ? `(?!(?:${inner})(?:/|$))[^/]*` : `(?:${inner})${c === "+" ? "+" : ""}`;
      i = end;
    } else {
      out += c.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
    }
  }
  return out;
}

function closing(pattern: string, open: number): number {
  let depth = 0;
  for (let i = open; i < pattern.length; i++) {
    if (pattern[i] === "{") depth++;
    else if (pattern[i] === "}" && --depth === 0) return i;
  }
  return -1;
}

function alternatives(text: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "{") depth++;
    else if (text[i] === "}") depth--;
    else if (text[i] === "," && depth === 0) {
      out.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...out, text.slice(from)];
}
