/** Where TypeScript is, and the types of React for apps that have not installed them. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { real } from "../confine";

const folder = process.env.OVERSKILL_TYPE_TOOLS ? resolve(process.env.OVERSKILL_TYPE_TOOLS) : "";

/** The compiler, which also brings the types of the language and of browsers; null where it is not installed. */
export function compiler(): string | null {
  const name = process.platform === "win32" ? "tsc.exe" : "tsc";
  const found = modules(`@typescript/typescript-${process.platform}-${process.arch}`, "lib", name);
  return existsSync(found) ? real(found) : null;
}

/** A file or folder below the tools' `node_modules`. */
export function modules(...path: string[]): string {
  return join(folder, "node_modules", ...path);
}

/** Types that stand in where the app has none, by the major version of React. */
export const STAND_INS: Record<string, Record<string, string>> = {
  "19": { "@types/react": "@types/react", "@types/react-dom": "@types/react-dom", csstype: "csstype" },
  "18": { "@types/react": "types-react-18", "@types/prop-types": "@types/prop-types", csstype: "csstype" },
};
