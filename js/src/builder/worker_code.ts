/** The app's own Worker code, worker/index.ts, as one module. */
import type { Project } from "../worker/project";

export async function bundleWorker(project: Project, target: string[]): Promise<Uint8Array | null> {
  void project;
  void target;
  return null;
}
