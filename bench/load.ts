/**
 * `npm run load [-- --users 500 --seconds 60]`: people on the street against one process of the service, all on this
 * machine. Needs DATABASE_URL (a server on which a database may be made) and REDIS_URL. Everything is on that
 * production has: rate limits, logging, jobs. Prints Markdown; ends with 1 when a limit is exceeded.
 */
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { parseArgs } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { Database, statement } from '../src/platform/database/database.js';
import { seededRandom, streetWalk } from '../test/builders/tracks.js';
import { chunked, wirePoints } from '../test/builders/wire.js';
import { startAirKorea } from '../test/simulators/air-korea.js';
import { startKma } from '../test/simulators/kma.js';
import { quantile } from './figures.js';
import { cpuMsOf, memoryMbOf, PROGRAMS, startServer } from './processes.js';
import { copyOfBenchSet, KEYS, type LoggedIn, logIn } from './set.js';

const { values: options } = parseArgs({
  options: { users: { type: 'string', default: '500' }, seconds: { type: 'string', default: '60' } },
});
const USERS = Number(options.users);
const SECONDS = Number(options.seconds);
/** Between two taps, on average: 500 people make about 100 requests a second, far more than as many phones in pockets. */
const THINK_MS = 5_000;
/** They come one by one; until all are there, nothing is counted. */
const ARRIVAL_MS = 15_000;
const CHUNK_POINTS = 120;
const MAX_P95_MS = 200;
const MAX_ERROR_SHARE = 0.001;

const WALK_STARTED_MS = Date.now();
const WALKS = Array.from({ length: 50 }, (_, seed) =>
  wirePoints(streetWalk({ startMs: WALK_STARTED_MS, km: 0.7, noiseM: 4, seed })),
);

const { REDIS_URL: redisUrl } = process.env;
if (!redisUrl) throw new Error('REDIS_URL is needed');

const unfinished = statement<{ jobs: number; failed: number }>(
  'load_unfinished',
  `select count(*) filter (where state < 'completed' and start_after <= now())::int as jobs,
          count(*) filter (where state = 'failed')::int as failed from pgboss.job`,
);

const set = await copyOfBenchSet(1);
const db = Database.server(set.url, 4, () => {});
const walkers = await logIn(db, USERS);
const [kma, air] = [await startKma(), await startAirKorea()];
const service = await startServer(PROGRAMS.service, {
  ...{ DATABASE_URL: set.url, REDIS_URL: redisUrl, ...KEYS, ...kma.env, ...air.env },
});
await nothingLeftToDo();
await forgetLimits();

const samples = new Map<string, number[]>();
const failures: string[] = [];
const agent = new Agent({ keepAlive: true, maxSockets: USERS });
const startedMs = performance.now() + ARRIVAL_MS;
const [cpuMsBefore, cpuMsAfter] = await Promise.all([
  pause(ARRIVAL_MS).then(() => cpuMsOf(service.pid)),
  pause(ARRIVAL_MS + SECONDS * 1_000).then(() => cpuMsOf(service.pid)),
  ...walkers.map((walker, i) => live(walker, i)),
]);
const left = (await db.rows(unfinished, []))[0]!;
const { peak: peakMb } = await memoryMbOf(service.pid);
report();

await service.stop();
await Promise.all([kma.close(), air.close(), db.close()]);
await set.drop();

/** A process that finds an empty schedule makes up for all its slots, nightly ones too: the street comes after that. */
async function nothingLeftToDo(): Promise<void> {
  do await pause(2_000);
  while ((await db.rows(unfinished, []))[0]!.jobs > 0);
}

/** The people are the same in each run, and what they asked in the last hour would still count. */
async function forgetLimits(): Promise<void> {
  const redis = new Redis(redisUrl!);
  for await (const keys of redis.scanStream({ match: 'limit:*', count: 1_000 }) as AsyncIterable<string[]>)
    if (keys.length > 0) await redis.unlink(keys);
  redis.disconnect();
}

/** One of a few walks, moved elsewhere and to now: made anew, tracks would cost more than what is measured. */
function aWalk(n: number): (typeof WALKS)[number] {
  const east = (n % 1_000) * 1e-4;
  const north = Math.floor(n / 1_000) * 1e-4;
  const laterMs = Date.now() - WALK_STARTED_MS - 1_000_000;
  return WALKS[n % WALKS.length]!.map((point) => ({
    ...point,
    ...{ lat: point.lat + north, lng: point.lng + east },
    t: new Date(Date.parse(point.t) + laterMs).toISOString(),
  }));
}

/** One person's minute: feed, board, likes, weather, and a walk that is recorded and completed. */
async function live({ token, petId }: LoggedIn, i: number): Promise<void> {
  const random = seededRandom(i + 1);
  const think = () => pause(-Math.log(1 - random()) * THINK_MS);
  const untilMs = startedMs + SECONDS * 1_000;
  const ask = (kind: string, method: string, path: string, body?: object) =>
    timed(kind, method, path, token, body);
  const [lat, lng] = [37.45 + random() * 0.2, 126.85 + random() * 0.3].map((degrees) => degrees.toFixed(4));
  await pause(random() * ARRIVAL_MS);
  for (let round = 0; performance.now() < untilMs; round++) {
    const points = aWalk(i * 100 + round);
    const walkId = uuidv7();
    const chunks = chunked(points, CHUNK_POINTS);
    const acts: (() => Promise<unknown>)[] = [
      () => ask('GET /users/me', 'GET', '/users/me'),
      () => ask('GET /weather', 'GET', `/weather?lat=${lat}&lng=${lng}`),
      () => ask('POST /walks', 'POST', '/walks', { id: walkId, petIds: [petId], startedAt: points[0]!.t }),
      ...chunks.map(
        (chunk) => () => ask('POST /walks/:id/points', 'POST', `/walks/${walkId}/points`, { points: chunk }),
      ),
      () =>
        ask('POST /walks/:id/complete', 'POST', `/walks/${walkId}/complete`, { pointCount: points.length }),
      async () => {
        const feed = (await ask('GET /feed', 'GET', '/feed')) as {
          items: { walk?: { id: string }; id: string }[];
        };
        const liked = feed?.items[Math.floor(random() * feed.items.length)];
        if (!liked) return;
        await think();
        await ask('POST /likes/:walkId', 'POST', `/likes/${liked.walk?.id ?? liked.id}`);
      },
      () => ask('GET /rankings', 'GET', '/rankings?period=week&scope=gu'),
      () => ask('GET /badges', 'GET', '/badges'),
    ];
    for (const act of acts) {
      if (performance.now() >= untilMs) return;
      await act();
      await think();
    }
  }
}

function timed(kind: string, method: string, path: string, token: string, body?: object): Promise<unknown> {
  return new Promise((resolve) => {
    const sentMs = performance.now();
    const isCounted = sentMs >= startedMs && sentMs < startedMs + SECONDS * 1_000;
    const text = body && JSON.stringify(body);
    const done = (status: number | string, answer: string) => {
      const times = samples.get(kind) ?? [];
      samples.set(kind, times);
      if (isCounted) times.push(performance.now() - sentMs);
      const ok = typeof status === 'number' && status < 400;
      if (!ok && isCounted) failures.push(`${kind}: ${status} ${answer.slice(0, 200)}`);
      resolve(ok && answer ? JSON.parse(answer) : undefined);
    };
    const outgoing = request(new URL(path, service.url), {
      ...{ method, agent },
      headers: {
        authorization: `Bearer ${token}`,
        ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
    });
    outgoing.on('error', (error) => done(error.message, ''));
    outgoing.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => done(response.statusCode!, Buffer.concat(parts).toString()));
    });
    outgoing.end(text);
  });
}

function report(): void {
  const all = [...samples.values()].flat();
  const row = (kind: string, ms: readonly number[]) =>
    `| ${kind} | ${ms.length} | ${[0.5, 0.95, 0.99].map((q) => quantile(ms, q).toFixed(0)).join(' | ')} |`;
  const errorShare = failures.length / all.length;
  const lines = [
    `${USERS} people for ${SECONDS} s: ${(all.length / SECONDS).toFixed(0)} requests a second, ${failures.length} errors (${(errorShare * 100).toFixed(3)} %)`,
    `Service: ${((cpuMsAfter - cpuMsBefore) / SECONDS / 10).toFixed(0)} % of a core, ${peakMb.toFixed(0)} MB at most; jobs left at the end: ${left.jobs}, failed: ${left.failed}`,
    '',
    '| request | count | p50 ms | p95 ms | p99 ms |',
    '|---|---|---|---|---|',
    row('all', all),
    ...[...samples].sort(([a], [b]) => a.localeCompare(b)).map(([kind, ms]) => row(kind, ms)),
    '',
    ...new Set(failures.slice(0, 20)),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (quantile(all, 0.95) > MAX_P95_MS || errorShare > MAX_ERROR_SHARE) process.exitCode = 1;
}
