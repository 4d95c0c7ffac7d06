/**
 * `node dist/bench/growth.js [--times 1,10] [--calls 200] [--runs 3] [--gus 25] [--json FILE] [--svg FILE] [--plans FOLDER]`:
 * what the hot work costs on the bench set (300,000 walks) and on the one of ten times as many people, walks and
 * places. Needs DATABASE_URL. In one process, without HTTP: the use cases themselves, the sizes in turn, so that
 * whatever else the machine does slows all of them alike. `--times 1,1` tells how exact that is.
 *
 * Each call is made once before it is measured, by the same people: PostgreSQL (or the system's cache below it) has
 * seen the pages, and the service keeps nothing between calls. Prints Markdown; ends with 1 when a limit is exceeded.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { Awards } from '../src/modules/badges/awards.service.js';
import { placesNear } from '../src/modules/places/places.queries.js';
import { Places } from '../src/modules/places/places.service.js';
import { boardOf } from '../src/modules/rankings/rankings.queries.js';
import { RankingJobs } from '../src/modules/rankings/rankings.jobs.js';
import { Rankings } from '../src/modules/rankings/rankings.service.js';
import { RecommendationJobs } from '../src/modules/recommendations/recommendations.jobs.js';
import { allGus } from '../src/modules/recommendations/recommendations.queries.js';
import { feedOf } from '../src/modules/social/feed.queries.js';
import { Feed } from '../src/modules/social/feed.service.js';
import { TotalsJobs } from '../src/modules/totals/totals.jobs.js';
import { Recording } from '../src/modules/walks/recording.service.js';
import { WalkJobs } from '../src/modules/walks/walks.jobs.js';
import { kstDate } from '../src/platform/clock/kst.js';
import type { Connection } from '../src/platform/database/database.js';
import { streetWalk } from '../test/builders/tracks.js';
import { chunked, wirePoints } from '../test/builders/wire.js';
import { quantile, timeMs } from './figures.js';
import { growthPlot } from './growth-plot.js';
import {
  giveRawPoints,
  measureSet,
  pagesRead,
  removeRecorded,
  setNight,
  type Side,
  withSides,
} from './growth-sides.js';

const { values: options } = parseArgs({
  options: {
    ...{ times: { type: 'string', default: '1,10' }, calls: { type: 'string', default: '200' } },
    ...{ runs: { type: 'string', default: '3' }, json: { type: 'string' }, svg: { type: 'string' } },
    ...{ plans: { type: 'string' }, gus: { type: 'string', default: '25' } },
  },
});
const SIZES = options.times.split(',').map(Number);
const CALLS = Number(options.calls);
const RUNS = Number(options.runs);
const GUS = Number(options.gus);
const WALKS_OF_ONE = 300_000;
const EXPLAINED = 25;
const FEED_PAGE = 20;
const BOARD_PAGE = 50;
const NEAR_M = 500;
const NEAR_COUNT = 20;
const WALK_POINTS = 600;
const CHUNK_POINTS = 120;
const WALK_APART_MS = 1_800_000;
const SPEED_MPS = 1.2;

interface Work {
  name: string;
  /** Of the cost at the last size, in costs at the first. */
  limit: number | null;
  unit: 'ms' | 's';
  /** For each size, in the unit. */
  costs: number[][];
  /** For each size, of one call: 8 kB each. */
  pages?: number[];
}

interface Read {
  name: string;
  limit: number | null;
  call(side: Side, i: number): Promise<unknown>;
  /** The statement behind it, to be explained. */
  ask(db: Connection, side: Side, i: number): Promise<unknown>;
}

/** Somewhere in Seoul, another spot for each. */
const near = (i: number, radiusM: number) => ({
  ...{ lat: 37.45 + ((i * 0.7549) % 0.23), lng: 126.8 + ((i * 0.5698) % 0.36) },
  ...{ radiusM, limit: NEAR_COUNT },
});
const nearRead = (name: string, limit: number | null, radiusOf: (side: Side) => number): Read => ({
  ...{ name, limit },
  call: (side, i) => side.app.get(Places).near(near(i, radiusOf(side))),
  ask: (db, side, i) => placesNear(db, { ...near(i, radiusOf(side)), kind: null, count: NEAR_COUNT }),
});
const board = { period: 'week', scope: 'gu', metric: 'distance' } as const;

const READS: Read[] = [
  {
    ...{ name: `feed, page of ${FEED_PAGE}`, limit: 1.3 },
    call: (side, i) => side.app.get(Feed).list(side.people[i]!, { limit: FEED_PAGE }),
    ask: (db, side, i) =>
      feedOf(db, { viewerId: side.people[i]!, asOf: side.clock.now(), after: null, count: FEED_PAGE + 1 }),
  },
  {
    ...{ name: `gu ranking, page of ${BOARD_PAGE} and mine`, limit: 1.3 },
    call: (side, i) => side.app.get(Rankings).board(side.people[i]!, { ...board, limit: BOARD_PAGE }),
    ask: (db, side, i) =>
      boardOf(db, {
        ...{ ...board, viewerId: side.people[i]!, date: kstDate(side.clock.now()) },
        ...{ after: null, count: BOARD_PAGE + 1 },
      }),
  },
  nearRead(`places within ${NEAR_M} m`, 1.3, () => NEAR_M),
  // The larger set has its places in the same city.
  nearRead('places, a circle of as many', null, ({ times }) =>
    Math.round(NEAR_M / Math.sqrt(times / SIZES[0]!)),
  ),
];

const works: Work[] = [];
const sets: { facts: Side['facts']; tables: Awaited<ReturnType<typeof measureSet>> }[] = [];

await withSides(SIZES, CALLS, async (sides) => {
  for (const side of sides) sets.push({ facts: side.facts, tables: await measureSet(side) });
  await measureReads(sides);
  await measureWalks(sides);
  await measureRuns(sides);
});
await report();

/** All people once unmeasured and once measured, each at one size after the other. */
async function measureCalls<T>(
  sides: Side[],
  { name, limit }: { name: string; limit: number | null },
  call: (side: Side, i: number, prepared: T) => Promise<unknown>,
  prepare?: (side: Side, i: number, round: number) => Promise<T>,
): Promise<Work> {
  process.stderr.write(`${name}…\n`);
  const costs: number[][] = sides.map(() => []);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < CALLS; i++) {
      for (const [n, side] of sides.entries()) {
        const prepared = (await prepare?.(side, i, round)) as T;
        const ms = await timeMs(() => call(side, i, prepared));
        if (round > 0) costs[n]!.push(ms);
      }
    }
  }
  const work: Work = { name, limit, unit: 'ms', costs };
  works.push(work);
  return work;
}

async function measureReads(sides: Side[]): Promise<void> {
  if (options.plans) await mkdir(options.plans, { recursive: true });
  for (const read of READS) {
    const work = await measureCalls(sides, read, (side, i) => read.call(side, i));
    work.pages = [];
    for (const side of sides) {
      const { pages, plan } = await pagesRead(side, EXPLAINED, (db, i) =>
        read.ask(db, side, Math.floor((i * CALLS) / EXPLAINED)),
      );
      work.pages.push(pages);
      const file = `${read.name.replaceAll(/\W+/g, '-')}-x${side.times}.txt`;
      if (options.plans) await writeFile(join(options.plans, file), `${plan}\n`);
    }
  }
}

/** Everybody records two walks; the completion of the second is measured, then what the badges make of it. */
async function measureWalks(sides: Side[]): Promise<void> {
  await measureCalls(
    sides,
    { name: `completion, ${WALK_POINTS} points`, limit: 1.2 },
    (side, i) =>
      side.app.get(Recording).complete(side.people[i]!, side.walkIds[i]!, { pointCount: WALK_POINTS }),
    async (side, i, round) => {
      side.walkIds[i] = await record(side.app.get(Recording), side.people[i]!, i * 2 + round, round);
    },
  );
  await measureCalls(sides, { name: 'badges of one person', limit: null }, (side, i) =>
    side.app.get(Awards).follow({ walkId: side.walkIds[i]!, userId: side.people[i]! }),
  );
}

async function record(recording: Recording, userId: string, seed: number, round: number): Promise<string> {
  const startMs = Date.now() - (2 - round) * WALK_APART_MS;
  const km = (WALK_POINTS * SPEED_MPS) / 1_000 + 0.1;
  const points = wirePoints(streetWalk({ startMs, km, speedMps: SPEED_MPS, noiseM: 4, seed }));
  const id = uuidv7();
  const petIds = [`00000003${userId.slice(8)}`];
  await recording.start(userId, { id, petIds, startedAt: points[0]!.t }, null);
  for (const chunk of chunked(points.slice(0, WALK_POINTS), CHUNK_POINTS))
    await recording.addPoints(userId, id, { points: chunk });
  return id;
}

async function measureRuns(sides: Side[]): Promise<void> {
  const firstDays = await Promise.all(sides.map((side) => giveRawPoints(side, RUNS)));
  for (const side of sides) await removeRecorded(side);
  const runs: [string, number | null, (side: Side, run: number, n: number) => Promise<unknown>][] = [
    ['ranking refresh, all periods', 12, (side) => side.app.get(RankingJobs).refresh()],
    [
      `recommendations, ${GUS} gus`,
      12,
      async ({ app, db }) => {
        for (const guCode of (await allGus(db)).slice(0, GUS))
          await app.get(RecommendationJobs).makeForGu({ guCode });
      },
    ],
    [
      'purge of raw points, a night',
      null,
      (side, run, n) => {
        setNight(side, firstDays[n]!, run + 1);
        return side.app.get(WalkJobs).purgeRaw();
      },
    ],
    ['reconciliation of totals', null, (side) => side.app.get(TotalsJobs).reconcile()],
  ];
  for (const [name, limit, work] of runs) {
    const costs: number[][] = sides.map(() => []);
    for (let run = 0; run < RUNS; run++) {
      for (const [n, side] of sides.entries()) {
        process.stderr.write(`${name}, × ${side.times}…\n`);
        costs[n]!.push((await timeMs(() => work(side, run, n))) / 1_000);
        side.clock.laterMs = 0;
      }
    }
    works.push({ name, limit, unit: 's', costs });
  }
}

async function report(): Promise<void> {
  const isGrown = SIZES.length > 1;
  const judged = works.map((work) => {
    const of = (q: number) => work.costs.map((costs) => quantile(costs, q));
    const [p50, p95] = [of(0.5), of(0.95)];
    const counted = work.unit === 'ms' ? p95 : p50; // of a few runs the middle one
    const ratio = isGrown ? counted.at(-1)! / counted[0]! : 1;
    return { ...work, p50, p95, counted, ratio, isWithin: work.limit === null || ratio <= work.limit };
  });
  const cost = (value: number) => value.toFixed(value < 10 ? 2 : 1);
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const heads = (columns: readonly string[]) => [row(columns), `|${columns.map(() => '---').join('|')}|`];
  const eachSize = (name: string) => SIZES.map((times) => `${name} × ${times}`);
  const lines = [
    `${CALLS} calls by as many people and ${RUNS} runs at ${SIZES.map((times) => `× ${times} (${walksOf(times)} walks)`).join(' and ')}`,
    '',
    ...heads([
      ...['calls, ms', ...eachSize('p50'), ...eachSize('p95'), 'ratio of p95', 'limit', ''],
      ...eachSize('pages read'),
    ]),
    ...judged
      .filter(({ unit }) => unit === 'ms')
      .map(({ name, p50, p95, pages, ...rest }) =>
        row([name, ...p50.map(cost), ...p95.map(cost), ...verdict(rest), ...(pages ?? SIZES.map(() => ''))]),
      ),
    '',
    ...heads(['runs, s', ...eachSize('median'), 'ratio', 'limit', '']),
    ...judged
      .filter(({ unit }) => unit === 's')
      .map(({ name, p50, ...rest }) => row([name, ...p50.map(cost), ...verdict(rest)])),
    '',
    'Ten times the people live in the same 250 dongs, and ten times the places lie in the same city: all of these are denser.',
    '',
    ...heads(['of the set', ...SIZES.map((times) => `× ${times}`)]),
    ...Object.keys(sets[0]!.facts).map((name) => row([name, ...sets.map(({ facts }) => facts[name]!)])),
    '',
    ...heads(['table', 'rows', 'MB', 'bytes a row, indexes too', 'of these indexes']),
    ...sets
      .at(-1)!
      .tables.map(({ name, rows, bytes, indexBytes }) =>
        row([
          name,
          rows,
          (bytes / 1_048_576).toFixed(0),
          ...[bytes, indexBytes].map((b) => (b / rows).toFixed(0)),
        ]),
      ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (options.json)
    await writeFile(options.json, JSON.stringify({ sizes: SIZES, works: judged, sets }, null, 1));
  if (options.svg) {
    const bars = judged.map(({ name, ratio, limit, unit, counted }) => ({
      ...{ name, ratio, limit },
      costs: `${counted.map(cost).join(' → ')} ${unit}`,
    }));
    const [small, large] = [walksOf(SIZES[0]!), walksOf(SIZES.at(-1)!)];
    await writeFile(
      options.svg,
      growthPlot(
        `What ${large} walks cost, in costs at ${small}`,
        `p95 of a call (ms) or median of a run (s) at ${large} walks ÷ the same at ${small}, logarithmic`,
        bars,
      ),
    );
  }
  if (judged.some(({ isWithin }) => !isWithin)) process.exitCode = 1;

  function verdict({
    ratio,
    limit,
    isWithin,
  }: Pick<(typeof judged)[number], 'ratio' | 'limit' | 'isWithin'>) {
    if (!isGrown) return ['', limit ?? '', ''];
    return [ratio.toFixed(2), limit ?? '', limit === null ? '' : isWithin ? 'PASS' : 'FAIL'];
  }
}

function walksOf(times: number): string {
  return (WALKS_OF_ONE * times).toLocaleString('en');
}
