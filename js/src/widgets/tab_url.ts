import type { Target } from "../runtime/messages";

/** The page of our server that shows a preview by itself. */
export function tabUrl(base: string, app: string, target: Target): string {
  const url = new URL(`overskill-nb/tab/${encodeURIComponent(app)}`, base);
  if (target.module) url.searchParams.set("module", target.module);
  if (target.export) url.searchParams.set("export", target.export);
  return url.href;
}
