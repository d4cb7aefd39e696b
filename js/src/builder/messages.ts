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
  if (file === null) {
    const place = placeInPackages(location.file);
    // What is said of a file elsewhere may quote it.
    const text = place ? `${place}: ${message.text}` : "A package imports a file outside of the app's packages";
    return diagnostic(place ? "install" : "resolve", text, { severity });
  }
  const path = file.split("?")[0]!;
  const text = project.textOf(path);
  const start = lineOffset(text, location.line);
  const offset = start + fromBytes(text.slice(start), location.column);
  const kind = /^(?:No matching export|Could not resolve)/.test(message.text) ? "resolve" : "syntax";
  return diagnosticAt(kind, message.text.replaceAll(`${APP}:`, ""), path, text, offset, location.length, { severity });
}

/** A file of a package; empty for one that is elsewhere. */
function placeInPackages(file: string): string {
  const at = file.lastIndexOf("node_modules/");
  return at >= 0 && !file.slice(at).includes("..") && !file.startsWith("..") ? file.slice(at) : "";
}
