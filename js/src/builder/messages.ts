/** What esbuild says, as diagnostics. No line of a file that is not the app's own gets into one. */
import type { Message } from "esbuild";
import { type Diagnostic, diagnostic, diagnosticAt, fromBytes, lineOffset } from "../worker/diagnostics";
import type { Project } from "../worker/project";

/** The namespace of the app's own files. */
export const APP = "app";

export function toDiagnostic(message: Message, project: Project, severity: Diagnostic["severity"]): Diagnostic {
  const known = message.detail as Diagnostic | undefined;
  if (known?.kind) return known;
  const { location } = message;
  if (!location) return diagnostic("internal", message.text, { severity });
  const file = location.file.startsWith(`${APP}:`) ? location.file.slice(APP.length + 1) : null;
  if (file === null) return diagnostic("syntax", `${place(location.file, project)} cannot be bundled`, { severity });
  const path = file.split("?")[0]!;
  const text = project.textOf(path);
  const start = lineOffset(text, location.line);
  const offset = start + fromBytes(text.slice(start), location.column);
  const kind = /^(?:No matching export|Could not resolve)/.test(message.text) ? "resolve" : "syntax";
  return diagnosticAt(kind, message.text.replaceAll(`${APP}:`, ""), path, text, offset, location.length, { severity });
}

/** A file by its place among the packages; one that is elsewhere is not named. */
function place(file: string, project: Project): string {
  const at = file.lastIndexOf("node_modules/");
  const clean = at >= 0 ? file.slice(at) : "";
  return clean && !clean.includes("..") ? clean : `A file outside of ${project.files.root.split("/").at(-1)}`;
}
