// How times are said. Pure.

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
}

/** A time of day, with its date where that is not today's. */
export function moment(at: number, now: number, seconds = true): string {
  const date = new Date(at);
  const second = seconds ? ({ second: "2-digit" } as const) : {};
  const time = date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", ...second });
  const sameDay = date.toDateString() === new Date(now).toDateString();
  return sameDay ? time : `${date.toLocaleDateString(undefined, { day: "numeric", month: "short" })}, ${time}`;
}

/** How long ago, roughly; a date where that is long. */
export function ago(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return moment(at, now, false);
}

/** Exactly, for whoever points at it. */
export const exactly = (at: number): string => new Date(at).toLocaleString();
