import {
  CLOCK_TOLERANCE_MS,
  MAX_ACCURACY_M,
  MAX_SILENCE_MS,
  MAX_STEP_SPEED_MPS,
  STALE_FIX_MS,
} from './constants.js';
import { stepM, type TrackPoint } from './point.js';

export type DropReason =
  | 'inaccurate'
  | 'invalid_position'
  | 'duplicate_time'
  | 'teleport'
  | 'before_start'
  | 'stale'
  | 'in_future'
  | 'cropped';

export type DropCounts = Partial<Record<DropReason, number>>;

export interface CleanOptions {
  startedAtMs?: number;
  crop?: { fromMs: number; toMs: number };
}

/** Known and not negative: receivers say "unknown" with -1. */
const known = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined;

const ascending = (a: number | undefined, b: number | undefined): number => {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a - b;
};

/** A total order over the content of points, so that the same set gives the same list however it arrived. */
function canonicalOrder(a: TrackPoint, b: TrackPoint): number {
  return (
    a.tMs - b.tMs ||
    ascending(known(a.accuracyM), known(b.accuracyM)) ||
    a.seq - b.seq ||
    a.lat - b.lat ||
    a.lng - b.lng ||
    ascending(a.altitudeM, b.altitudeM) ||
    ascending(known(a.receivedAtMs), known(b.receivedAtMs))
  );
}

const isSameFix = (a: TrackPoint, b: TrackPoint): boolean =>
  a.tMs === b.tMs && a.seq === b.seq && a.lat === b.lat && a.lng === b.lng;

function hasPosition(p: TrackPoint): boolean {
  return (
    Number.isFinite(p.tMs) && Math.abs(p.lat) <= 90 && Math.abs(p.lng) <= 180 && !(p.lat === 0 && p.lng === 0)
  );
}

function whyDropped(p: TrackPoint, options: CleanOptions): DropReason | undefined {
  if ((known(p.accuracyM) ?? 0) > MAX_ACCURACY_M) return 'inaccurate';
  if (p.receivedAtMs !== undefined && p.tMs > p.receivedAtMs + CLOCK_TOLERANCE_MS) return 'in_future';
  if (options.startedAtMs !== undefined && p.tMs < options.startedAtMs - STALE_FIX_MS) return 'before_start';
  if (options.crop && (p.tMs < options.crop.fromMs || p.tMs > options.crop.toMs)) return 'cropped';
  return undefined;
}

/**
 * The fixes worth judging, in canonical order, and how many were dropped for which reason. The same fix sent
 * twice is one fix and no drop; two different fixes of one instant keep the more accurate.
 */
export function cleanPoints(points: readonly TrackPoint[], options: CleanOptions = {}) {
  const dropped: DropCounts = {};
  const drop = (reason: DropReason, count = 1) => (dropped[reason] = (dropped[reason] ?? 0) + count);

  // NaN has no order: positions are checked before anything is sorted. Repeats of a bad fix count once too.
  const badFixes = new Set<string>();
  const sortable: TrackPoint[] = [];
  for (const p of points) {
    if (hasPosition(p)) sortable.push(p);
    else badFixes.add(`${p.seq} ${p.tMs} ${p.lat} ${p.lng}`);
  }
  if (badFixes.size > 0) drop('invalid_position', badFixes.size);
  sortable.sort(canonicalOrder);

  const kept: TrackPoint[] = [];
  let previous: TrackPoint | undefined;
  for (const p of sortable) {
    if (previous && isSameFix(previous, p)) continue;
    previous = p;
    const reason = whyDropped(p, options);
    if (reason) drop(reason);
    else if (kept.at(-1)?.tMs === p.tMs) drop('duplicate_time');
    else kept.push(p);
  }
  const recording = longestRecording(kept);
  if (recording.length < kept.length) drop('stale', kept.length - recording.length);
  const settled = withoutTeleports(recording);
  if (settled.length < recording.length) drop('teleport', recording.length - settled.length);
  return { points: settled, dropped, drop };
}

/**
 * A walk is silent for less than 12 h: fixes beyond such a gap are left over from another day (a phone gives
 * out cached ones). The side with more fixes stays, the later one of equals.
 */
function longestRecording(points: readonly TrackPoint[]): readonly TrackPoint[] {
  let best: readonly TrackPoint[] = [];
  for (let from = 0, i = 1; i <= points.length; i++) {
    if (i < points.length && points[i]!.tMs - points[i - 1]!.tMs < MAX_SILENCE_MS) continue;
    if (i - from >= best.length) best = points.slice(from, i);
    from = i;
  }
  return best;
}

/** Speed between two fixes in m/s; never asked of two fixes of the same instant. */
export const speedBetweenMps = (a: TrackPoint, b: TrackPoint): number =>
  stepM(a, b) / ((b.tMs - a.tMs) / 1000);

const isTooFast = (a: TrackPoint, b: TrackPoint): boolean => speedBetweenMps(a, b) > MAX_STEP_SPEED_MPS;

/** Drops a fix reached and left too fast, unless its neighbours are as far apart: that is a drive. */
function withoutTeleports(points: readonly TrackPoint[]): TrackPoint[] {
  const kept: TrackPoint[] = [];
  points.forEach((p, i) => {
    const before = kept.at(-1);
    const after = points[i + 1];
    const alone = before && after && isTooFast(before, p) && isTooFast(p, after) && !isTooFast(before, after);
    if (!alone) kept.push(p);
  });
  return kept;
}

/** The same for the first and last fix of a run, which have one neighbour only. */
export function withoutOutlyingEnds(run: readonly TrackPoint[]): TrackPoint[] {
  const isOutlier = (end?: TrackPoint, next?: TrackPoint, third?: TrackPoint): boolean => {
    if (!end || !next || !third) return false;
    const inOrder = (a: TrackPoint, b: TrackPoint) => (a.tMs < b.tMs ? isTooFast(a, b) : isTooFast(b, a));
    return inOrder(end, next) && !inOrder(next, third);
  };
  const kept = isOutlier(run[0], run[1], run[2]) ? run.slice(1) : run.slice();
  if (isOutlier(kept.at(-1), kept.at(-2), kept.at(-3))) kept.pop();
  return kept;
}
