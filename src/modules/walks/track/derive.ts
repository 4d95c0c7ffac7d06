import { FILTER_VERSION, MAX_STOP_IN_DRIVE_MS } from './constants.js';
import { splitAtBreaks, type LeftOut } from './breaks.js';
import { cleanPoints, withoutOutlyingEnds, type CleanOptions, type DropCounts } from './clean.js';
import { figuresOf, type Figures } from './figures.js';
import { cumulativeM, type CleanPoint, type Pause, type Segment, type TrackPoint } from './point.js';
import { smooth } from './smooth.js';
import { collapseStays } from './stays.js';
import { fingerprintOf, suspicionsOf, type Suspicion } from './suspicion.js';
import { proposeTrim, type TrimProposal } from './trim.js';
import { cutVehicles } from './vehicle.js';

export interface DeriveOptions extends CleanOptions {
  pauses?: readonly Pause[];
}

export interface DerivedTrack extends Figures {
  filterVersion: number;
  segments: Segment[];
  leftOut: LeftOut[];
  dropped: DropCounts;
  /** First and last kept fix, epoch ms. */
  startedAtMs: number | null;
  endedAtMs: number | null;
  elapsedS: number;
  suspicions: Suspicion[];
  fingerprint: string | null;
  trimProposal: TrimProposal | null;
}

/**
 * Everything a walk says about itself, from the set of its raw fixes: the same for any order, repetition or
 * split of them. Fixes are cleaned, split at pauses and gaps, smoothed, freed of drives, and each rest is
 * drawn together to one place; the distance is the geodesic length of what is left.
 */
export function deriveTrack(raw: readonly TrackPoint[], options: DeriveOptions = {}): DerivedTrack {
  const { points, dropped, drop } = cleanPoints(raw, options);
  const kept: TrackPoint[] = [];
  const leftOut: LeftOut[] = [];
  const walked: CleanPoint[][] = [];
  for (const { points: all, leftOutBefore } of splitAtBreaks(points, options.pauses ?? [])) {
    const run = withoutOutlyingEnds(all);
    if (run.length < all.length) drop('teleport', all.length - run.length);
    for (const p of run) kept.push(p);
    if (leftOutBefore) leftOut.push(leftOutBefore);
    const cut = cutVehicles(smooth(run));
    walked.push(...cut.walked);
    leftOut.push(...cut.driven);
  }
  leftOut.sort((a, b) => a.fromMs - b.fromMs);
  const remains = withoutStopsInDrives(walked, leftOut);

  const segments = remains.filter((run) => run.length >= 2).map(collapseStays);
  const figures = figuresOf(segments);
  const startedAtMs = kept[0]?.tMs ?? null;
  const endedAtMs = kept.at(-1)?.tMs ?? null;
  const elapsedS = ((endedAtMs ?? 0) - (startedAtMs ?? 0)) / 1000;
  return {
    filterVersion: FILTER_VERSION,
    segments,
    leftOut: joinNeighbours(leftOut),
    dropped,
    startedAtMs,
    endedAtMs,
    elapsedS,
    ...figures,
    movingS: Math.min(figures.movingS, elapsedS),
    suspicions: suspicionsOf(raw, kept),
    fingerprint: fingerprintOf(kept, figures.distanceM),
    trimProposal: proposeTrim(segments, startedAtMs, endedAtMs),
  };
}

/**
 * A drive seen in pieces (no fixes in a tunnel, then a few at a station): what lies between a vehicle and
 * another vehicle or gap, and is shorter than a stop, belongs to the drive. Adds it to `leftOut`.
 */
function withoutStopsInDrives(walked: CleanPoint[][], leftOut: LeftOut[]): CleanPoint[][] {
  const endingAt = new Map(leftOut.map((l) => [l.toMs, l.reason]));
  const startingAt = new Map(leftOut.map((l) => [l.fromMs, l.reason]));
  const remains: CleanPoint[][] = [];
  for (const run of walked) {
    const [first, last] = [run[0], run.at(-1)];
    if (!first || !last) continue;
    const around = [endingAt.get(first.tMs), startingAt.get(last.tMs)];
    const isInDrive =
      around.includes('vehicle') &&
      around.every((reason) => reason === 'vehicle' || reason === 'gap') &&
      last.tMs - first.tMs < MAX_STOP_IN_DRIVE_MS;
    if (!isInDrive) remains.push(run);
    else if (run.length > 1) {
      const distanceM = cumulativeM(run).at(-1)!;
      leftOut.push({ reason: 'vehicle', fromMs: first.tMs, toMs: last.tMs, distanceM });
    }
  }
  leftOut.sort((a, b) => a.fromMs - b.fromMs);
  return remains;
}

/** Stretches of one reason that touch are one stretch. */
function joinNeighbours(leftOut: readonly LeftOut[]): LeftOut[] {
  const joined: LeftOut[] = [];
  for (const stretch of leftOut) {
    const before = joined.at(-1);
    if (before && before.reason === stretch.reason && before.toMs === stretch.fromMs) {
      before.toMs = stretch.toMs;
      before.distanceM += stretch.distanceM;
    } else joined.push({ ...stretch });
  }
  return joined;
}
