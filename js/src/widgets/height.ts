// How high a preview's frame is.

export const MIN = 40;
export const MAX = 20_000;
/** A component takes its content's height up to here, then scrolls. */
const MAX_FIT = 2000;
const WHOLE_APP = 480;
/** A canvas with its panels beside it. */
const EDITOR = 640;
/** Before a component has said how high it is. */
const UNKNOWN = 120;

export interface HeightInput {
  /** What the user or Python asked for; 0 is automatic. */
  wanted: number;
  /** The whole app rather than one component. */
  whole: boolean;
  /** The editor of a page. */
  editor?: boolean;
  /** The content's height; 0 where it is not known yet. */
  content: number;
}

export function frameHeight({ wanted, whole, editor, content }: HeightInput): number {
  if (wanted > 0) return clamp(wanted, MIN, MAX);
  if (editor) return EDITOR;
  if (whole) return WHOLE_APP;
  return content > 0 ? clamp(content, 1, MAX_FIT) : UNKNOWN;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.round(Math.min(high, Math.max(low, value)));
}
