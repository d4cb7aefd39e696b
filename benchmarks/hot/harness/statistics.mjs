// Order statistics of samples.
export function quantile(samples, p) {
  if (!samples.length) return null;
  const ordered = [...samples].sort((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(p * ordered.length))];
}

const rounded = (value) => (value === null ? null : Number(value.toFixed(2)));

export function summary(samples) {
  return {
    count: samples.length,
    min: rounded(quantile(samples, 0)),
    p25: rounded(quantile(samples, 0.25)),
    median: rounded(quantile(samples, 0.5)),
    p95: rounded(quantile(samples, 0.95)),
    max: rounded(quantile(samples, 1)),
  };
}
