import {
  CLOCK_TOLERANCE_MS,
  DISTANCE_TOLERANCE_M,
  MAX_WALK_SPEED_MPS,
  MIN_WALK_DISTANCE_M,
  SPEED_TOLERANCE_MPS,
} from './constants.js';
import type { DerivedTrack } from './derive.js';

/** Why a walk does not count, in the order in which reasons are given. */
export const INVALID_REASONS = [
  'no_points',
  'too_short',
  'too_fast',
  'vehicle',
  'mock_location',
  'synthetic_track',
  'starts_in_future',
  'duplicate_track',
  'overlapping_walk',
  'awaiting_points',
] as const;
export type InvalidReason = (typeof INVALID_REASONS)[number];

export interface ValidityContext {
  serverNowMs: number;
  /** The start the client named; it is judged only where no fix tells the start. */
  claimedStartMs: number | null;
  /** The same recording was used by another account. */
  duplicateTrack: boolean;
  /** The user has another walk at this time. */
  overlappingWalk: boolean;
  awaitingPoints: boolean;
}

/**
 * A walk counts if nothing speaks against it: 500.0 m and 15.0 km/h still count. A drive alone is no reason,
 * as it is left out; it is named where what remains of the walk is not enough. An empty track has the one
 * reason `no_points`.
 */
export function validateWalk(track: DerivedTrack, context: ValidityContext) {
  const isEmpty = track.startedAtMs === null;
  const isTooShort = track.distanceM < MIN_WALK_DISTANCE_M - DISTANCE_TOLERANCE_M;
  const isTooFast = track.avgSpeedMps > MAX_WALK_SPEED_MPS + SPEED_TOLERANCE_MPS;
  const hasDrive = track.leftOut.some(({ reason }) => reason === 'vehicle' || reason === 'jump');
  const startMs = track.startedAtMs ?? context.claimedStartMs;

  const found: Record<InvalidReason, boolean> = {
    no_points: isEmpty,
    too_short: !isEmpty && isTooShort,
    too_fast: isTooFast,
    vehicle: hasDrive && (isTooShort || isTooFast),
    mock_location: track.suspicions.includes('mock_location'),
    synthetic_track: track.suspicions.includes('synthetic_track'),
    starts_in_future: startMs !== null && startMs > context.serverNowMs + CLOCK_TOLERANCE_MS,
    duplicate_track: context.duplicateTrack,
    overlapping_walk: context.overlappingWalk,
    awaiting_points: context.awaitingPoints,
  };
  const reasons = INVALID_REASONS.filter((reason) => found[reason]);
  return { counts: reasons.length === 0, reasons };
}
