// What stands on the page in place of a preview: written by Python, next to what is shown where no script runs.
import type { Target } from "../runtime/messages";
import type { Device } from "../widgets/model";

export interface What {
  /** Names the snapshot. */
  held: string;
  title: string;
  target: Target;
  props: Record<string, unknown>;
  /** Names of function props that Python answered. */
  functions: string[];
  allow: string[];
  height: number;
  device: Device;
}

export function read(element: HTMLElement): What {
  return JSON.parse(element.dataset.overskillPreview ?? "");
}
