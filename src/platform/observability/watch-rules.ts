/** Cumulative figures of HTTP, as they were at one look. */
export interface HttpSample {
  count: number;
  failed: number;
  /** Answers that took at most so long, by seconds; ascending. */
  within: readonly (readonly [seconds: number, count: number])[];
}

/** Fewer tell nothing. */
export const MIN_REQUESTS = 100;
export const MAX_ERROR_SHARE = 0.05;
export const MAX_P95_S = 1;

export interface Traffic {
  count: number;
  errorShare: number;
  /** Seconds, between two bounds of the histogram; Infinity above the last. */
  p95S: number;
}

/** What went on between two looks; null when it was too little. */
export function trafficBetween(from: HttpSample, to: HttpSample): Traffic | null {
  const count = to.count - from.count;
  if (count < MIN_REQUESTS) return null;
  const before = new Map(from.within);
  const wanted = count * 0.95;
  let p95S = Infinity;
  let [belowS, below] = [0, 0];
  for (const [seconds, total] of to.within) {
    const answered = total - (before.get(seconds) ?? 0);
    if (answered >= wanted) {
      p95S = belowS + (seconds - belowS) * ((wanted - below) / (answered - below));
      break;
    }
    [belowS, below] = [seconds, answered];
  }
  return { count, errorShare: (to.failed - from.failed) / count, p95S };
}
