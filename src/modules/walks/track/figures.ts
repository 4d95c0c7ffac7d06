import { ESTIMATE_GAP_MS, MIN_MOVING_SPEED_MPS, TOP_SPEED_WINDOW_MS } from './constants.js';
import { cumulativeM, distanceBetweenM, type CleanPoint, type Segment } from './point.js';

export interface Figures {
  distanceM: number;
  /** The part of `distanceM` that is a straight line over more than 60 s without a fix. */
  estimatedM: number;
  movingS: number;
  avgSpeedMps: number;
  topSpeedMps: number;
}

/** Seconds of a step that were movement; the slower rest of it was standing. */
export const movingSecondsOf = (lengthM: number, durationS: number): number =>
  Math.min(durationS, lengthM / MIN_MOVING_SPEED_MPS);

export function figuresOf(segments: readonly Segment[]): Figures {
  let [distanceM, estimatedM, movingS, topSpeedMps] = [0, 0, 0, 0];
  for (const segment of segments) {
    for (let i = 1; i < segment.length; i++) {
      const [a, b] = [segment[i - 1]!, segment[i]!];
      const lengthM = distanceBetweenM(a, b);
      distanceM += lengthM;
      if (b.tMs - a.tMs > ESTIMATE_GAP_MS) estimatedM += lengthM;
      movingS += movingSecondsOf(lengthM, (b.tMs - a.tMs) / 1000);
    }
    topSpeedMps = Math.max(topSpeedMps, topSpeedOf(segment));
  }
  const avgSpeedMps = movingS > 0 ? distanceM / movingS : 0;
  // With no window of 30 s to measure, the average is the best that is known.
  return { distanceM, estimatedM, movingS, avgSpeedMps, topSpeedMps: Math.max(topSpeedMps, avgSpeedMps) };
}

/** Fastest 30 s of a segment that begin at a point, in m/s. */
function topSpeedOf(segment: readonly CleanPoint[]): number {
  const sumM = cumulativeM(segment);
  let top = 0;
  for (let start = 0, end = 0; start < segment.length; start++) {
    const endMs = segment[start]!.tMs + TOP_SPEED_WINDOW_MS;
    while (end < segment.length && segment[end]!.tMs < endMs) end++;
    if (end === segment.length) break;
    const [a, b] = [segment[end - 1]!, segment[end]!];
    const share = (endMs - a.tMs) / (b.tMs - a.tMs);
    const reachedM = sumM[end - 1]! + share * (sumM[end]! - sumM[end - 1]!);
    top = Math.max(top, (reachedM - sumM[start]!) / (TOP_SPEED_WINDOW_MS / 1000));
  }
  return top;
}
