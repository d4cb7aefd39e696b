/** Milliseconds to wait before the next try: doubled each time up to a limit, with jitter so that pages do not come in step. */
export function backoff(failures: number, random: () => number = Math.random): number {
  const full = Math.min(8000, 150 * 2 ** Math.min(failures, 10));
  return full * (0.5 + random() / 2);
}
