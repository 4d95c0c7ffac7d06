import { kstDate } from '../../platform/clock/kst.js';
import type { Transaction } from '../../platform/database/database.js';
import { ewktOfPath } from '../../platform/database/geo.sql.js';
import { lockUser, type Privacy } from '../users/index.js';
import { distinctCount, pointsOf } from './raw-points.js';
import { DISTANCE_TOLERANCE_M } from './track/constants.js';
import {
  deriveTrack,
  type DerivedTrack,
  dogCaloriesKcal,
  encodePreview,
  INVALID_REASONS,
  type InvalidReason,
  type Segment,
  validateWalk,
} from './track/index.js';
import { safeRoute } from './viewer-safe-route.js';
import type { WalkView } from './walks.schemas.js';
import {
  judgeableWalk,
  type JudgeableWalk,
  lockFingerprint,
  othersLike,
  rawWalk,
  type RawWalk,
  saveJudgedWalk,
  saveOverlap,
} from './judging.queries.js';

/** What a walk is when it is completed, and not before. */
export interface Completion {
  completedAt: Date;
  expectedPoints: number | null;
}

/**
 * Derives a completed walk from its raw points, judges it, and writes the result as a new revision. The
 * user's walks are judged one at a time, so that two which overlap cannot both count.
 * @returns whether anything about the walk changed
 */
export async function judgeWalk(
  tx: Transaction,
  { id, userId }: { id: string; userId: string },
  now: Date,
): Promise<boolean> {
  await lockUser(tx, userId);
  const walk = await rawWalk(tx, id);
  return walk.rawPurgedAt ? judgeOverlapOf(tx, walk) : (await judgeFromRaw(tx, walk, now)) !== null;
}

/**
 * Completes a walk and judges it. Under the user's lock, taken before the time of the completion.
 * @returns the walk, as its owner sees it
 */
export async function completeWalk(
  tx: Transaction,
  walkId: string,
  completion: Completion,
): Promise<WalkView> {
  const walk = await rawWalk(tx, walkId);
  const awaitingPoints = completion.expectedPoints !== null;
  const view = await judgeFromRaw(tx, { ...walk, ...completion, awaitingPoints }, completion.completedAt);
  if (!view) throw new Error('A walk was judged before it was completed');
  return view;
}

/** @returns null when nothing about the walk changed */
async function judgeFromRaw(tx: Transaction, walk: RawWalk, now: Date): Promise<WalkView | null> {
  const { points, pauses } = pointsOf(walk.chunks);
  const options = { pauses, startedAtMs: walk.claimedStartAt?.getTime() };
  const crop =
    walk.cropFrom && walk.cropTo
      ? { fromMs: walk.cropFrom.getTime(), toMs: walk.cropTo.getTime() }
      : undefined;
  const whole = deriveTrack(points, options);
  const track = crop ? deriveTrack(points, { ...options, crop }) : whole;

  const awaitingPoints =
    walk.expectedPoints !== null && distinctCount(points) < walk.expectedPoints && walk.awaitingPoints;
  const startedAt = track.startedAtMs === null ? walk.startedAt : new Date(track.startedAtMs);
  const endedAt = new Date(track.endedAtMs ?? startedAt.getTime());
  if (whole.fingerprint) await lockFingerprint(tx, whole.fingerprint);
  const { isCopy, duplicateOfId } = await othersLike(tx, {
    userId: walk.userId,
    walkId: walk.id,
    startedAt,
    endedAt,
    completedAt: walk.completedAt ?? now,
    fingerprint: whole.fingerprint,
  });
  const verdict = validateWalk(track, {
    serverNowMs: walk.completedAt?.getTime() ?? now.getTime(),
    claimedStartMs: walk.claimedStartAt?.getTime() ?? null,
    duplicateTrack: isCopy,
    overlappingWalk: duplicateOfId !== null,
    awaitingPoints,
  });

  const judgement = {
    ...figuresOf(track),
    ...verdict,
    walkDate: kstDate(startedAt),
    startedAt,
    endedAt,
    awaitingPoints,
    duplicateOfId,
    trackFingerprint: whole.fingerprint,
    preview: encodePreview(track.segments),
  };
  const isFirst = walk.filterVersion === null;
  const isChanged =
    isFirst ||
    Object.entries(judgement).some(([key, value]) => !same(walk[key as keyof typeof judgement], value));
  if (!isChanged) return null;
  if (isFirst && verdict.counts) tx.tally('walk-counted');
  return saveJudgedWalk(tx, {
    id: walk.id,
    completedAt: walk.completedAt,
    expectedPoints: walk.expectedPoints,
    segments: track.segments.map((segment) =>
      segment.map(({ tMs, lat, lng, altitudeM }) => [tMs, lat, lng, altitudeM ?? null]),
    ),
    ewkt: ewktOfPath(track.segments),
    calories: walk.pets.map(({ petId, weightKg }) => {
      const kcal = dogCaloriesKcal({ weightKg, distanceM: track.distanceM, movingS: track.movingS });
      return { petId, caloriesKcal: kcal === null ? null : Math.round(kcal) };
    }),
    judgement: { ...judgement, ...safePreviewOf(track.segments, walk.privacy) },
  });
}

/**
 * Judges only what hangs on the user's other walks, without deriving the track again.
 * @returns whether anything about the walk changed
 */
export async function judgeOverlap(tx: Transaction, walkId: string, userId: string): Promise<boolean> {
  await lockUser(tx, userId);
  return judgeOverlapOf(tx, await judgeableWalk(tx, walkId));
}

async function judgeOverlapOf(tx: Transaction, walk: JudgeableWalk): Promise<boolean> {
  if (!walk.endedAt || !walk.completedAt) return false;
  const { id: walkId, userId, startedAt, endedAt, completedAt } = walk;
  const times = { startedAt, endedAt, completedAt };
  const { duplicateOfId } = await othersLike(tx, { userId, walkId, ...times, fingerprint: null });
  const own = walk.reasons.filter((reason) => reason !== 'overlapping_walk');
  const found: InvalidReason[] = duplicateOfId ? [...own, 'overlapping_walk'] : own;
  const reasons = INVALID_REASONS.filter((reason) => found.includes(reason));
  if (duplicateOfId === walk.duplicateOfId && same(reasons, walk.reasons)) return false;
  await saveOverlap(tx, walkId, duplicateOfId, reasons);
  return true;
}

/** Metres and seconds are whole, metres rounded down: sums are exact, and 500 means at least 500. */
function figuresOf(track: DerivedTrack) {
  return {
    filterVersion: track.filterVersion,
    distanceM: Math.floor(track.distanceM + DISTANCE_TOLERANCE_M),
    estimatedM: Math.floor(track.estimatedM),
    elapsedS: Math.floor(track.elapsedS),
    movingS: Math.floor(track.movingS),
    avgSpeedMps: track.avgSpeedMps,
    topSpeedMps: track.topSpeedMps,
    leftOut: track.leftOut.map(({ reason, fromMs, toMs, distanceM }) => ({
      reason,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      distanceM: Math.round(distanceM),
    })),
    droppedPoints: track.dropped,
    trimFrom: track.trimProposal && new Date(track.trimProposal.fromMs),
    trimTo: track.trimProposal && new Date(track.trimProposal.toMs),
  };
}

/** What everybody else may see of it, and the privacy revision it was made under. */
export function safePreviewOf(segments: readonly Segment[], privacy: Privacy | null) {
  if (!privacy) return { safePreview: [], safeDistanceM: null, privacyRevision: -1 };
  const { segments: visible, lengthM } = safeRoute(segments, privacy);
  return {
    safePreview: encodePreview(visible),
    safeDistanceM: lengthM === null ? null : Math.round(lengthM),
    privacyRevision: privacy.revision,
  };
}

/** Two JSON-like values alike, whatever the order of their keys (jsonb does not keep it). */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a, sortedKeys) === JSON.stringify(b, sortedKeys);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
