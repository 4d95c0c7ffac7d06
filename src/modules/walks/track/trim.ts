import { TRIM_MIN_BOUT_M, TRIM_TAIL_MS } from './constants.js';
import { stepM, type Segment } from './point.js';

/** The part of a recording worth keeping. */
export interface TrimProposal {
  fromMs: number;
  toMs: number;
}

/**
 * For a stop that was forgotten: where the last bout of walking of 100 m or more ended, if ten minutes or
 * more of standing or driving were recorded after it. A rest of ten minutes separates two bouts.
 */
export function proposeTrim(
  segments: readonly Segment[],
  startedAtMs: number | null,
  endedAtMs: number | null,
): TrimProposal | null {
  if (startedAtMs === null || endedAtMs === null) return null;
  const bouts: { toMs: number; lengthM: number }[] = [];
  for (const segment of segments) {
    bouts.push({ toMs: segment[0]!.tMs, lengthM: 0 });
    for (let i = 1; i < segment.length; i++) {
      const [a, b] = [segment[i - 1]!, segment[i]!];
      const lengthM = stepM(a, b);
      if (lengthM === 0) continue;
      if (b.tMs - bouts.at(-1)!.toMs > TRIM_TAIL_MS) bouts.push({ toMs: b.tMs, lengthM });
      else Object.assign(bouts.at(-1)!, { toMs: b.tMs, lengthM: bouts.at(-1)!.lengthM + lengthM });
    }
  }
  const end = bouts.findLast((bout) => bout.lengthM >= TRIM_MIN_BOUT_M);
  if (!end || endedAtMs - end.toMs < TRIM_TAIL_MS) return null;
  return { fromMs: startedAtMs, toMs: end.toMs };
}
