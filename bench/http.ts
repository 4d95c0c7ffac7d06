/**
 * `npm run bench -- http [--route feed] [--connections 50,500] [--rounds 3] [--seconds 10] [--json FILE] [--plans DIR]`:
 * the service beside a server written by hand (`reference/`), by turns on one copy of the bench set. Needs DATABASE_URL
 * (a server on this machine on which a database may be made), REDIS_URL and `wrk`. Ends with 1 when a limit is exceeded.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Database } from '../src/platform/database/database.js';
import { median } from './figures.js';
import { type Asked, type Burst, burstFor, burstOf } from './http/load.js';
import { savePlans } from './http/plans.js';
import { cpuMsOf, forgetPeak, peakMbOf, postmasterOf, treeCpuMsOf } from './http/processes.js';
import { checkAnswers, checkCompletion } from './http/same.js';
import { type MeasuredServer, startServer } from './http/servers.js';
import { openWalks, reopen, WALK_POINTS } from './http/walks.js';
import { copyOfBenchSet, logIn } from './set.js';

const { values: options } = parseArgs({
  options: {
    route: { type: 'string' },
    connections: { type: 'string', default: '50,500' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    json: { type: 'string' },
    plans: { type: 'string' },
  },
});
const ROUNDS = Number(options.rounds);
const SECONDS = Number(options.seconds);
const CONNECTIONS = options.connections.split(',').map(Number);

const PEOPLE = 500;
const COMPARED = 10;
/** Before each round, so that connections are open and statements planned. */
const WARM_UP_S = 1;
const WARM_UP_WALKS = 100;
/** Completions are counted and not timed: about as many as take that long. */
const WALKS_PER_S = 120;
/** So many connections are a crowd, of which more is asked than to keep up with the reference. */
const CROWD = 500;
const LIMITS = {
  rate: 0.9,
  rateOfMe: 0.75,
  appCpu: 1.3,
  databaseCpu: 1.1,
  rateInCrowd: 0.8,
  p95InCrowd: 1.2,
};

interface Route {
  minRate: number;
  /** What wrk asks by turns; null for the walks that are completed. */
  asked: Asked[] | null;
}

interface Measured extends Burst {
  rate: number;
  appCpuMs: number;
  databaseCpuMs: number;
  peakMb: number;
}

const folder = await mkdtemp(join(tmpdir(), 'withbowwow-http-'));
const set = await copyOfBenchSet(1);
const db = Database.server(set.url, 4, () => {});
const people = await logIn(db, PEOPLE);
const from = { databaseUrl: set.url, redisUrl: process.env.REDIS_URL!, folder };
const service = await startServer('service', from); // makes the queues that both write to
const servers = [service, await startServer('reference', from)];
const postmaster = await postmasterOf(db);
const walks = await openWalks(db, people, WARM_UP_WALKS + Math.max(CROWD, SECONDS * WALKS_PER_S));
const completions = walks.map(({ id, token }) => ({ path: `/walks/${id}/complete`, token }));
const completed = { pointCount: WALK_POINTS };

const byAll = (path: (n: number) => string): Asked[] =>
  people.map(({ token }, n) => ({ path: path(n), token }));
const spot = (n: number) => `lat=${37.45 + ((n * 0.7549) % 0.23)}&lng=${126.8 + ((n * 0.5698) % 0.36)}`;
const routes: Record<string, Route> = {
  me: { minRate: LIMITS.rateOfMe, asked: byAll(() => '/users/me') },
  feed: { minRate: LIMITS.rate, asked: byAll(() => '/feed?limit=20') },
  rankings: { minRate: LIMITS.rate, asked: byAll(() => '/rankings?period=week&scope=gu&limit=50') },
  nearby: { minRate: LIMITS.rate, asked: byAll((n) => `/places/nearby?${spot(n)}&radiusM=500`) },
  complete: { minRate: LIMITS.rate, asked: null },
};
const names = options.route ? [options.route] : Object.keys(routes);

const lines: string[] = [];
const verdicts: string[] = [];
const results: object[] = [];
try {
  for (const name of names) await compare(name, routes[name]!);
  if (options.plans) {
    await mkdir(options.plans, { recursive: true });
    await savePlans(set.url, options.plans, { ...people[0]!, walkId: walks[0]!.id });
  }
} finally {
  for (const server of servers) await server.stop();
  await db.close();
  await set.drop();
  await rm(folder, { recursive: true, force: true });
}
report();

async function compare(name: string, route: Route): Promise<void> {
  if (route.asked) for (const asked of route.asked.slice(0, COMPARED)) await checkAnswers(servers, asked);
  else
    for (const walk of walks.slice(0, COMPARED))
      await checkCompletion(servers, db, { walk, body: completed });
  let atEase: Measured | undefined;
  for (const connections of CONNECTIONS) {
    const rounds: Record<MeasuredServer['name'], Measured[]> = { service: [], reference: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const server of servers) rounds[server.name].push(await measure(server, route, connections));
    }
    const [ours, theirs] = [middle(rounds.service), middle(rounds.reference)];
    for (const [server, of] of Object.entries({ service: ours, reference: theirs }))
      lines.push(row(server, of));
    if (connections < CROWD) atEase = ours;
    judge({ name, connections, ours, theirs, atEase, minRate: route.minRate });

    function row(server: string, of: Measured): string {
      const times = [of.p50Ms, of.p95Ms, of.p99Ms].map((ms) => ms.toFixed(1)).join(' | ');
      const cost = `${of.appCpuMs.toFixed(2)} | ${of.databaseCpuMs.toFixed(2)} | ${of.peakMb.toFixed(0)}`;
      return `| ${name} | ${connections} | ${server} | ${of.rate.toFixed(0)} | ${times} | ${of.errors} | ${cost} |`;
    }
  }
}

/** One round of one server, of which only what follows the warm-up counts. */
async function measure(
  { url, pid }: MeasuredServer,
  { asked }: Route,
  connections: number,
): Promise<Measured> {
  if (asked) await burstFor(WARM_UP_S, { url, connections, asked, folder });
  else await burstOf(completions.slice(0, WARM_UP_WALKS), { url, connections, body: completed });
  await forgetPeak(pid);
  const [appMs, databaseMs] = [await cpuMsOf(pid), await treeCpuMsOf(postmaster)];
  const burst = asked
    ? await burstFor(SECONDS, { url, connections, asked, folder })
    : await burstOf(completions.slice(WARM_UP_WALKS), { url, connections, body: completed });
  const measured = {
    ...burst,
    rate: (burst.requests - burst.errors) / burst.seconds,
    appCpuMs: ((await cpuMsOf(pid)) - appMs) / burst.requests,
    databaseCpuMs: ((await treeCpuMsOf(postmaster)) - databaseMs) / burst.requests,
    peakMb: await peakMbOf(pid),
  };
  if (!asked) await reopen(db, walks);
  return measured;
}

/** The median of each figure; errors are those of all rounds. */
function middle(rounds: readonly Measured[]): Measured {
  const keys = Object.keys(rounds[0]!) as (keyof Measured)[];
  const medians = keys.map((key) => [key, median(rounds.map((round) => round[key]))]);
  const errors = rounds.reduce((sum, round) => sum + round.errors, 0);
  return { ...(Object.fromEntries(medians) as unknown as Measured), errors };
}

function judge(of: {
  name: string;
  connections: number;
  ours: Measured;
  theirs: Measured;
  /** The service with fewer connections, where that was measured. */
  atEase: Measured | undefined;
  minRate: number;
}): void {
  const { name, connections, ours, theirs, atEase, minRate } = of;
  const ratio = {
    rate: ours.rate / theirs.rate,
    p95: ours.p95Ms / theirs.p95Ms,
    appCpu: ours.appCpuMs / theirs.appCpuMs,
    databaseCpu: ours.databaseCpuMs / theirs.databaseCpuMs,
    toOwn: atEase && ours.rate / atEase.rate,
  };
  const faults =
    connections < CROWD
      ? [
          ratio.rate < minRate && `rate < ${minRate}`,
          ratio.appCpu > LIMITS.appCpu && `app CPU > ${LIMITS.appCpu}`,
          ratio.databaseCpu > LIMITS.databaseCpu && `DB CPU > ${LIMITS.databaseCpu}`,
        ]
      : [
          ratio.toOwn !== undefined &&
            ratio.toOwn < LIMITS.rateInCrowd &&
            `rate < ${LIMITS.rateInCrowd} of its own`,
          ratio.p95 > LIMITS.p95InCrowd && `p95 > ${LIMITS.p95InCrowd}`,
        ];
  const failed = [ours.errors > 0 && 'errors', ...faults].filter((fault) => fault !== false);
  const shown = [ratio.rate, ratio.p95, ratio.appCpu, ratio.databaseCpu].map((value) => value.toFixed(2));
  const toOwn = connections < CROWD ? '' : (ratio.toOwn?.toFixed(2) ?? '');
  const verdict = failed.length > 0 ? `FAIL: ${failed.join(', ')}` : 'PASS';
  verdicts.push(`| ${name} | ${connections} | ${shown.join(' | ')} | ${toOwn} | ${verdict} |`);
  results.push({ route: name, connections, service: ours, reference: theirs, ratio, failed });
  if (failed.length > 0) process.exitCode = 1;
}

function report(): void {
  const text = [
    `Medians of ${ROUNDS} rounds of ${SECONDS} s; CPU in ms a request`,
    '',
    '| route | connections | server | requests/s | p50 ms | p95 ms | p99 ms | errors | app CPU | DB CPU | peak MB |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...lines,
    '',
    'Service / reference; last ratio: its own rate with many connections / with few',
    '',
    '| route | connections | requests/s | p95 | app CPU | DB CPU | own rate | verdict |',
    '|---|---|---|---|---|---|---|---|',
    ...verdicts,
  ];
  process.stdout.write(`${text.join('\n')}\n`);
}
if (options.json)
  await writeFile(
    options.json,
    `${JSON.stringify({ node: process.version, rounds: ROUNDS, seconds: SECONDS, results }, null, 2)}\n`,
  );
