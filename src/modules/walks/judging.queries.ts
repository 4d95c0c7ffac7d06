/** What a judgement reads of a walk and what it leaves of it; the rules are in `judge.ts` and `track/`. */
import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import { geographyFromEwkt } from '../../platform/database/geo.sql.js';
import { type Privacy, privacyAsJson, type PrivacyAsJson, privacyFrom } from '../users/index.js';
import type { StoredChunk } from './raw-points.js';
import type { InvalidReason } from './track/index.js';
import { ownColumns, type OwnRow, ownView } from './walk-view.js';
import type { WalkView } from './walks.schemas.js';

const JUDGEABLE = `id, user_id as "userId", claimed_start_at as "claimedStartAt", started_at as "startedAt", ended_at as "endedAt",
          completed_at as "completedAt", expected_points as "expectedPoints", awaiting_points as "awaitingPoints",
          crop_from as "cropFrom", crop_to as "cropTo", raw_purged_at as "rawPurgedAt",
          filter_version as "filterVersion", walk_date::text as "walkDate", distance_m as "distanceM",
          estimated_m as "estimatedM", elapsed_s as "elapsedS", moving_s as "movingS", avg_speed_mps as "avgSpeedMps",
          top_speed_mps as "topSpeedMps", counts, coalesce(to_json(reasons), '[]') as reasons, left_out::json as "leftOut",
          dropped_points::json as "droppedPoints", trim_from as "trimFrom", trim_to as "trimTo",
          track_fingerprint as "trackFingerprint", duplicate_of_id as "duplicateOfId", coalesce(to_json(preview), '[]') as preview,
          (select coalesce(json_agg(json_build_object('petId', pet_id, 'weightKg', weight_kg)), '[]')
           from walk_pets where walk_id = walks.id) as pets`;

const judgeable = statement<JudgeableWalk>(
  'walks_judgeable',
  `select ${JUDGEABLE} from walks where id = $1::uuid`,
);

const judgeableRaw = statement<JudgeableWalk & { chunks: ChunkAsJson[]; privacy: PrivacyAsJson | null }>(
  'walks_judgeable_raw',
  `select ${JUDGEABLE}, ${privacyAsJson('walks.user_id')} as privacy,
          (select coalesce(json_agg(json_build_object('points', points, 'pauses', pauses, 'receivedAt', received_at)), '[]')
           from walk_chunks where walk_id = walks.id) as chunks
   from walks where id = $1::uuid`,
);

type ChunkAsJson = Omit<StoredChunk, 'receivedAt'> & { receivedAt: string };

/** What a judgement finds, and may change. */
export interface Judgement {
  /** KST date. */
  walkDate: string;
  startedAt: Date;
  endedAt: Date | null;
  awaitingPoints: boolean;
  duplicateOfId: string | null;
  trackFingerprint: string | null;
  preview: string[];
  filterVersion: number | null;
  distanceM: number;
  estimatedM: number;
  elapsedS: number;
  movingS: number;
  avgSpeedMps: number;
  topSpeedMps: number;
  leftOut: object[];
  droppedPoints: object;
  trimFrom: Date | null;
  trimTo: Date | null;
  counts: boolean;
  reasons: InvalidReason[];
}

export interface JudgeableWalk extends Judgement {
  id: string;
  userId: string;
  claimedStartAt: Date | null;
  completedAt: Date | null;
  expectedPoints: number | null;
  cropFrom: Date | null;
  cropTo: Date | null;
  rawPurgedAt: Date | null;
  pets: { petId: string; weightKg: number | null }[];
}

export interface RawWalk extends JudgeableWalk {
  chunks: StoredChunk[];
  /** The walker's; null when there is nobody any more. */
  privacy: Privacy | null;
}

/** Not scoped: the caller holds the walk. @throws Error when it is not there */
export async function judgeableWalk(tx: Transaction, walkId: string): Promise<JudgeableWalk> {
  return there(await tx.rows(judgeable, [walkId]));
}

/**
 * With its raw points, and what hides it from others. Not scoped: the caller holds the walk and its walker.
 * @throws Error when it is not there
 */
export async function rawWalk(tx: Transaction, walkId: string): Promise<RawWalk> {
  const { chunks, privacy, ...walk } = there(await tx.rows(judgeableRaw, [walkId]));
  return {
    ...walk,
    chunks: chunks.map((one) => ({ ...one, receivedAt: new Date(one.receivedAt) })),
    privacy: privacy && privacyFrom(privacy),
  };
}

function there<T>([walk]: T[]): T {
  if (!walk) throw new Error('The walk to judge is not there');
  return walk;
}

const saveJudged = statement<OwnRow>(
  'walks_save_judged',
  `with track as (
     insert into walk_tracks (walk_id, segments, path)
     values ($1::uuid, $4::json, ${geographyFromEwkt('$5')})
     on conflict (walk_id) do update set segments = excluded.segments, path = excluded.path
   ), calories as (
     update walk_pets set calories_kcal = given."caloriesKcal"
     from json_to_recordset($6::json) as given ("petId" uuid, "caloriesKcal" int)
     where walk_id = $1::uuid and pet_id = given."petId"
     returning walk_id, pet_id, calories_kcal
   )
   update walks walk set
     state = 'completed', completed_at = $2::timestamptz, expected_points = $3::int, raw_purged_at = null,
     revision = revision + 1, walk_date = judged."walkDate", started_at = judged."startedAt", ended_at = judged."endedAt",
     awaiting_points = judged."awaitingPoints", duplicate_of_id = judged."duplicateOfId",
     track_fingerprint = judged."trackFingerprint", filter_version = judged."filterVersion", distance_m = judged."distanceM",
     estimated_m = judged."estimatedM", elapsed_s = judged."elapsedS", moving_s = judged."movingS",
     avg_speed_mps = judged."avgSpeedMps", top_speed_mps = judged."topSpeedMps", left_out = judged."leftOut",
     dropped_points = judged."droppedPoints", trim_from = judged."trimFrom", trim_to = judged."trimTo",
     counts = judged.counts, reasons = judged.reasons, preview = judged.preview,
     safe_preview = judged."safePreview", safe_distance_m = judged."safeDistanceM",
     privacy_revision = judged."privacyRevision"
   from json_to_record($7::json) as judged (
     "walkDate" date, "startedAt" timestamptz, "endedAt" timestamptz, "awaitingPoints" bool, "duplicateOfId" uuid,
     "trackFingerprint" text, "filterVersion" int, "distanceM" int, "estimatedM" int, "elapsedS" int, "movingS" int,
     "avgSpeedMps" float8, "topSpeedMps" float8, "leftOut" jsonb, "droppedPoints" jsonb, "trimFrom" timestamptz,
     "trimTo" timestamptz, counts bool, reasons text[], preview text[],
     "safePreview" text[], "safeDistanceM" int, "privacyRevision" int
   )
   where walk.id = $1::uuid
   returning ${ownColumns('calories')}`,
);

export interface JudgedWalk {
  id: string;
  completedAt: Date | null;
  expectedPoints: number | null;
  segments: unknown;
  ewkt: string | null;
  calories: { petId: string; caloriesKcal: number | null }[];
  judgement: Judgement & { safePreview: string[]; safeDistanceM: number | null; privacyRevision: number };
}

/**
 * The walk as it was judged, its track and its dogs' calories: one revision, one statement.
 * @returns the walk, as its owner sees it
 */
export async function saveJudgedWalk(tx: Transaction, walk: JudgedWalk): Promise<WalkView> {
  const [saved] = await tx.rows(saveJudged, [
    walk.id,
    walk.completedAt?.toISOString() ?? null,
    walk.expectedPoints,
    JSON.stringify(walk.segments),
    walk.ewkt,
    JSON.stringify(walk.calories),
    JSON.stringify(walk.judgement),
  ]);
  return ownView(saved!);
}

const saveOverlapping = statement<never>(
  'walks_save_overlap',
  `update walks set duplicate_of_id = $2::uuid, reasons = array(select json_array_elements_text($3::json)),
     counts = json_array_length($3::json) = 0, revision = revision + 1
   where id = $1::uuid`,
);

/** What alone has changed of a judgement: which of the user's other walks it is a double of. */
export async function saveOverlap(
  tx: Transaction,
  walkId: string,
  duplicateOfId: string | null,
  reasons: readonly InvalidReason[],
): Promise<void> {
  await tx.rows(saveOverlapping, [walkId, duplicateOfId, JSON.stringify(reasons)]);
}

const fingerprintLock = statement(
  'walks_fingerprint_lock',
  `select pg_advisory_xact_lock(hashtextextended($1::text, 1))::text`,
);

/** Two accounts that complete the same track at once are judged one after the other. */
export async function lockFingerprint(db: Connection, fingerprint: string): Promise<void> {
  await db.rows(fingerprintLock, [fingerprint]);
}

const otherWalks = statement<OtherWalks>(
  'walks_other_walks',
  `select
     exists (
       select from walks
       where track_fingerprint = $6::text and user_id <> $1::uuid and state = 'completed'
         and not 'duplicate_track' = any(reasons)
     ) as "isCopy",
     (
       select id from walks
       where user_id = $1::uuid and id <> $2::uuid and state = 'completed' and counts
         and started_at < $4::timestamptz and ended_at > $3::timestamptz
         and (completed_at, id) < ($5::timestamptz, $2::uuid)
         and extract(epoch from least(ended_at, $4::timestamptz) - greatest(started_at, $3::timestamptz))
             > 0.5 * least(extract(epoch from ended_at - started_at), extract(epoch from $4::timestamptz - $3::timestamptz))
       order by completed_at, id limit 1
     ) as "duplicateOfId"`,
);

export interface OtherWalks {
  /**
   * Another account used this very track: the first one judged, as the others are marked as its copies. No time decides
   * it, since whoever copies can have started a walk before.
   */
  isCopy: boolean;
  /**
   * The walk of the same user that already counts for this time (a watch beside the phone): of two walks that overlap for
   * more than half of the shorter one, the one completed first counts.
   */
  duplicateOfId: string | null;
}

export interface AmongOthers {
  userId: string;
  walkId: string;
  startedAt: Date;
  endedAt: Date;
  completedAt: Date;
  /** Null: nobody's copy. */
  fingerprint: string | null;
}

/** What there is already that a walk may be a double of. */
export async function othersLike(db: Connection, walk: AmongOthers): Promise<OtherWalks> {
  const [others] = await db.rows(otherWalks, [
    walk.userId,
    walk.walkId,
    walk.startedAt.toISOString(),
    walk.endedAt.toISOString(),
    walk.completedAt.toISOString(),
    walk.fingerprint,
  ]);
  return others!;
}

const walksToRejudge = statement<{ id: string }>(
  'walks_to_rejudge',
  `select other.id from walks other, walks changed
   where changed.id = $1::uuid and other.user_id = changed.user_id and other.id <> changed.id and other.state = 'completed'
     and (other.duplicate_of_id = changed.id
          or (other.started_at < changed.ended_at and other.ended_at > changed.started_at))
   order by other.completed_at, other.id`,
);

/** Walks whose right to count may hang on the given one. */
export async function walksOverlapping(db: Connection, walkId: string): Promise<string[]> {
  return (await db.rows(walksToRejudge, [walkId])).map(({ id }) => id);
}
