/**
 * `npm run bench -- paths [--json]`: how the service grows, as ratios; the times beside them are this machine's.
 * On the embedded database, or with DATABASE_URL on a new database of that server. Ends with 1 when a limit is exceeded.
 */
import { availableParallelism } from 'node:os';
import { v7 as uuidv7 } from 'uuid';
import { streetWalk } from '../test/builders/tracks.js';
import { chunked, wirePoints } from '../test/builders/wire.js';
import { startLoginProviders } from '../test/simulators/login-providers.js';
import { inTurn, median, quantile, timeMs } from './figures.js';
import { startMeasuredProcess } from './measured-process.js';
import { signUp } from './walker.js';

const SIZES = [2_250, 4_500, 9_000, 18_000, 36_000];
const ROUNDS_OF_SIZES = 4;
const POINTS_PER_CHUNK = 1_000;
const ORDINARY_WALKS = 30;
const REQUESTS = 300;
const IN_PROCESS_ROUNDS = 500;
/** What one point more costs, from 9,000 points on against below: 1 when time grows linearly, 4 when with the square. */
const MAX_GROWTH = 2;
/** Highest RSS during the completions, above the RSS after the warm-up. */
const MAX_MEMORY_MB = 150;
const SPEED_MPS = 1.2;
const PLACES = 30_000;
/** What the nearest 20 of all places cost at most, in readings of one row by its primary key. */
const MAX_NEARBY = 20;

const providers = await startLoginProviders();
const service = await startMeasuredProcess(providers.env);
const url = await service.ask('url');
const { userId, petId, ask } = await signUp(url, providers);
const petIds = [petId];

// Walks follow each other with an hour between them: none overlaps another.
let nextStartMs = Date.now() - 20 * 86_400_000;
let seed = 1;
function track(count: number) {
  const points = streetWalk({
    startMs: nextStartMs,
    km: (count * SPEED_MPS) / 1000,
    speedMps: SPEED_MPS,
    noiseM: 4,
    seed: seed++,
  }).slice(0, count);
  nextStartMs += (count + 3_600) * 1000;
  return wirePoints(points.map((point) => ({ ...point, accuracyM: 5, speedMps: SPEED_MPS })));
}

async function startWalk(points: ReturnType<typeof track>): Promise<string> {
  const { id } = await ask('POST', '/walks', { petIds, startedAt: points[0]!.t });
  return `/walks/${id}`;
}

/** Sends a walk in chunks and completes it; only the completion is measured. */
async function recordAndComplete(count: number): Promise<{ ms: number; peakMb: number }> {
  const points = track(count);
  const path = await startWalk(points);
  for (const chunk of chunked(points, POINTS_PER_CHUNK))
    await ask('POST', `${path}/points`, { points: chunk });
  await service.ask('restMb');
  let storedPoints = 0;
  const ms = await timeMs(
    async () => ({ storedPoints } = await ask('POST', `${path}/complete`, { pointCount: points.length })),
  );
  if (storedPoints !== points.length) throw new Error(`${storedPoints} of ${points.length} points stored`);
  return { ms, peakMb: await service.ask('peakMb') };
}

const getWalks = () => ask('GET', '/walks');
const listSamples = async () => (await inTurn(REQUESTS, { list: getWalks })).list;

// Warm-up: the ordinary walks that the list will show, the list itself, and some completions.
for (let i = 0; i < ORDINARY_WALKS; i++)
  await ask('PUT', `/walks/${uuidv7()}`, { petIds, points: track(1_700) });
for (let i = 0; i < 3; i++) await recordAndComplete(SIZES[1]!);
for (let i = 0; i < 3; i++) await listSamples();

const listBefore = await listSamples();
const restMb = await service.ask('restMb');
const completions = SIZES.map((points) => ({ points, samples: [] as { ms: number; peakMb: number }[] }));
for (let round = 0; round < ROUNDS_OF_SIZES; round++) {
  for (const { points, samples } of completions) samples.push(await recordAndComplete(points));
}
const listAfter = await listSamples();

const livePoints = track(60 * (REQUESTS + 50));
const livePath = await startWalk(livePoints);
const liveChunks = chunked(livePoints, 60);
const contestants = {
  chunk: () => ask('POST', `${livePath}/points`, { points: liveChunks.pop() }),
  ready: () => ask('GET', '/health/ready'),
};
await inTurn(50, contestants);
const requests = await inTurn(REQUESTS, contestants);

const list = await service.ask('list', { userId, rounds: IN_PROCESS_ROUNDS });
const validation = await service.ask('validation', {
  body: { points: track(600) },
  rounds: IN_PROCESS_ROUNDS,
});
const nearby = await service.ask('nearby', { places: PLACES, rounds: IN_PROCESS_ROUNDS });
await service.close();
await providers.close();

type Completion = (typeof complete)[number];
const complete = completions.map(({ points, samples }) => {
  const ms = Math.min(...samples.map((sample) => sample.ms)); // the run that the rest of the machine disturbed least
  return {
    points,
    ms,
    usPerPoint: (ms * 1000) / points,
    growthMb: Math.max(0, ...samples.map(({ peakMb }) => peakMb - restMb)),
  };
});
const [smallest, , middle, , largest] = complete as [
  Completion,
  Completion,
  Completion,
  Completion,
  Completion,
];
const usMore = (from: Completion, to: Completion) => ((to.ms - from.ms) * 1000) / (to.points - from.points);
const furtherPointUs = [usMore(smallest, middle), usMore(middle, largest)] as const;
const growth = furtherPointUs[1] / furtherPointUs[0];
const memoryMb = Math.max(...complete.map(({ growthMb }) => growthMb));
const result = {
  database: process.env.DATABASE_URL ? 'PostgreSQL' : 'embedded',
  node: process.version,
  complete,
  furtherPointUs,
  growth,
  restMb,
  memoryMb,
  list: {
    p50Ms: [median(listBefore), median(listAfter)],
    p95Ms: [quantile(listBefore, 0.95), quantile(listAfter, 0.95)],
    p50Ratio: median(listAfter) / median(listBefore),
    p95Ratio: quantile(listAfter, 0.95) / quantile(listBefore, 0.95),
  },
  chunk: {
    chunkMs: median(requests.chunk),
    readyMs: median(requests.ready),
    ratio: median(requests.chunk) / median(requests.ready),
  },
  statement: { ...list, ratio: list.prismaMs / list.statementMs },
  validation: { ...validation, ratio: validation.zodMs / validation.compiledMs },
  nearby: { ...nearby, ratio: nearby.nearbyP95Ms / nearby.byKeyP95Ms },
};

const whole = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 0 });
const ms = (value: number) => `${value.toFixed(value < 1 ? 3 : 1)} ms`;
const times = (value: number) => `× ${value.toFixed(2)}`;
const row = (name: string, ratio: string, absolute: string) =>
  `${name.padEnd(52)}${ratio.padStart(9)}   ${absolute}`;
const verdict = (value: number, limit: number) => (value <= limit ? 'within' : 'ABOVE');

const table = [
  `${result.database} database, Node ${result.node}, ${availableParallelism()} cores; ratios count, times are this machine's`,
  '',
  `${'complete'.padEnd(12)}${'points'.padStart(8)}${'ms'.padStart(8)}${'µs/point'.padStart(10)}${'× points'.padStart(10)}${'× time'.padStart(10)}${'peak RSS'.padStart(12)}`,
  ...complete.map(({ points, ms: took, usPerPoint, growthMb }) =>
    [''.padEnd(12), whole(points).padStart(8), whole(took).padStart(8), usPerPoint.toFixed(1).padStart(10)]
      .concat(
        [points / complete[0]!.points, took / complete[0]!.ms].map((ratio) => ratio.toFixed(2).padStart(10)),
      )
      .concat(`+${whole(growthMb)} MB`.padStart(12))
      .join(''),
  ),
  '',
  row(
    'complete: a further point, above / below 9,000',
    times(growth),
    `${verdict(growth, MAX_GROWTH)} ${MAX_GROWTH}: ${furtherPointUs
      .map((us) => `${us.toFixed(1)} µs`)
      .reverse()
      .join(' / ')}`,
  ),
  row(
    'complete: highest RSS above that at rest',
    `${whole(memoryMb)} MB`,
    `${verdict(memoryMb, MAX_MEMORY_MB)} ${MAX_MEMORY_MB} MB: ${whole(restMb)} → ${whole(restMb + memoryMb)} MB`,
  ),
  row(
    'GET /walks p50, after / before the heavy walks',
    times(result.list.p50Ratio),
    result.list.p50Ms.map(ms).join(' → '),
  ),
  row(
    'GET /walks p95, after / before the heavy walks',
    times(result.list.p95Ratio),
    result.list.p95Ms.map(ms).join(' → '),
  ),
  row(
    'POST points (60) / GET /health/ready, p50',
    times(result.chunk.ratio),
    `${ms(result.chunk.chunkMs)} / ${ms(result.chunk.readyMs)}`,
  ),
  row(
    'walk list: Prisma findMany / prepared statement',
    times(result.statement.ratio),
    `${ms(list.prismaMs)} / ${ms(list.statementMs)}`,
  ),
  row(
    '600 points: zod / compiled validator',
    times(result.validation.ratio),
    `${ms(validation.zodMs)} / ${ms(validation.compiledMs)}`,
  ),
  row(
    'nearby of 30,000 places / one by its primary key, p95',
    times(result.nearby.ratio),
    `${verdict(result.nearby.ratio, MAX_NEARBY)} ${MAX_NEARBY}: ${ms(nearby.nearbyP95Ms)} / ${ms(nearby.byKeyP95Ms)}`,
  ),
];
process.stdout.write(`${table.join('\n')}\n`);
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(result)}\n`);
if (growth > MAX_GROWTH || memoryMb > MAX_MEMORY_MB || result.nearby.ratio > MAX_NEARBY) process.exitCode = 1;
