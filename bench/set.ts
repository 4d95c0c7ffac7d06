/**
 * The bench set: a neighbourhood of 20,000 people (or ten times as many) on a PostgreSQL server. It is made once a day
 * under a name of its own, kept there, and copied for each run.
 */
import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { loadConfig } from '../src/config/config.js';
import { seedDefinitions } from '../src/modules/badges/badges.queries.js';
import { refreshBoards } from '../src/modules/rankings/rankings.queries.js';
import { encodePreview } from '../src/modules/walks/track/index.js';
import { AccessTokens } from '../src/platform/auth/access-tokens.js';
import { SystemClock } from '../src/platform/clock/clock.js';
import { kstDate } from '../src/platform/clock/kst.js';
import { Database, statement, type Statement } from '../src/platform/database/database.js';
import { ewktOfPath, geographyFromEwkt } from '../src/platform/database/geo.sql.js';
import { migrate } from '../src/platform/database/migrations.js';
import { latestSlot } from '../src/platform/queue/schedule.js';
import { schedule } from '../src/schedule.js';
import { consentRows } from '../test/builders/consents.js';
import { fillPlaces } from '../test/builders/places.js';
import { generate } from '../test/builders/population.js';
import { streetWalk } from '../test/builders/tracks.js';
import { databaseUrl, onAdminConnection } from '../test/support/lane.js';

const BASE = { users: 20_000, walks: 300_000, places: 30_000 };
const FOLLOWS_EACH = 50;
const ROUTES = 500;
const ROUTE_POINTS = 100;
/** Walks that are written in one transaction with their tracks. */
const BATCH = 100_000;
const TIMEOUT_MS = 1_800_000;
const SECRET = 'a-secret-of-more-than-thirty-two-characters';

/** Part of the environment of every measured process: tokens of `logIn` are good there. */
export const KEYS = { JWT_SECRET_KEY: SECRET, ENCRYPTION_KEY: SECRET };

/** PostgreSQL that a database may be made on. @throws Error when DATABASE_URL is not set */
export function serverUrl(): string {
  const { DATABASE_URL: url } = process.env;
  if (!url) throw new Error('DATABASE_URL is needed: a PostgreSQL server on which databases may be made');
  return url;
}

/** A uuid of the set: of user 1, walk 2 or pet 3 number `i`. */
const id = (kind: number, i: string) =>
  `('0000000${kind}-0000-7000-8000-' || lpad(to_hex(${i}), 12, '0'))::uuid`;
export const idOf = (kind: 1 | 2 | 3, i: number): string =>
  `0000000${kind}-0000-7000-8000-${i.toString(16).padStart(12, '0')}`;

/** The rows are right by their making: a foreign key checked for each would be half of the time. */
const unchecked = statement('bench_unchecked', `set local session_replication_role = replica`);

const follows = statement(
  'bench_follows',
  `insert into follows (follower_id, followee_id, created_at)
   select ${id(1, 'i % $1::int8')}, ${id(1, '(i * 7919 + i / $1::int8 * 131) % $1::int8')}, now() - interval '30 days'
   from generate_series(0, $1::int8 * ${FOLLOWS_EACH} - 1) i
   where i % $1::int8 <> (i * 7919 + i / $1::int8 * 131) % $1::int8
   on conflict do nothing`,
);
const pets = statement(
  'bench_pets',
  `insert into pets (id, user_id, name, breed, weight_kg, created_at)
   select ${id(3, 'i')}, ${id(1, 'i')}, '보리', (array['말티즈', '푸들', '진돗개', '믹스', '비숑'])[1 + i % 5], 4 + i % 20, now() - interval '1 year'
   from generate_series(0, $1::int8 - 1) i`,
);
const walkPets = statement(
  'bench_walk_pets',
  `insert into walk_pets (walk_id, pet_id, weight_kg)
   select walks.id, ('00000003' || substr(user_id::text, 9))::uuid, 8 from walks`,
);
const likes = statement(
  'bench_likes',
  `insert into walk_likes (walk_id, user_id, created_at)
   select ${id(2, 'i')}, ${id(1, '(i * 6151 + 77) % $1::int8')}, now() - interval '1 day'
   from generate_series(0, $2::int8 - 1) i
   on conflict do nothing`,
);
const routes = statement(
  'bench_routes',
  `create unlogged table bench_routes as
   select n::int, route->'segments' as segments, ${geographyFromEwkt("route->>'path'")} as path
   from json_array_elements($1::json) with ordinality as given (route, n)`,
);
const tracks = statement(
  'bench_tracks',
  `insert into walk_tracks (walk_id, segments, path)
   select ${id(2, 'i')}, segments, path
   from generate_series($1::int8, $2::int8) i join bench_routes on n = 1 + i % ${ROUTES}`,
);
/** The cells of a route in which 90 s were spent, as a walk's places are. */
const places = statement(
  'bench_walk_places',
  `with route as materialized (
     select n, array(select cell from visited_places(path) where seconds >= 90 order by cell) as cells from bench_routes
   )
   insert into walk_places (walk_id, user_id, cells)
   select walks.id, walks.user_id, cells
   from walks join route on n = 1 + ('x' || right(walks.id::text, 8))::bit(32)::int % ${ROUTES}
   where walks.state = 'completed' and walks.counts`,
);
const badges = statement(
  'bench_badges',
  `insert into user_badges (user_id, code, year, earned_at, walk_ids)
   select person::uuid, code, case when yearly then extract(year from now())::int else 0 end, now() - interval '60 days', '{}'
   from json_array_elements_text($1::json) person cross join badge_definitions
   on conflict do nothing`,
);
const nextAtHome = statement<{ id: string }>(
  'bench_next_at_home',
  `select person.id from json_array_elements_text($1::json) as near (id)
   cross join lateral (
     select id from users
     where id >= near.id::uuid and region_code is not null
       and suspended_at is null and deletion_requested_at is null and ranking_opted_out_at is null
     order by id limit 1
   ) person`,
);
const dropRoutes = statement('bench_drop_routes', `drop table bench_routes`);
const dropTrackIndex = statement('bench_drop_track_index', `drop index walk_tracks_path_idx`);
const makeTrackIndex = statement(
  'bench_make_track_index',
  `create index walk_tracks_path_idx on walk_tracks using gist (path)`,
);
const PERIODS = ['week', 'month', 'all', 'quarter'] as const;

/** The bench set with so many times the people, walks and places; made when it is not there yet. Its database's name. */
export async function benchSet(times: number): Promise<string> {
  const server = serverUrl();
  const name = `withbowwow_set_${times}_${kstDate(new Date()).replaceAll('-', '')}`;
  const { rows: sets } = await onAdminConnection(
    server,
    `select datname from pg_database where datname like 'withbowwow\\_set\\_${times}\\_%'`,
  );
  for (const { datname } of sets as { datname: string }[]) {
    if (datname === name) {
      await withDatabase(databaseUrl(server, name), migrate);
      return name;
    }
    await onAdminConnection(server, `drop database ${datname} with (force)`);
  }
  process.stderr.write(`The bench set × ${times} is being made…\n`);
  const unfinished = `withbowwow_unfinished_${times}`;
  await onAdminConnection(server, `drop database if exists ${unfinished} with (force)`);
  await onAdminConnection(server, `create database ${unfinished}`);
  await withDatabase(databaseUrl(server, unfinished), async (db) => {
    await migrate(db);
    await fill(db, times);
  });
  // As autovacuum would have left it: the first to read a page after it was written pays for its hint bits.
  await onAdminConnection(databaseUrl(server, unfinished), `vacuum analyze`);
  await onAdminConnection(server, `alter database ${unfinished} rename to ${name}`);
  return name;
}

async function withDatabase(url: string, work: (db: Database) => Promise<unknown>): Promise<void> {
  const db = Database.server(url, 2, () => {});
  await work(db);
  await db.close();
}

async function fill(db: Database, times: number): Promise<void> {
  const now = new Date();
  const size = { users: BASE.users * times, walks: BASE.walks * times };
  const drawn = Array.from({ length: ROUTES }, (_, seed) => {
    const points = streetWalk({
      startMs: now.getTime() - 86_400_000,
      km: 1.2,
      intervalS: 10,
      seed,
      noiseM: 3,
    });
    return points.slice(0, ROUTE_POINTS);
  });
  await generate(db, { ...size, previews: drawn.flatMap((points) => encodePreview([points])) }, now);
  const write = (query: Statement<unknown>, values: unknown[]) =>
    db.transaction(
      async (tx) => {
        await tx.rows(unchecked, []);
        await tx.rows(query, values);
      },
      { timeoutMs: TIMEOUT_MS },
    );
  await write(pets, [size.users]);
  await write(walkPets, []);
  await write(follows, [size.users]);
  await write(likes, [size.users, size.walks]);
  await db.rows(routes, [
    JSON.stringify(
      drawn.map((points) => ({
        segments: [points.map(({ tMs, lat, lng }) => [tMs, lat, lng, null])],
        path: ewktOfPath([points]),
      })),
    ),
  ]);
  await write(dropTrackIndex, []);
  for (let first = 0; first < size.walks; first += BATCH)
    await write(tracks, [first, Math.min(first + BATCH, size.walks) - 1]);
  await write(makeTrackIndex, []);
  await write(places, []);
  await write(dropRoutes, []);
  await db.transaction((tx) => fillPlaces(tx, BASE.places * times), { timeoutMs: TIMEOUT_MS });
  for (const period of PERIODS) {
    await db.transaction((tx) => refreshBoards(tx, period, { now, appliedUntil: null }), {
      timeoutMs: TIMEOUT_MS,
    });
  }
  await nothingMissed(db, now);
}

/** A process that starts finds neither slots to make up for nor badges to look for in old walks. */
async function nothingMissed(db: Database, now: Date): Promise<void> {
  await db.transaction((tx) => seedDefinitions(tx, now));
  await db.prisma.scheduleRun.createMany({
    data: schedule.map(({ job, cron }) => ({ name: job.name, slotAt: latestSlot(cron, now) })),
  });
}

export interface BenchDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A copy of the set for one run. */
export async function copyOfBenchSet(times: number): Promise<BenchDatabase> {
  const server = serverUrl();
  const name = `withbowwow_bench_${randomUUID().replaceAll('-', '')}`;
  await onAdminConnection(
    server,
    `create database ${name} template ${await benchSet(times)} strategy file_copy`,
  );
  return {
    url: databaseUrl(server, name),
    drop: async () => {
      await onAdminConnection(server, `drop database if exists ${name} with (force)`);
    },
  };
}

/** The set itself, for one that is too large to copy: whoever writes into it takes back what matters. */
export async function benchSetInPlace(times: number): Promise<BenchDatabase> {
  return { url: databaseUrl(serverUrl(), await benchSet(times)), drop: async () => {} };
}

/** So many people of the set who live somewhere and are on boards, evenly from those who walk most to those who hardly do. */
export async function peopleOfSet(db: Database, times: number, count: number): Promise<string[]> {
  const apart = (BASE.users * times) / count;
  const ids = Array.from({ length: count }, (_, i) => idOf(1, Math.floor(i * apart)));
  return (await db.rows(nextAtHome, [JSON.stringify(ids)])).map(({ id: userId }) => userId);
}

/** All badges, so that a review finds as little news as with somebody who has used the app for long. */
export const giveBadges = (db: Database, userIds: readonly string[]) =>
  db.rows(badges, [JSON.stringify(userIds)]);

export interface LoggedIn {
  userId: string;
  petId: string;
  token: string;
}

/** So many people of the set who live somewhere, with a session each and all badges: news of those would be rare. */
export async function logIn(db: Database, count: number): Promise<LoggedIn[]> {
  const now = new Date();
  const tokens = new AccessTokens(loadConfig(KEYS), new SystemClock());
  const people = await db.prisma.user.findMany({
    where: {
      regionCode: { not: null },
      suspendedAt: null,
      deletionRequestedAt: null,
      rankingOptedOutAt: null,
    },
    select: { id: true },
    orderBy: { id: 'asc' },
    take: count,
  });
  const sessions = people.map(({ id: userId }) => ({ userId, id: uuidv7() }));
  await db.prisma.session.createMany({
    data: sessions.map((session) => ({
      ...{ ...session, createdAt: now, lastUsedAt: now },
      expiresAt: new Date(now.getTime() + 86_400_000),
    })),
  });
  await db.prisma.consent.createMany({ data: people.flatMap(({ id: userId }) => consentRows(userId, now)) });
  await giveBadges(
    db,
    people.map(({ id: userId }) => userId),
  );
  return sessions.map(({ userId, id: sessionId }) => ({
    userId,
    petId: `00000003${userId.slice(8)}`,
    token: tokens.issue(userId, sessionId).token,
  }));
}
