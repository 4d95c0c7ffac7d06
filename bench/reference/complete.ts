/** `POST /walks/:id/complete` as one would write it by hand: a lock, a read, two questions, one write, one insert of jobs. */
import { pointsOf, distinctCount, type StoredChunk } from '../../src/modules/walks/raw-points.js';
import { DISTANCE_TOLERANCE_M } from '../../src/modules/walks/track/constants.js';
import {
  deriveTrack,
  dogCaloriesKcal,
  encodePreview,
  validateWalk,
} from '../../src/modules/walks/track/index.js';
import { safeRoute } from '../../src/modules/walks/viewer-safe-route.js';
import { lockFingerprint } from '../../src/modules/walks/judging.queries.js';
import { kstDate } from '../../src/platform/clock/kst.js';
import { type Connection, statement } from '../../src/platform/database/database.js';
import { ewktOfPath, geographyFromEwkt } from '../../src/platform/database/geo.sql.js';
import { Refusal } from './answers.js';

/** The walk, and behind it its walker: the order in which the service locks them. */
const lock = statement<LockedWalk>(
  'reference_lock_walk',
  `select walk.user_id as "userId", walk.state::text as state, walk.source::text as source,
          walk.visibility::text as visibility, walk.title, walk.memo, walk.started_at as "startedAt",
          walk.claimed_start_at as "claimedStartAt", walk.stored_points as "storedPoints", walk.revision,
          walk.crop_from as "cropFrom", walk.crop_to as "cropTo", walk.raw_purged_at as "rawPurgedAt",
          walk.start_region_code as "startRegionCode", walker.privacy_seed as "privacySeed",
          walker.privacy_revision as "privacyRevision"
   from walks walk join users walker on walker.id = walk.user_id
   where walk.id = $1::uuid for no key update`,
);

interface LockedWalk {
  userId: string;
  state: string;
  source: string;
  visibility: string;
  title: string | null;
  memo: string | null;
  startedAt: Date;
  claimedStartAt: Date | null;
  storedPoints: number;
  revision: number;
  cropFrom: Date | null;
  cropTo: Date | null;
  rawPurgedAt: Date | null;
  startRegionCode: string | null;
  privacySeed: Uint8Array;
  privacyRevision: number;
}

/** In a statement after the locks: what was committed before them is seen. */
const read = statement<WalkParts>(
  'reference_read_walk',
  `select
     (
       select coalesce(json_agg(json_build_object('points', points, 'pauses', pauses, 'receivedAt', received_at)), '[]')
       from walk_chunks where walk_id = $1::uuid
     ) as chunks,
     (
       select coalesce(json_agg(json_build_object('id', pets.id, 'name', name, 'weightKg', walked.weight_kg) order by pets.id), '[]')
       from walk_pets walked join pets on pets.id = walked.pet_id where walk_id = $1::uuid
     ) as pets,
     (
       select coalesce(json_agg(json_build_object('lat', lat, 'lng', lng, 'radiusM', radius_m) order by id), '[]')
       from privacy_zones where user_id = $2::uuid
     ) as zones`,
);

interface WalkParts {
  chunks: (Omit<StoredChunk, 'receivedAt'> & { receivedAt: string })[];
  pets: { id: string; name: string; weightKg: number | null }[];
  zones: { lat: number; lng: number; radiusM: number }[];
}

const others = statement<{ isCopied: boolean; duplicateOfId: string | null }>(
  'reference_other_walks',
  `select
     exists (
       select from walks
       where track_fingerprint = $1::text and user_id <> $2::uuid and state = 'completed'
         and not 'duplicate_track' = any(reasons)
     ) as "isCopied",
     (
       select id from walks
       where user_id = $2::uuid and id <> $3::uuid and state = 'completed' and counts
         and started_at < $5::timestamptz and ended_at > $4::timestamptz
         and (completed_at, id) < ($6::timestamptz, $3::uuid)
         and extract(epoch from least(ended_at, $5::timestamptz) - greatest(started_at, $4::timestamptz))
             > 0.5 * least(extract(epoch from ended_at - started_at), extract(epoch from $5::timestamptz - $4::timestamptz))
       order by completed_at, id limit 1
     ) as "duplicateOfId"`,
);

const COLUMNS = {
  completed_at: 'timestamptz',
  expected_points: 'int',
  awaiting_points: 'bool',
  walk_date: 'date',
  started_at: 'timestamptz',
  ended_at: 'timestamptz',
  filter_version: 'int',
  distance_m: 'int',
  estimated_m: 'int',
  elapsed_s: 'int',
  moving_s: 'int',
  avg_speed_mps: 'float8',
  top_speed_mps: 'float8',
  counts: 'bool',
  reasons: 'text[]',
  left_out: 'jsonb',
  dropped_points: 'jsonb',
  trim_from: 'timestamptz',
  trim_to: 'timestamptz',
  track_fingerprint: 'text',
  duplicate_of_id: 'uuid',
  preview: 'text[]',
  safe_preview: 'text[]',
  safe_distance_m: 'int',
  privacy_revision: 'int',
};
const columns = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

const save = statement<never>(
  'reference_save_walk',
  `with walk as (
     update walks set state = 'completed', revision = revision + 1,
       ${columns.map((column, i) => `${column} = $${i + 5}::${COLUMNS[column]}`).join(', ')}
     where id = $1::uuid
   ), track as (
     insert into walk_tracks (walk_id, segments, path) values ($1::uuid, $2::json, ${geographyFromEwkt('$3')})
     on conflict (walk_id) do update set segments = excluded.segments, path = excluded.path
   )
   update walk_pets set calories_kcal = one."caloriesKcal"
   from json_to_recordset($4::json) as one (id uuid, "caloriesKcal" int)
   where walk_id = $1::uuid and pet_id = one.id`,
);

/** $1 fact, $2 data, $3 request: what pg-boss writes, for all subscribers at once. */
const enqueue = statement<never>(
  'reference_enqueue',
  `insert into pgboss.job_common (
     id, name, data, priority, start_after, created_on, group_id, expire_seconds, deletion_seconds, keep_until, retry_limit,
     retry_delay, retry_backoff, retry_delay_max, policy, dead_letter, heartbeat_seconds
   )
   select gen_random_uuid(), name, $2::jsonb, 0, now(), now(), $3::text, expire_seconds, deletion_seconds,
          now() + retention_seconds * interval '1 s', retry_limit, retry_delay, retry_backoff, retry_delay_max, policy,
          dead_letter, heartbeat_seconds
   from pgboss.queue where starts_with(name, $1::text || '.')`,
);

/** Inside a transaction. A walk that is complete already is none here. */
export async function completeWalk(
  tx: Connection,
  of: { userId: string; walkId: string; requestId: string },
  expectedPoints: number | null,
) {
  const { userId, walkId, requestId } = of;
  const [walk] = await tx.rows(lock, [walkId]);
  if (!walk || walk.userId !== userId || walk.state === 'deleted') throw new Refusal(404);
  if (walk.state === 'completed' || walk.rawPurgedAt) throw new Refusal(409);
  const now = new Date();
  const { chunks, pets, zones } = (await tx.rows(read, [walkId, userId]))[0]!;

  const { points, pauses } = pointsOf(
    chunks.map((chunk) => ({ ...chunk, receivedAt: new Date(chunk.receivedAt) })),
  );
  const options = { pauses, startedAtMs: walk.claimedStartAt?.getTime() };
  const crop =
    walk.cropFrom && walk.cropTo
      ? { fromMs: walk.cropFrom.getTime(), toMs: walk.cropTo.getTime() }
      : undefined;
  const whole = deriveTrack(points, options);
  const track = crop ? deriveTrack(points, { ...options, crop }) : whole;
  const startedAt = track.startedAtMs === null ? walk.startedAt : new Date(track.startedAtMs);
  const endedAt = new Date(track.endedAtMs ?? startedAt.getTime());

  if (whole.fingerprint) await lockFingerprint(tx, whole.fingerprint);
  const asked = [whole.fingerprint, userId, walkId, startedAt, endedAt, now];
  const { isCopied, duplicateOfId } = (await tx.rows(others, asked))[0]!;
  const awaitingPoints = expectedPoints !== null && distinctCount(points) < expectedPoints;
  const { counts, reasons } = validateWalk(track, {
    serverNowMs: now.getTime(),
    claimedStartMs: walk.claimedStartAt?.getTime() ?? null,
    duplicateTrack: isCopied,
    overlappingWalk: duplicateOfId !== null,
    awaitingPoints,
  });

  const { trimProposal, avgSpeedMps, topSpeedMps, dropped } = track;
  const distanceM = Math.floor(track.distanceM + DISTANCE_TOLERANCE_M);
  const estimatedM = Math.floor(track.estimatedM);
  const elapsedS = Math.floor(track.elapsedS);
  const movingS = Math.floor(track.movingS);
  const walkDate = kstDate(startedAt);
  const preview = encodePreview(track.segments);
  const leftOut = track.leftOut.map((part) => ({
    reason: part.reason,
    from: new Date(part.fromMs),
    to: new Date(part.toMs),
    distanceM: Math.round(part.distanceM),
  }));
  const trim = trimProposal && { from: new Date(trimProposal.fromMs), to: new Date(trimProposal.toMs) };
  const walked = pets.map(({ id, name, weightKg }) => {
    const kcal = dogCaloriesKcal({ weightKg, distanceM: track.distanceM, movingS: track.movingS });
    return { id, name, caloriesKcal: kcal === null ? null : Math.round(kcal) };
  });
  const safe = safeRoute(track.segments, { zones, seed: walk.privacySeed, revision: walk.privacyRevision });
  const values: Record<keyof typeof COLUMNS, unknown> = {
    completed_at: now,
    expected_points: expectedPoints,
    awaiting_points: awaitingPoints,
    walk_date: walkDate,
    started_at: startedAt,
    ended_at: endedAt,
    filter_version: track.filterVersion,
    distance_m: distanceM,
    estimated_m: estimatedM,
    elapsed_s: elapsedS,
    moving_s: movingS,
    avg_speed_mps: avgSpeedMps,
    top_speed_mps: topSpeedMps,
    counts,
    reasons,
    left_out: JSON.stringify(leftOut),
    dropped_points: JSON.stringify(dropped),
    trim_from: trim && trim.from,
    trim_to: trim && trim.to,
    track_fingerprint: whole.fingerprint,
    duplicate_of_id: duplicateOfId,
    preview,
    safe_preview: encodePreview(safe.segments),
    safe_distance_m: safe.lengthM === null ? null : Math.round(safe.lengthM),
    privacy_revision: walk.privacyRevision,
  };
  const segments = track.segments.map((segment) =>
    segment.map(({ tMs, lat, lng, altitudeM }) => [tMs, lat, lng, altitudeM ?? null]),
  );
  await tx.rows(save, [
    ...[walkId, JSON.stringify(segments), ewktOfPath(track.segments), JSON.stringify(walked)],
    ...columns.map((column) => values[column]),
  ]);
  await tx.rows(enqueue, ['walk-completed', JSON.stringify({ walkId, userId }), requestId]);
  const { source, visibility, title, memo, storedPoints, startRegionCode } = walk;
  return {
    ...{ id: walkId, mine: true, state: 'completed', source, visibility, title, memo, walkDate },
    ...{ startedAt, endedAt, completedAt: now, awaitingPoints, storedPoints, revision: walk.revision + 1 },
    ...{ distanceM, estimatedM, elapsedS, movingS, avgSpeedMps, topSpeedMps, counts, reasons, leftOut },
    crop: walk.cropFrom && walk.cropTo && { from: walk.cropFrom, to: walk.cropTo },
    ...{ droppedPoints: dropped, trimProposal: trim, duplicateOfId, startRegionCode, preview },
    ...{ weather: null, pets: walked }, // a job looks for the weather later
  };
}
