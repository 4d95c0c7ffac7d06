import { distanceBetweenM, type Position } from '../walks/index.js';

/** A phone's idea of where a photo was taken is that good at best. */
const MAX_FROM_TRACK_M = 100;

/** What a photo says about where and when it was taken, as far as it can be believed. */
export interface Taken {
  position: Position | null;
  atMs: number | null;
}

interface Fix extends Position {
  tMs: number;
}

interface WalkInTime {
  startedAtMs: number;
  /** In order of time; none while the walk is recorded. */
  fixes: readonly Fix[];
}

/**
 * Where on a walk a photo belongs: the time of the fix nearest to its position, else of the fix nearest to its time.
 * While the walk is recorded there is only its time. Null for a photo that was not taken on this walk.
 */
export function fixTimeOf(taken: Taken, { startedAtMs, fixes }: WalkInTime, nowMs: number): number | null {
  const { position, atMs } = taken;
  if (fixes.length === 0) return atMs !== null && atMs >= startedAtMs && atMs <= nowMs ? atMs : null;
  const near = position && nearestBy(fixes, (fix) => distanceBetweenM(fix, position));
  if (near && near.away <= MAX_FROM_TRACK_M) return near.fix.tMs;
  if (atMs === null || atMs < fixes[0]!.tMs || atMs > fixes.at(-1)!.tMs) return null;
  return nearestBy(fixes, ({ tMs }) => Math.abs(tMs - atMs)).fix.tMs;
}

function nearestBy(fixes: readonly Fix[], awayOf: (fix: Fix) => number): { fix: Fix; away: number } {
  let best = { fix: fixes[0]!, away: Infinity };
  for (const fix of fixes) {
    const away = awayOf(fix);
    if (away < best.away) best = { fix, away };
  }
  return best;
}
