import type { RankingMetric, RankingScope, TotalPeriod } from '../../src/generated/prisma/enums.js';
import { loadConfig } from '../../src/config/config.js';
import { type Database, statement } from '../../src/platform/database/database.js';
import { openDatabase } from '../../src/platform/database/database.module.js';
import {
  type BoardAsked,
  boardOf,
  rankedTotalOf,
  rankedWalksOf,
  refreshBoards,
  topTenChangesOf,
} from '../../src/modules/rankings/rankings.queries.js';
import {
  allGus,
  makeOfGu,
  recommendationsFor,
} from '../../src/modules/recommendations/recommendations.queries.js';
import { usersThatDiffer } from '../../src/modules/totals/totals.queries.js';
import { type OwnDatabase, ownDatabase, SERVER_URL } from '../support/lane.js';
import { plansOf } from '../support/plans.js';
import { generate } from '../builders/population.js';

/** `LOAD_SCALE=10` is 200,000 users and 3,000,000 walks on the server lane; the first figures are for every run. */
const SCALE = Number(process.env.LOAD_SCALE ?? 1);
const SIZE = SERVER_URL
  ? { users: 20_000 * SCALE, walks: 300_000 * SCALE }
  : { users: 1_000 * SCALE, walks: 15_000 * SCALE };
const BEFORE_ALL_MS = 60_000 * Math.max(1, 2 * SCALE);
/** A Friday, so that week, month and all are open, and the week has some days. */
const NOW = new Date('2026-11-20T03:00:00Z');
const PERIODS = ['week', 'month', 'all', 'quarter'] as const;
const SCOPES = ['dong', 'gu', 'nation'] as const;
const METRICS = ['distance', 'walks', 'moving_time'] as const;

let own: OwnDatabase;
let db: Database;
/** Somebody who is on every board, with a home. */
let viewers: string[];
const figures: string[] = [];
const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
  const startedAt = performance.now();
  const result = await work();
  return [result, performance.now() - startedAt];
};

beforeAll(async () => {
  own = await ownDatabase();
  db = await openDatabase(loadConfig({ NODE_ENV: 'test', ...own.env }));
  const [, ms] = await timed(() => generate(db, SIZE, NOW));
  figures.push(`generated in ${Math.round(ms / 1_000)} s`);
  viewers = (await db.rows(boardMembers, [])).map(({ id }) => id);
  await db.transaction(async (tx) => {
    await tx.rows(blocks, [viewers[0]!, BLOCKS_OF_FIRST_VIEWER, NOW.toISOString()]);
    await tx.rows(analyzeBlocks, []);
  });
}, BEFORE_ALL_MS);
afterAll(async () => {
  console.log(`${SIZE.users} users, ${SIZE.walks} walks:\n${figures.join('\n')}`);
  await db.close();
  await own.remove();
});

const boardMembers = statement<{ id: string }>(
  'load_viewers',
  `select walker.id from users walker
   join user_totals total on total.user_id = walker.id and total.period = 'week' and total.starts_on = '2026-11-16'
   where walker.region_code is not null and walker.ranking_opted_out_at is null and total.ranked_walks > 0
   order by md5(walker.id::text) limit 100`,
);
/** The first viewer blocks many; of the others everybody somebody, and is blocked by somebody. */
const BLOCKS_OF_FIRST_VIEWER = 100;
const blocks = statement(
  'load_blocks',
  `insert into blocks (blocker_id, blocked_id, created_at)
   select $1::uuid, id, $3::timestamptz from (select id from users where id <> $1::uuid order by md5(id::text) limit $2::int) chosen
   union
   select id, next, $3::timestamptz
   from (select id, lead(id, 7) over (order by md5(id::text)) as next from users) pair
   where next is not null`,
);
const analyzeBlocks = statement('load_analyze_blocks', 'analyze blocks');
const scansOfTotals = statement<{ sequential: number; byIndex: number }>(
  'load_scans',
  `select seq_scan::int as sequential, idx_scan::int as "byIndex" from pg_stat_xact_user_tables where relname = 'user_totals'`,
);
const boardSizes = statement<{ period: TotalPeriod; rows: number; final: number }>(
  'load_board_sizes',
  `select period::text as period, count(*)::int as rows, (count(*) filter (where closed_at is not null))::int as final
   from ranking_snapshots join ranking_rows on snapshot_id = id group by period order by period`,
);
const analyze = statement('load_analyze_boards', 'analyze ranking_snapshots, ranking_rows, ranking_boards');

it('generates the totals that the handler would make of these walks', async () => {
  const upTo = `00000001-0000-7000-8000-${(1_000).toString(16).padStart(12, '0')}`;
  expect(await usersThatDiffer(db, '00000000-0000-0000-0000-000000000000', upTo)).toEqual([]);
});

/** A quarter of a year at once first (what was never closed is closed), then twice as every hour. */
it.each([0, 1, 2])(
  'refreshes all periods (round %s)',
  async (round) => {
    const at = new Date(NOW.getTime() + round * 3_600_000);
    for (const period of PERIODS) {
      const [scans, ms] = await timed(() =>
        db.transaction(
          async (tx) => {
            await refreshBoards(tx, period, { now: at, appliedUntil: null });
            return (await tx.rows(scansOfTotals, []))[0]!;
          },
          { timeoutMs: 900_000 },
        ),
      );
      if (round === 0) figures.push(`first refresh, ${period}: ${Math.round(ms)} ms (with all past periods)`);
      else
        figures.push(
          `refresh ${round}, ${period}: ${Math.round(ms)} ms, ${((ms / SIZE.walks) * 100_000).toFixed(0)} ms per 100,000 walks`,
        );
      // A period's totals are one range of the primary key: other periods are not read. (The first taking, which
      // closes all periods of the past, looks for the earliest one before anything was analyzed.)
      if (round > 0 && (period === 'week' || period === 'month'))
        expect([period, scans.sequential]).toEqual([period, 0]);
    }
    await db.transaction((tx) => tx.rows(analyze, []), { timeoutMs: 60_000 });
    if (round < 2) return;
    for (const { period, rows, final } of await db.rows(boardSizes, []))
      figures.push(`rows of ${period}: ${rows}, of those ${final} final`);
    const week = await db.prisma.rankingSnapshot.findFirst({ where: { period: 'week', takenAt: at } });
    const [, ms] = await timed(() => topTenChangesOf(db, week!.id));
    figures.push(`who entered the ten best of the week: ${Math.round(ms)} ms`);
  },
  BEFORE_ALL_MS,
);

const asked = (
  viewerId: string,
  period: TotalPeriod,
  scope: RankingScope,
  metric: RankingMetric,
): BoardAsked => ({
  ...{ viewerId, period, scope, metric, date: '2026-11-20', after: null, count: 21 },
});

it('shows every scope and metric, page and own place, without going over a table', async () => {
  for (const scope of SCOPES) {
    for (const metric of METRICS) {
      for (const period of ['week', 'month', 'all'] as const) {
        const first = asked(viewers[0]!, period, scope, metric);
        const page = await boardOf(db, first);
        expect(page).toMatchObject({ rank: expect.any(Number), snapshotId: expect.any(Number) });
        const { value, userId } = page.items.at(-1)!;
        const after = { snapshotId: page.snapshotId!, value, userId };
        for (const plan of [
          ...(await plansOf(db, (connection) => boardOf(connection, first))),
          ...(await plansOf(db, (connection) => boardOf(connection, { ...first, after }))),
        ]) {
          const wrong = plan.scans.filter((scan) =>
            /^Seq Scan (walks|walk_contributions|ranking_rows|user_totals|blocks)/.test(scan),
          );
          expect([scope, metric, period, wrong]).toEqual([scope, metric, period, []]);
          expect(plan.scans.join()).toContain(`ranking_rows_${scope}`);
        }
      }
    }
  }
});

it('explains a rank from the walks of one user', async () => {
  const why = { viewerId: viewers[0]!, date: '2026-11-20', metric: 'distance' } as const;
  for (const period of ['week', 'all'] as const) {
    for (const ask of [
      (connection: Parameters<typeof boardOf>[0]) => rankedWalksOf(connection, { ...why, period }, null, 21),
      (connection: Parameters<typeof boardOf>[0]) => rankedTotalOf(connection, { ...why, period }),
    ]) {
      for (const { scans } of await plansOf(db, ask)) expect(scans.join()).not.toContain('Seq Scan walks');
    }
  }
});

it('answers pages', async () => {
  for (const scope of SCOPES) {
    for (const metric of ['distance', 'walks'] as const) {
      const times: number[] = [];
      for (const viewer of viewers) {
        const first = asked(viewer, 'week', scope, metric);
        const [page, ms] = await timed(() => boardOf(db, first));
        times.push(ms);
        const { value, userId } = page.items.at(-1)!;
        const [, more] = await timed(() =>
          boardOf(db, { ...first, after: { snapshotId: page.snapshotId!, value, userId } }),
        );
        times.push(more);
      }
      times.sort((a, b) => a - b);
      figures.push(
        `page of ${scope} by ${metric}: median ${times[times.length >> 1]!.toFixed(1)} ms, 95 % ${times[Math.floor(times.length * 0.95)]!.toFixed(1)} ms`,
      );
    }
  }
});

const insertDogs = statement(
  'load_dogs',
  `insert into pets (id, user_id, name, breed, weight_kg, temperament, created_at)
   select gen_random_uuid(), id, '콩이', '견종' || abs(hashtext(id::text)) % 40, 2 + abs(hashtext(id::text)) % 30, '{}', $1::timestamptz
   from users`,
);
/** A tenth of the users follow a seventh of their dong, and everybody blocks somebody. */
const insertTies = statement(
  'load_ties',
  `with follow as (
     insert into follows (follower_id, followee_id, created_at)
     select one.id, other.id, $1::timestamptz
     from users one join users other on other.region_code = one.region_code and other.id <> one.id
     where hashtext(one.id::text) % 10 = 0 and hashtext(other.id::text) % 7 = 0
   )
   insert into blocks (blocker_id, blocked_id, created_at)
   select distinct on (one.id) one.id, other.id, $1::timestamptz
   from users one join users other on other.region_code = one.region_code and other.id <> one.id
   where hashtext(other.id::text) % 31 = 0
   order by one.id, other.id`,
);
const analyzeTies = statement('load_analyze_ties', 'analyze pets, follows, blocks, recommendations');
const walkersOfGu = statement<{ users: number }>(
  'load_gu_size',
  `select count(*)::int as users from users where left(region_code, 5) = $1::text`,
);
const recommended = statement<{ rows: number; most: number }>(
  'load_recommended',
  `select sum(kept)::int as rows, max(kept)::int as most
   from (select count(*) as kept from recommendations group by user_id) each_user`,
);

it(
  'recommends to everybody, gu by gu',
  async () => {
    const at = NOW.toISOString();
    await db.transaction(
      async (tx) => {
        for (const insert of [insertDogs, insertTies]) await tx.rows(insert, [at]);
        await tx.rows(analyzeTies, []);
      },
      { timeoutMs: 600_000 },
    );
    const asOf = { now: NOW, walkedAfter: '2026-09-21' };
    let [kept, all, longest] = [0, 0, { ms: 0, guCode: '' }];
    for (const guCode of await allGus(db)) {
      const [rows, ms] = await timed(() =>
        db.transaction((tx) => makeOfGu(tx, guCode, asOf), { timeoutMs: 600_000 }),
      );
      kept += rows;
      all += ms;
      if (ms > longest.ms) longest = { ms, guCode };
    }
    const { users } = (await db.rows(walkersOfGu, [longest.guCode]))[0]!;
    figures.push(
      `recommendations: ${(all / 1_000).toFixed(1)} s for all, ${kept} rows; the largest gu of ${users}: ${Math.round(longest.ms)} ms`,
    );
    expect((await db.rows(recommended, []))[0]).toMatchObject({ rows: kept, most: 50 });
    await db.transaction((tx) => tx.rows(analyzeTies, []), { timeoutMs: 60_000 });
  },
  BEFORE_ALL_MS * 3,
);

it('reads recommendations by index', async () => {
  const ask = (after: { score: number; id: string } | null) => (connection: Parameters<typeof boardOf>[0]) =>
    recommendationsFor(connection, viewers[0]!, after, 21);
  const [first] = await ask(null)(db);
  for (const after of [null, first!]) {
    for (const { scans } of await plansOf(db, ask(after))) {
      // Of the few rows of one user: in order, or sorted.
      expect(scans.join()).toMatch(/recommendations_(user_id_score_recommended_id_idx|pkey)/);
      expect(scans.filter((scan) => /^Seq Scan (recommendations|users|pets|walks)/.test(scan))).toEqual([]);
    }
  }
  const times: number[] = [];
  for (const viewer of viewers) times.push((await timed(() => recommendationsFor(db, viewer, null, 21)))[1]);
  times.sort((a, b) => a - b);
  figures.push(
    `page of recommendations: median ${times[times.length >> 1]!.toFixed(1)} ms, 95 % ${times[Math.floor(times.length * 0.95)]!.toFixed(1)} ms`,
  );
});
