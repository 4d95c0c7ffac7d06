/** One size of the bench set with the service on it, in this process, and what is taken back afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/config/config.js';
import { SystemClock } from '../src/platform/clock/clock.js';
import { type Connection, Database, statement, type Statement } from '../src/platform/database/database.js';
import { RAW_POINTS_KEPT_MS } from '../src/modules/walks/walks.jobs.js';
import { consentRows } from '../test/builders/consents.js';
import { median } from './figures.js';
import { benchSetInPlace, copyOfBenchSet, giveBadges, KEYS, peopleOfSet } from './set.js';

const DAY_MS = 86_400_000;
const TIMEOUT_MS = 1_800_000;
/** After so many executions of a prepared statement PostgreSQL decides whether one plan does for all values. */
const RUNS_BEFORE_DECISION = 5;

export interface Side {
  times: number;
  app: NestFastifyApplication;
  db: Database;
  clock: MovedClock;
  people: string[];
  /** For each of the people, the walk that was recorded last: not part of the set. */
  walkIds: string[];
  facts: Record<string, number>;
}

/** The time of day, or some days before. */
class MovedClock extends SystemClock {
  laterMs = 0;

  override nowMs(): number {
    return super.nowMs() + this.laterMs;
  }
}

/** The smallest set is copied; the others are 27 GB and more, and used as they lie there. */
export async function withSides(
  sizes: readonly number[],
  people: number,
  work: (sides: Side[]) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'withbowwow-growth-'));
  const endings: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const sides: Side[] = [];
  try {
    for (const times of sizes) {
      const set = await (times === 1 ? copyOfBenchSet(times) : benchSetInPlace(times));
      endings.unshift(() => set.drop());
      const clock = new MovedClock();
      const app = await createApp(
        loadConfig({
          ...{ NODE_ENV: 'test', ROLE: 'web', LOG_LEVEL: 'silent', DATA_DIR: folder, DATABASE_URL: set.url },
          ...KEYS,
        }),
        clock,
      );
      endings.unshift(() => app.close());
      const db = app.get(Database);
      const side = {
        ...{ times, app, db, clock, people: await peopleOfSet(db, times, people) },
        ...{ walkIds: [], facts: {} },
      };
      endings.unshift(() => takeBack(side));
      await takeBack(side); // of a run that was killed
      await db.prisma.consent.createMany({
        data: side.people.flatMap((id) => consentRows(id, clock.now())),
      });
      await giveBadges(db, side.people);
      sides.push(side);
    }
    await work(sides);
  } finally {
    for (const end of endings) await end();
  }
}

const patiently = (db: Database, query: Statement<unknown>, values: unknown[] = []) =>
  db.transaction((tx) => tx.rows(query, values), { timeoutMs: TIMEOUT_MS });

/** Those of the set begin with 00000002, those of today do not. */
const removeWalks = statement(
  'growth_remove_walks',
  `delete from walks where id > '00000003-0000-0000-0000-000000000000'`,
);
const takenBack = [
  `truncate walk_chunks, recommendations`,
  `delete from pgboss.job`,
  `update walks set raw_purged_at = null where raw_purged_at is not null`,
  `delete from location_uses`,
  `delete from consents`,
  `delete from user_badges`,
].map((sql, i) => statement(`growth_taken_back_${i}`, sql));

/** The walks recorded for the measurement go. */
export async function removeRecorded(side: Side): Promise<void> {
  await patiently(side.db, removeWalks);
}

/** The set has none of these rows. Boards stay as they were taken last. */
async function takeBack(side: Side): Promise<void> {
  await removeRecorded(side);
  for (const query of takenBack) await patiently(side.db, query);
}

const firstCompleted = statement<{ at: Date }>(
  'growth_first_completed',
  `select min(completed_at) as at from walks where raw_purged_at is null and completed_at is not null`,
);
const copyChunks = statement<{ walks: number }>(
  'growth_copy_chunks',
  `with written as (
     insert into walk_chunks (walk_id, content_hash, point_count, points, pauses, received_at)
     select walk.id, content_hash, point_count, points, pauses, walk.completed_at
     from walks walk cross join (select * from walk_chunks where walk_id = $1::uuid) one
     where walk.raw_purged_at is null and walk.completed_at < $2::timestamptz
     returning walk_id
   )
   select count(distinct walk_id)::int as walks from written`,
);

/** Raw points for the first days of the set, those of a walk just recorded. When these days begin. */
export async function giveRawPoints(side: Side, days: number): Promise<Date> {
  const { at } = (await side.db.rows(firstCompleted, []))[0]!;
  const until = new Date(at.getTime() + days * DAY_MS).toISOString();
  const [written] = (await patiently(side.db, copyChunks, [side.walkIds[0], until])) as { walks: number }[];
  side.facts['walks whose points are purged in a night'] = Math.round(written!.walks / days);
  return at;
}

/** It is the night in which the points of this day are due. */
export function setNight(side: Side, day: Date, number: number): void {
  side.clock.laterMs = day.getTime() + number * DAY_MS + RAW_POINTS_KEPT_MS - Date.now();
}

/**
 * What one statement reads, by different viewers: pages of 8 kB out of PostgreSQL's cache or from below it. As the
 * service's connections run it: prepared, with the plan that PostgreSQL comes to after some runs.
 */
export async function pagesRead(
  side: Side,
  viewers: number,
  ask: (db: Connection, i: number) => Promise<unknown>,
): Promise<{ pages: number; plan: string }> {
  const client = await side.db.pool.connect();
  try {
    const pages: number[] = [];
    let plan = '';
    for (let i = 0; i < viewers; i++) {
      const { text, values } = await askedBy(side.db, (db) => ask(db, i));
      if (i === 0) await client.query(`prepare growth as ${text}`);
      const literals = values.map((value) =>
        value === null ? 'null' : client.escapeLiteral(String(value as string | number)),
      );
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain (analyze, buffers, costs off) execute growth (${literals.join(', ')})`,
      );
      plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      const [, hit = '0', read = '0'] = /Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?/.exec(plan) ?? [];
      if (i >= RUNS_BEFORE_DECISION) pages.push(Number(hit) + Number(read));
    }
    await client.query('deallocate growth');
    return { pages: median(pages), plan };
  } finally {
    client.release();
  }
}

async function askedBy(db: Database, ask: (db: Connection) => Promise<unknown>) {
  const asked: { text: string; values: readonly unknown[] }[] = [];
  await ask({
    prisma: db.prisma,
    rows: ({ text }, values) => {
      asked.push({ text, values });
      return Promise.resolve([]);
    },
  });
  return asked[0]!;
}

const sizes = statement<{ name: string; value: number }>(
  'growth_sizes',
  `select 'database, MB' as name, (pg_database_size(current_database()) / 1048576)::int as value
   union all select 'people', count(*)::int from users
   union all select 'people of a dong, median', (
     select percentile_cont(0.5) within group (order by n)::int from (
       select (select count(*) from users where region_code = me.region_code) as n
       from users me where id = any (array(select json_array_elements_text($1::json)::uuid))
     ) each_one)
   union all select 'members of a gu board, median', (
     select percentile_cont(0.5) within group (order by members)::int
     from ranking_boards join ranking_snapshots snapshot on snapshot.id = snapshot_id
     where is_current and closed_at is null and period = 'week' and scope = 'gu' and metric = 'distance')
   union all select 'people hidden from boards', count(*)::int from users
     where suspended_at is not null or deletion_requested_at is not null or ranking_opted_out_at is not null`,
);
const storage = statement<{ name: string; rows: number; bytes: number; indexBytes: number }>(
  'growth_storage',
  `select relname as name, reltuples::float8 as rows, pg_total_relation_size(oid)::float8 as bytes,
          pg_indexes_size(oid)::float8 as "indexBytes"
   from pg_class
   where relkind = 'r' and relnamespace = 'public'::regnamespace and reltuples >= 1000
   order by 3 desc`,
);

/** What is dense, and what lies where. */
export async function measureSet(side: Side) {
  for (const { name, value } of await side.db.rows(sizes, [JSON.stringify(side.people)]))
    side.facts[name] = value;
  return side.db.rows(storage, []);
}
