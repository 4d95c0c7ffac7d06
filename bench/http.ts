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
import { type Burst, burstFor, burstOf } from './http/load.js';
import { savePlans } from './http/plans.js';
import { checkAnswers, checkCompletion } from './http/same.js';
import { CROWD, type Judged, judged, type Measured, MIN_RATE, tableOf } from './http/verdicts.js';
import { openWalks, type OpenWalk, reopen, settle, WALK_POINTS } from './http/walks.js';
import {
  comeToRest,
  cpuMsOf,
  forgetPeak,
  memoryMbOf,
  postmasterOf,
  PROGRAMS,
  type Server,
  startServer,
  treeCpuMsOf,
} from './processes.js';
import { copyOfBenchSet, KEYS, type LoggedIn, logIn } from './set.js';

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
/** So many reads until V8 has compiled what a process has that runs for days: the CPU of a read falls by a third until then. */
const COMPILED_AFTER_READS = 10_000;
const COMPILED_AFTER_WALKS = 1_500;
/** Before each round, so that connections are open and statements planned. */
const WARM_UP_S = 1;
const WARM_UP_WALKS = 100;
/** Completions are counted and not timed: about as many as take that long, and two of each connection. */
const WALKS_PER_S = 150;
const walksFor = (connections: number) => Math.max(SECONDS * WALKS_PER_S, 2 * connections);
/** Here nearly all of the work is the framework's. */
const MIN_RATE_OF_ME = 0.75;

/** As in production: limits, logs and jobs are on, only nobody is turned away, and another process works. */
const SERVICE_ENV = {
  ...{ NODE_ENV: 'production', PUBLIC_URL: 'https://bench.example', ROLE: 'web' },
  RATE_LIMIT_FACTOR: '1e6',
};

interface MeasuredServer extends Server {
  name: 'service' | 'reference';
}

interface Target {
  url: string;
  connections: number;
}

interface Route {
  minRate: number;
  /** At least one round of each server is thrown away, and so many requests. */
  compiledAfter: number;
  /** @throws Error unless both servers do the same */
  check(): Promise<void>;
  warmUp(target: Target): Promise<unknown>;
  burst(target: Target): Promise<Burst>;
  /** Takes back what a round did. */
  reset?(): Promise<void>;
}

const folder = await mkdtemp(join(tmpdir(), 'withbowwow-http-'));
const set = await copyOfBenchSet(1);
const db = Database.server(set.url, 4, () => {});
const postmaster = await postmasterOf(db);
const servers: MeasuredServer[] = [];
const results: Judged[] = [];
try {
  const people = await logIn(db, PEOPLE);
  // The service is first: it makes the queues that both write to.
  for (const name of ['service', 'reference'] as const)
    servers.push({
      name,
      ...(await startServer(PROGRAMS[name], {
        ...{ ...KEYS, DATABASE_URL: set.url, REDIS_URL: process.env.REDIS_URL },
        ...(name === 'service' && SERVICE_ENV),
      })),
    });
  const walks = await openWalks(db, people, WARM_UP_WALKS + walksFor(Math.max(...CONNECTIONS)));
  const spot = (n: number) => `lat=${37.45 + ((n * 0.7549) % 0.23)}&lng=${126.8 + ((n * 0.5698) % 0.36)}`;
  const routes: Record<string, Route> = {
    me: reading(people, () => '/users/me', MIN_RATE_OF_ME),
    feed: reading(people, () => '/feed?limit=20'),
    rankings: reading(people, () => '/rankings?period=week&scope=gu&limit=50'),
    nearby: reading(people, (n) => `/places/nearby?${spot(n)}&radiusM=500`),
    complete: completing(walks),
  };
  for (const name of options.route ? [options.route] : Object.keys(routes))
    await compare(name, routes[name]!);
  if (options.plans) {
    await mkdir(options.plans, { recursive: true });
    await savePlans(set.url, options.plans, walks[0]!);
  }
} finally {
  for (const server of servers) await server.stop();
  await db.close();
  await set.drop();
  await rm(folder, { recursive: true, force: true });
}
process.stdout.write(`Medians of ${ROUNDS} rounds of ${SECONDS} s; CPU of a request\n\n${tableOf(results)}`);
if (options.json) await writeFile(options.json, JSON.stringify({ node: process.version, options, results }));
if (results.some(({ exceeded }) => exceeded.length > 0)) process.exitCode = 1;

function reading(people: readonly LoggedIn[], path: (n: number) => string, minRate = MIN_RATE): Route {
  const asked = people.map(({ token }, n) => ({ path: path(n), token }));
  return {
    minRate,
    compiledAfter: COMPILED_AFTER_READS,
    check: async () => {
      for (const one of asked.slice(0, COMPARED)) await checkAnswers(servers, one);
    },
    warmUp: (target) => burstFor(WARM_UP_S, { ...target, asked, folder }),
    burst: (target) => burstFor(SECONDS, { ...target, asked, folder }),
  };
}

function completing(walks: readonly OpenWalk[]): Route {
  const asked = walks.map(({ id, token }) => ({ path: `/walks/${id}/complete`, token }));
  const body = { pointCount: WALK_POINTS };
  const reset = async () => {
    await reopen(db, walks);
    await settle(db);
  };
  return {
    minRate: MIN_RATE,
    compiledAfter: COMPILED_AFTER_WALKS,
    check: async () => {
      for (const walk of walks.slice(0, COMPARED)) await checkCompletion(servers, db, { walk, body });
      await reset();
    },
    warmUp: (target) => burstOf(asked.slice(0, WARM_UP_WALKS), { ...target, body }),
    burst: (target) =>
      burstOf(asked.slice(WARM_UP_WALKS).slice(0, walksFor(target.connections)), { ...target, body }),
    reset,
  };
}

async function compare(name: string, route: Route): Promise<void> {
  await route.check();
  for (const server of servers)
    for (let requests = 0; requests < route.compiledAfter;)
      requests += (await measure(server, route, CONNECTIONS[0]!)).requests;
  let rateAtEase: number | undefined;
  for (const connections of CONNECTIONS) {
    const rounds: Record<MeasuredServer['name'], Measured[]> = { service: [], reference: [] };
    for (let round = 0; round < ROUNDS; round++) {
      // By turns also who is first: a machine's speed drifts by a tenth within a minute.
      const inTurn = round % 2 === 0 ? servers : servers.toReversed();
      for (const server of inTurn) rounds[server.name].push(await measure(server, route, connections));
    }
    const one = judged({ route: name, connections, rounds, rateAtEase, minRate: route.minRate });
    results.push(one);
    if (connections < CROWD) rateAtEase = one.service.rate;
  }
}

/** One round of one server, of which only what follows the warm-up counts. */
async function measure({ url, pid }: MeasuredServer, route: Route, connections: number): Promise<Measured> {
  await route.warmUp({ url, connections });
  await comeToRest(async () => (await cpuMsOf(pid)) + (await treeCpuMsOf(postmaster)));
  await forgetPeak(pid);
  const [appMs, databaseMs] = [await cpuMsOf(pid), await treeCpuMsOf(postmaster)];
  const burst = await route.burst({ url, connections });
  const measured = {
    ...burst,
    rate: (burst.requests - burst.errors) / burst.seconds,
    appCpuMs: ((await cpuMsOf(pid)) - appMs) / burst.requests,
    databaseCpuMs: ((await treeCpuMsOf(postmaster)) - databaseMs) / burst.requests,
    peakMb: (await memoryMbOf(pid)).peak,
  };
  await route.reset?.();
  return measured;
}
