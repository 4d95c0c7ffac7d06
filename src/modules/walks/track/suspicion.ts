import { createHash } from 'node:crypto';
import {
  FINGERPRINT_MIN_POINTS,
  MIN_WALK_DISTANCE_M,
  SYNTHETIC_MIN_M,
  SYNTHETIC_MIN_POINTS,
  SYNTHETIC_TOLERANCE_M,
} from './constants.js';
import { planeAt, stepM, type TrackPoint } from './point.js';

export type Suspicion = 'mock_location' | 'synthetic_track';

export function suspicionsOf(raw: readonly TrackPoint[], kept: readonly TrackPoint[]): Suspicion[] {
  const found: Suspicion[] = [];
  if (raw.some((p) => p.mock === true)) found.push('mock_location');
  if (hasSyntheticStretch(kept)) found.push('synthetic_track');
  return found;
}

/**
 * Whether 300 m are one straight line at one speed. A swing filter: from the first fix of a stretch, each
 * further fix narrows the velocities that would pass within 0.2 m of all of them; the stretch ends where
 * none is left.
 */
function hasSyntheticStretch(points: readonly TrackPoint[]): boolean {
  let from = 0;
  while (from < points.length - 1) {
    const start = points[from]!;
    const plane = planeAt(start);
    const east = { min: -Infinity, max: Infinity };
    const north = { min: -Infinity, max: Infinity };
    let to = from + 1;
    for (; to < points.length; to++) {
      const p = points[to]!;
      const { x, y } = plane.toXY(p);
      const seconds = (p.tMs - start.tMs) / 1000;
      if (!narrow(east, x, seconds) || !narrow(north, y, seconds)) break;
    }
    const last = points[to - 1]!;
    if (to - from >= SYNTHETIC_MIN_POINTS && stepM(start, last) >= SYNTHETIC_MIN_M) return true;
    from = Math.max(to - 1, from + 1);
  }
  return false;
}

function narrow(velocity: { min: number; max: number }, movedM: number, seconds: number): boolean {
  velocity.min = Math.max(velocity.min, (movedM - SYNTHETIC_TOLERANCE_M) / seconds);
  velocity.max = Math.min(velocity.max, (movedM + SYNTHETIC_TOLERANCE_M) / seconds);
  return velocity.min <= velocity.max;
}

/**
 * sha256 (hex) over each kept fix, its coordinates to 5 decimals (about 1 m) and its seconds since the
 * first: the same recording has it whoever uploads it, whenever. Null where chance could repeat it.
 */
export function fingerprintOf(kept: readonly TrackPoint[], distanceM: number): string | null {
  const first = kept[0];
  if (!first || kept.length < FINGERPRINT_MIN_POINTS || distanceM < MIN_WALK_DISTANCE_M) return null;
  const hash = createHash('sha256');
  for (const p of kept) {
    const seconds = Math.round((p.tMs - first.tMs) / 1000);
    hash.update(`${Math.round(p.lat * 1e5)},${Math.round(p.lng * 1e5)},${seconds};`);
  }
  return hash.digest('hex');
}
