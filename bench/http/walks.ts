import { v7 as uuidv7 } from 'uuid';
import { addDays, kstDate, kstMidnight } from '../../src/platform/clock/kst.js';
import { type Database, statement } from '../../src/platform/database/database.js';
import { chunkOf } from '../../src/modules/walks/raw-points.js';
import { streetWalk } from '../../test/builders/tracks.js';
import { chunked, wirePoints } from '../../test/builders/wire.js';
import type { LoggedIn } from '../set.js';

export const WALK_POINTS = 600;
const CHUNK_POINTS = 120;
const ROUTES = 50;
/** Nobody in the bench set walks at two in the morning: none overlaps another. */
const START_HOUR_MS = 2 * 3_600_000;
const BATCH = 100;

/** `abandoned`, as one user has only one walk that is being recorded: it may be completed just as well. */
const insert = statement<never>(
  'bench_open_walks',
  `with given as materialized (
     select * from json_to_recordset($1::json) as one (
       id uuid, "userId" uuid, "petId" uuid, "startedAt" timestamptz, "walkDate" date, chunks json
     )
   ), walk as (
     insert into walks (
       id, user_id, state, source, visibility, walk_date, started_at, claimed_start_at, last_heard_at, stored_points,
       reasons, preview, safe_preview, created_at
     )
     select id, "userId", 'abandoned', 'live', 'followers', "walkDate", "startedAt", "startedAt", now(), ${WALK_POINTS},
            '{}', '{}', '{}', now()
     from given
   ), walked as (
     insert into walk_pets (walk_id, pet_id, weight_kg) select id, "petId", 8 from given
   )
   insert into walk_chunks (walk_id, content_hash, point_count, points, pauses, received_at)
   select id, decode(chunk->>'hash', 'hex'), json_array_length(chunk->'points'), chunk->'points', '[]', now()
   from given cross join json_array_elements(chunks) chunk`,
);

const reopenWalks = statement<never>(
  'bench_reopen_walks',
  `with given as materialized (
     select value::uuid as id from json_array_elements_text($1::json)
   ), track as (
     delete from walk_tracks where walk_id in (select id from given)
   ), job as (
     delete from pgboss.job where name like 'walk-completed.%'
   )
   update walks set state = 'abandoned', completed_at = null, ended_at = null, filter_version = null, revision = 0,
          counts = false, reasons = '{}', track_fingerprint = null, preview = '{}', safe_preview = '{}'
   from given where walks.id = given.id and state = 'completed'`,
);
const analyze = statement<never>('bench_analyze_walks', `analyze walks, walk_chunks, walk_pets`);
const vacuum = statement<never>('bench_vacuum', `vacuum walks, walk_tracks, walk_pets, pgboss.job`);

export interface OpenWalk extends LoggedIn {
  id: string;
}

/** So many walks of 600 points each, recorded and not completed, by turns of these people; no two on the same track. */
export async function openWalks(
  db: Database,
  people: readonly LoggedIn[],
  count: number,
): Promise<OpenWalk[]> {
  const routes = Array.from({ length: ROUTES }, (_, seed) =>
    streetWalk({ startMs: 0, km: 0.8, noiseM: 4, seed }).slice(0, WALK_POINTS),
  );
  const walks = Array.from({ length: count }, (_, n) => {
    const person = people[n % people.length]!;
    const walkDate = addDays(kstDate(new Date()), -1 - Math.floor(n / people.length));
    const startMs = kstMidnight(walkDate).getTime() + START_HOUR_MS;
    const [north, east] = [Math.floor(n / 100) * 1e-4, (n % 100) * 1e-4];
    const points = routes[n % ROUTES]!.map((point) => ({
      ...point,
      ...{ tMs: point.tMs + startMs, lat: point.lat + north, lng: point.lng + east },
    }));
    const chunks = chunked(wirePoints(points), CHUNK_POINTS).map((part) => {
      const chunk = chunkOf(part);
      return { points: chunk.points, hash: Buffer.from(chunk.contentHash).toString('hex') };
    });
    const startedAt = new Date(startMs);
    return { id: uuidv7(), ...person, walkDate, startedAt, chunks };
  });
  for (const batch of chunked(walks, BATCH)) await db.rows(insert, [JSON.stringify(batch)]);
  await db.rows(analyze, []);
  return walks.map(({ id, userId, petId, token }) => ({ id, userId, petId, token }));
}

/** As they were before they were completed. */
export async function reopen(db: Database, walks: readonly OpenWalk[]): Promise<void> {
  await db.rows(reopenWalks, [JSON.stringify(walks.map(({ id }) => id))]);
}

/** The tables as autovacuum would leave them. */
export async function settle(db: Database): Promise<void> {
  await db.rows(vacuum, []);
}
