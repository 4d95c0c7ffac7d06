import { BREAK_GAP_MS, ESTIMATE_GAP_MS, MAX_ESTIMATE_SPEED_MPS } from './constants.js';
import { speedBetweenMps } from './clean.js';
import { stepM, type Pause, type TrackPoint } from './point.js';

export type LeftOutReason = 'pause' | 'gap' | 'jump' | 'vehicle';

/** A stretch that is not credited: straight-line metres across a pause or gap, driven metres of a vehicle. */
export interface LeftOut {
  reason: LeftOutReason;
  fromMs: number;
  toMs: number;
  distanceM: number;
}

/** A run of fixes nobody paused, and the stretch left out before it. */
export interface Run {
  points: TrackPoint[];
  leftOutBefore?: LeftOut;
}

function reasonToBreak(a: TrackPoint, b: TrackPoint, isPaused: boolean): 'pause' | 'gap' | undefined {
  if (isPaused) return 'pause';
  const gapMs = b.tMs - a.tMs;
  if (gapMs > BREAK_GAP_MS) return 'gap';
  if (gapMs > ESTIMATE_GAP_MS && speedBetweenMps(a, b) > MAX_ESTIMATE_SPEED_MPS) return 'gap';
  return undefined;
}

/** Splits at pauses and gaps. What was recorded within a pause belongs to the pause. */
export function splitAtBreaks(points: readonly TrackPoint[], pauses: readonly Pause[]): Run[] {
  const ordered = pauses.filter((p) => p.toMs > p.fromMs).sort((a, b) => a.fromMs - b.fromMs);
  const runs: Run[] = [];
  let current: Run = { points: [] };
  let nextPause = 0;
  let pausedUntilMs = -Infinity;
  for (const b of points) {
    const a = current.points.at(-1);
    while (nextPause < ordered.length && ordered[nextPause]!.fromMs < b.tMs) {
      pausedUntilMs = Math.max(pausedUntilMs, ordered[nextPause]!.toMs);
      nextPause++;
    }
    const reason = a && reasonToBreak(a, b, pausedUntilMs > a.tMs);
    if (!a || !reason) {
      current.points.push(b);
      continue;
    }
    runs.push(current);
    const leftOutBefore = { reason, fromMs: a.tMs, toMs: b.tMs, distanceM: stepM(a, b) };
    current = { points: [b], leftOutBefore };
  }
  if (current.points.length > 0) runs.push(current);
  return runs;
}
