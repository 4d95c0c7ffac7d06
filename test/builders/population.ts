import { type Database, statement, type Statement } from '../../src/platform/database/database.js';

export interface Size {
  users: number;
  walks: number;
  /** Encoded routes for the walks' previews, in turn; none when empty. */
  previews?: readonly string[];
}

const DAYS = 91;
const DONGS = 250;
const BATCH = 500_000;
const TIMEOUT_MS = 900_000;

/** A uniform number in [0, 1) of row `i`, the same in each run: every column draws from a stream of its own. */
const random = (stream: number) => `((hashint8extended(i, ${stream}) & 1048575) / 1048576.0::float8)`;
const uuid = (prefix: number, i: string) =>
  `('0000000${prefix}-0000-7000-8000-' || lpad(to_hex(${i}), 12, '0'))::uuid`;

const users = statement(
  'load_users',
  `insert into users (id, nickname, region_code, privacy_seed, created_at, suspended_at, deletion_requested_at, ranking_opted_out_at)
   select ${uuid(1, 'i')}, '이웃' || i,
          case when ${random(1)} < 0.95 then
            '11' || (100 + dong / 10) || lpad(((50 + dong % 10) * 1000)::text, 5, '0')
          end,
          decode(repeat('00', 32), 'hex'), $2::timestamptz - interval '1 year',
          case when ${random(2)} < 0.001 then $2::timestamptz - interval '9 days' end,
          case when ${random(3)} < 0.004 then $2::timestamptz - interval '9 days' end,
          case when ${random(4)} < 0.015 then $2::timestamptz - interval '9 days' end
   from generate_series(0, $1::int8 - 1) i
   cross join lateral (select floor(${DONGS} * power(${random(5)}, 1.5))::int as dong) home`,
);

/** $1 users, $2 now, $3 first walk, $4 last, $5 previews. A tenth of the users walks half of the walks. */
const walks = statement(
  'load_walks',
  `insert into walks (
     id, user_id, state, source, visibility, walk_date, started_at, ended_at, completed_at, last_heard_at, created_at,
     distance_m, moving_s, elapsed_s, avg_speed_mps, counts, reasons, preview, safe_preview, privacy_revision, safe_distance_m
   )
   select ${uuid(2, 'i')}, ${uuid(1, 'walker')}, 'completed', 'live',
          (case when ${random(11)} < 0.1 then 'private' when ${random(11)} < 0.4 then 'public' else 'followers' end)::walk_visibility,
          day, started_at, ended_at, completed_at, completed_at, started_at,
          distance_m, moving_s, moving_s + 60, 1.2, distance_m >= 500,
          case when distance_m >= 500 then '{}' else array['too_short'] end, drawn, drawn, 0, distance_m / 100 * 100
   from generate_series($3::int8, $4::int8) i
   cross join lateral (
     select array_remove(array[($5::text[])[1 + i % greatest(1, cardinality($5::text[]))]], null) as drawn
   ) route
   cross join lateral (select floor($1::int8 * power(${random(12)}, 1.5))::int8 as walker) who
   cross join lateral (
     select ($2::timestamptz at time zone 'Asia/Seoul')::date - 1 - floor(${DAYS} * ${random(13)})::int as day
   ) calendar
   cross join lateral (select 400 + floor(6000 * power(${random(14)}, 2))::int as distance_m) track
   cross join lateral (
     select (distance_m / 1.2)::int as moving_s,
            (day::timestamp at time zone 'Asia/Seoul') + (6 + 15 * ${random(15)}) * interval '1 hour' as started_at
   ) begun
   cross join lateral (select started_at + (moving_s + 60) * interval '1 second' as ended_at) done
   cross join lateral (
     select least($2::timestamptz, ended_at + case when ${random(16)} < 0.01 then interval '5 days' else interval '1 minute' end)
       as completed_at
   ) told`,
);

const contributions = statement(
  'load_contributions',
  `insert into walk_contributions (walk_id, user_id, walk_date, completed_at, ranked, distance_m, moving_s)
   select id, user_id, walk_date, completed_at, visibility <> 'private', distance_m, moving_s
   from walks where state = 'completed' and counts`,
);

const totals = statement(
  'load_totals',
  `insert into user_totals (
     period, starts_on, user_id, walks, distance_m, moving_s, ranked_walks, ranked_distance_m, ranked_moving_s
   )
   select period, starts_on, user_id, count(*), sum(distance_m), sum(moving_s),
          count(*) filter (where on_boards), coalesce(sum(distance_m) filter (where on_boards), 0),
          coalesce(sum(moving_s) filter (where on_boards), 0)
   from walk_contributions
   cross join unnest(enum_range(null::total_period)) period
   cross join lateral (select period_start(period, walk_date) as starts_on) begun
   cross join lateral (select ranked and completed_at < period_closes_at(period, starts_on) as on_boards) shown
   group by period, starts_on, user_id`,
);

/** The rows are right by their making: a foreign key checked for each would be half of the time. */
const settings = [
  statement('load_without_triggers', `set local session_replication_role = replica`),
  statement('load_memory', `set local work_mem = '256MB'`),
];
const lastPublicWalks = statement(
  'load_last_public_walks',
  `update users set last_completed_at = newest.completed_at
   from (select user_id, max(completed_at) as completed_at from walks where visibility = 'public' group by user_id) newest
   where newest.user_id = users.id`,
);

const analyze = statement('load_analyze', 'analyze users, walks, walk_contributions, user_totals');

/**
 * A quarter of a year of walks up to `now`, written by set-based SQL: 250 dongs in 25 gus, few who walk much and many who
 * walk little, some walks that do not count, are private or come late, and some users who are on no board.
 */
export async function generate(db: Database, size: Size, now: Date): Promise<void> {
  const at = now.toISOString();
  const run = (...statements: [Statement<unknown>, unknown[]][]) =>
    db.transaction(
      async (tx) => {
        for (const setting of settings) await tx.rows(setting, []);
        for (const [query, values] of statements) await tx.rows(query, values);
      },
      { timeoutMs: TIMEOUT_MS },
    );
  await run([users, [size.users, at]]);
  for (let first = 0; first < size.walks; first += BATCH)
    await run([walks, [size.users, at, first, Math.min(first + BATCH, size.walks) - 1, size.previews ?? []]]);
  await run([contributions, []]);
  await run([totals, []], [lastPublicWalks, []], [analyze, []]);
}
