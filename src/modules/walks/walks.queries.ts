import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import type { WalkSource, WalkState, WalkVisibility } from '../../generated/prisma/enums.js';
import type { Position } from '../../platform/http/pagination.js';
import type { InvalidReason } from './track/index.js';
import { isShown, isWalkVisibleTo } from '../users/index.js';

const storeChunkWhileRecording = statement<{ state: WalkState; storedPoints: number }>(
  'walks_store_chunk',
  `with walk as (
     select id from walks
     where id = $1::uuid and user_id = $2::uuid and state in ('recording', 'abandoned')
       and last_heard_at > $8::timestamptz and stored_points + $4::int <= $9::int
     for no key update
   ), chunk as (
     insert into walk_chunks (walk_id, content_hash, point_count, points, pauses, received_at)
     select id, decode($3::text, 'hex'), $4::int, $5::json, $6::json, $7::timestamptz from walk
     on conflict do nothing
     returning point_count
   )
   update walks
   set stored_points = stored_points + coalesce((select point_count from chunk), 0), last_heard_at = $7::timestamptz
   where id = (select id from walk)
   returning state::text as state, stored_points as "storedPoints"`,
);

export interface ChunkRow {
  walkId: string;
  userId: string;
  contentHash: Uint8Array;
  points: unknown[];
  pauses: unknown[];
  receivedAt: Date;
}

/**
 * The one statement of the hot path: stores a chunk (once, however often it is sent) of a walk that is not
 * completed. Null when there is no such walk of this user, it was not heard of since the limit, or it is full.
 */
export async function storeChunk(
  db: Connection,
  chunk: ChunkRow,
  limits: { heardSince: Date; maxPoints: number },
) {
  const [row] = await db.rows(storeChunkWhileRecording, [
    chunk.walkId,
    chunk.userId,
    Buffer.from(chunk.contentHash).toString('hex'),
    chunk.points.length,
    JSON.stringify(chunk.points),
    JSON.stringify(chunk.pauses),
    chunk.receivedAt.toISOString(),
    limits.heardSince.toISOString(),
    limits.maxPoints,
  ]);
  return row ?? null;
}

const insertChunkOfWalk = statement(
  'walks_insert_chunk',
  `insert into walk_chunks (walk_id, content_hash, point_count, points, pauses, received_at)
   values ($1::uuid, decode($2::text, 'hex'), $3::int, $4::json, $5::json, $6::timestamptz)`,
);

/** Under the walk's lock: the caller knows that it is new and that the walk takes it. */
export async function insertChunk(db: Connection, chunk: Omit<ChunkRow, 'userId'>): Promise<void> {
  await db.rows(insertChunkOfWalk, [
    chunk.walkId,
    Buffer.from(chunk.contentHash).toString('hex'),
    chunk.points.length,
    JSON.stringify(chunk.points),
    JSON.stringify(chunk.pauses),
    chunk.receivedAt.toISOString(),
  ]);
}

const newWalk = statement<{ made: number }>(
  'walks_create',
  `with made as (
     insert into walks (
       id, user_id, source, state, visibility, title, claimed_start_at, started_at, walk_date, last_heard_at, created_at,
       reasons, preview, safe_preview
     )
     select $1::uuid, $2::uuid, $3::text::walk_source, $4::text::walk_state,
            coalesce($5::text::walk_visibility, default_walk_visibility), $6::text, $7::timestamptz, $8::timestamptz,
            $9::date, $10::timestamptz, $10::timestamptz, '{}', '{}', '{}'
     from users where id = $2::uuid
     on conflict do nothing
     returning id
   ), walked as (
     insert into walk_pets (walk_id, pet_id, weight_kg)
     select made.id, pet.id, pet."weightKg"
     from made cross join json_to_recordset($11::json) as pet (id uuid, "weightKg" numeric)
   )
   select count(*)::int as made from made`,
);

export interface WalkToCreate {
  id: string;
  userId: string;
  source: WalkSource;
  state: WalkState;
  /** The user's default when there is none. */
  visibility?: WalkVisibility;
  title?: string;
  claimedStartAt: Date | null;
  startedAt: Date;
  /** KST. */
  walkDate: string;
  pets: { id: string; weightKg: number | null }[];
}

/** @returns false when the id exists already, or another walk is being recorded */
export async function createWalk(tx: Transaction, walk: WalkToCreate, now: Date): Promise<boolean> {
  const [row] = await tx.rows(newWalk, [
    walk.id,
    walk.userId,
    walk.source,
    walk.state,
    walk.visibility ?? null,
    walk.title ?? null,
    walk.claimedStartAt?.toISOString() ?? null,
    walk.startedAt.toISOString(),
    walk.walkDate,
    now.toISOString(),
    JSON.stringify(walk.pets),
  ]);
  return row!.made > 0;
}

const isWalk = statement<{ found: boolean }>(
  'walks_is_there',
  `select exists (select from walks where id = $1::uuid) as found`,
);

/** Whoever's it is. */
export async function isWalkThere(db: Connection, walkId: string): Promise<boolean> {
  return (await db.rows(isWalk, [walkId]))[0]!.found;
}

const LOCKED = `walks.id, user_id as "userId", state::text as state, stored_points as "storedPoints",
          expected_points as "expectedPoints", completed_at as "completedAt", last_heard_at as "lastHeardAt",
          raw_purged_at as "rawPurgedAt"`;
const lockWalk = statement<LockedWalk>(
  'walks_lock',
  `select ${LOCKED} from walks where id = $1::uuid for no key update`,
);
const lockWithWalker = statement<LockedWalk>(
  'walks_lock_with_walker',
  `select ${LOCKED} from walks join users walker on walker.id = user_id
   where walks.id = $1::uuid and user_id = $2::uuid for no key update`,
);

export interface LockedWalk {
  id: string;
  userId: string;
  state: WalkState;
  storedPoints: number;
  expectedPoints: number | null;
  completedAt: Date | null;
  lastHeardAt: Date;
  rawPurgedAt: Date | null;
}

/** Whoever changes a walk does so alone, until the transaction ends. Not scoped: the caller judges the owner. */
export async function lockWalkRow(db: Connection, walkId: string): Promise<LockedWalk | null> {
  const [row] = await db.rows(lockWalk, [walkId]);
  return row ?? null;
}

/** The same, and behind it `lockUser` of its walker, in one statement. Null when the walk is somebody else's. */
export async function lockWalkAndWalker(
  tx: Transaction,
  walkId: string,
  userId: string,
): Promise<LockedWalk | null> {
  const [row] = await tx.rows(lockWithWalker, [walkId, userId]);
  return row ?? null;
}

const expect = statement<never>(
  'walks_expect_points',
  `update walks set expected_points = $2::int, awaiting_points = true where id = $1::uuid`,
);

/** What a phone says late that it recorded. Not scoped: the caller holds the walk. */
export async function expectPoints(tx: Transaction, walkId: string, expectedPoints: number): Promise<void> {
  await tx.rows(expect, [walkId, expectedPoints]);
}

const ownWalk = `
  select id, state::text as state, started_at as "startedAt", ${isShown('walks')} as "isShown"
  from walks where id = $1::uuid and user_id = $2::uuid and state <> 'deleted'`;
const findOwn = statement<OwnWalk>('walks_find_own', ownWalk);
const lockOwn = statement<OwnWalk>('walks_lock_own', `${ownWalk} for no key update`);

interface OwnWalk {
  id: string;
  state: WalkState;
  startedAt: Date;
  /** Whether others may see it at all; who of them is asked elsewhere. */
  isShown: boolean;
}

/** Null when the user has no such walk, or has deleted it. */
export async function findOwnWalk(db: Connection, userId: string, walkId: string): Promise<OwnWalk | null> {
  const [walk] = await db.rows(findOwn, [walkId, userId]);
  return walk ?? null;
}

/** The same, held until the transaction ends: of two that add something to a walk, one sees the other's. */
export async function lockOwnWalk(tx: Transaction, userId: string, walkId: string): Promise<OwnWalk | null> {
  const [walk] = await tx.rows(lockOwn, [walkId, userId]);
  return walk ?? null;
}

const versionOfShown = statement<ShownVersion>(
  'walks_version_of_shown',
  `select walk.revision, walker.privacy_revision as "privacyRevision",
          (select coalesce(json_agg(name order by pet_id), '[]')
           from walk_pets join pets on pets.id = pet_id where walk_id = walk.id) as "petNames"
   from walks walk join users walker on walker.id = walk.user_id
   where walk.id = $1::uuid and walk.state = 'completed'`,
);

interface ShownVersion {
  revision: number;
  privacyRevision: number;
  petNames: string[];
}

/** All that what others are shown of a completed walk depends on, without its track. */
export async function shownVersionOf(db: Connection, walkId: string): Promise<ShownVersion | null> {
  const [version] = await db.rows(versionOfShown, [walkId]);
  return version ?? null;
}

const visibleWalk = statement<{ userId: string }>(
  'walks_visible',
  `select walk.user_id as "userId" from walks walk join users walker on walker.id = walk.user_id
   where walk.id = $2::uuid and ${isWalkVisibleTo('walk', 'walker', '$1::uuid')}`,
);

/** The walker of a walk that the viewer may see; null when there is no such walk. */
export async function walkerOfVisible(
  db: Connection,
  viewerId: string,
  walkId: string,
): Promise<string | null> {
  const [walk] = await db.rows(visibleWalk, [viewerId, walkId]);
  return walk?.userId ?? null;
}

const pageOfMine = statement<WalkRow>(
  'walks_mine',
  `select id, state::text as state, source::text as source, visibility::text as visibility, title,
          walk_date::text as "walkDate", started_at as "startedAt", ended_at as "endedAt",
          distance_m as "distanceM", moving_s as "movingS", elapsed_s as "elapsedS", counts,
          coalesce(to_json(reasons), '[]') as reasons, coalesce(to_json(preview), '[]') as preview,
          (select coalesce(json_agg(pet_id order by pet_id), '[]') from walk_pets where walk_id = walks.id) as "petIds"
   from walks
   where user_id = $1::uuid and state <> 'deleted'
     and ($2::timestamptz is null or (started_at, id) < ($2::timestamptz, $3::uuid))
   order by started_at desc, id desc
   limit $4::int`,
);

export interface WalkRow {
  id: string;
  state: WalkState;
  source: WalkSource;
  visibility: WalkVisibility;
  title: string | null;
  walkDate: string;
  startedAt: Date;
  endedAt: Date | null;
  distanceM: number;
  movingS: number;
  elapsedS: number;
  counts: boolean;
  reasons: InvalidReason[];
  preview: string[];
  petIds: string[];
}

/** A page of the user's own walks, newest first; the routes stay where they are. */
export const walksOf = (
  db: Connection,
  userId: string,
  after: Position | null,
  count: number,
): Promise<WalkRow[]> =>
  db.rows(pageOfMine, [userId, after?.at.toISOString() ?? null, after?.id ?? null, count]);

const startOfWalk = statement<WalkStart>(
  'walks_start',
  `select walks.user_id as "userId", started_at as "startedAt", start_region_code as "regionCode",
          segments->0->0->>1 as lat, segments->0->0->>2 as lng
   from walks join walk_tracks on walk_tracks.walk_id = walks.id
   where walks.id = $1::uuid and state = 'completed' and json_array_length(segments) > 0`,
);

interface WalkStart {
  userId: string;
  startedAt: Date;
  regionCode: string | null;
  lat: string;
  lng: string;
}

/** Where and when a completed walk began, by its cleaned track; for the service's own look-ups, never for an answer. */
export async function startOf(db: Connection, walkId: string) {
  const [start] = await db.rows(startOfWalk, [walkId]);
  return start && { ...start, lat: Number(start.lat), lng: Number(start.lng) };
}

const totalsByBucket = statement<Bucket>(
  'walks_totals',
  `select date_trunc($5::text, walk_date::timestamp)::date::text as date,
          count(*)::int as walks, sum(distance_m)::int as "distanceM", sum(moving_s)::int as "movingS"
   from walks
   where user_id = $1::uuid and state = 'completed' and counts
     and ($2::date is null or walk_date >= $2::date) and ($3::date is null or walk_date <= $3::date)
     and ($4::uuid is null or exists (select 1 from walk_pets where walk_id = walks.id and pet_id = $4::uuid))
   group by 1 order by 1`,
);

export interface Bucket {
  date: string;
  walks: number;
  distanceM: number;
  movingS: number;
}

/** Walks that count, summed by day or month of their KST date. */
export const totalsOf = (
  db: Connection,
  of: { userId: string; from: string | null; to: string | null; petId: string | null; by: 'day' | 'month' },
): Promise<Bucket[]> => db.rows(totalsByBucket, [of.userId, of.from, of.to, of.petId, of.by]);

const RAW_OF_COMPLETED = `raw_purged_at is null and not awaiting_points and completed_at < $1::timestamptz`;
const RAW_OF_ABANDONED = `raw_purged_at is null and state = 'abandoned' and completed_at is null and last_heard_at < $1::timestamptz`;

const purgeRaw = statement<{ purged: number }>(
  'walks_purge_raw',
  `with due as materialized (
     (select id from walks where ${RAW_OF_COMPLETED} limit $3::int)
     union all
     (select id from walks where ${RAW_OF_ABANDONED} limit $3::int)
   ), purged as (
     -- Asked again under the row's lock: an abandoned walk may have been completed in between.
     update walks set raw_purged_at = $2::timestamptz
     where id in (select id from due) and ((${RAW_OF_COMPLETED}) or (${RAW_OF_ABANDONED}))
     returning id
   ), gone as (
     delete from walk_chunks where walk_id in (select id from purged)
   )
   select count(*)::int as purged from purged`,
);

/** The raw points of some walks completed, or last heard of, before. @returns of how many; 0 when none is left */
export async function purgeRawOfWalks(
  db: Connection,
  { before, now, count }: { before: Date; now: Date; count: number },
): Promise<number> {
  const [row] = await db.rows(purgeRaw, [before.toISOString(), now.toISOString(), count]);
  return row!.purged;
}
