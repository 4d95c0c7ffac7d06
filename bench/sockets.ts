/**
 * `npm run bench -- sockets [--rooms 50,100,200 --seconds 8 --rounds 3 --every 1000 --json FILE]`: rooms of ten who walk
 * together and send a position a second, on the service and on plain Socket.IO in turn, the phones in a process of their
 * own. Needs DATABASE_URL and REDIS_URL. Prints Markdown; ends with 1 when a limit is exceeded.
 *
 * Expected is one delivery to each other member of the room for every position sent. The service may leave one out on
 * purpose: a member's positions go out a second apart, and of those that come faster the last.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { Database, statement } from '../src/platform/database/database.js';
import { median, quantile } from './figures.js';
import { cpuMsOf, memoryMbOf, PROGRAMS, type Server, startServer } from './processes.js';
import { copyOfBenchSet, KEYS, type LoggedIn, logIn } from './set.js';
import type { Arrivals, Walk } from './sockets-members.js';

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    rooms: { type: 'string', default: '50,100,200' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    every: { type: 'string', default: '1000' },
    json: { type: 'string' },
  },
});
const SIZES = options.rooms.split(',').map(Number);
const SECONDS = Number(options.seconds);
const ROUNDS = Number(options.rounds);
const EVERY_MS = Number(options.every);
const MEMBERS = 10;
const OPEN_MS = 4 * 3_600_000;
/** Of what plain Socket.IO delivers in the same run. */
const MIN_DELIVERED = 0.9;
const MAX_P95_MS = 100;
/** The size that the limit of p95 is about. */
const P95_AT_ROOMS = 50;

const { REDIS_URL: redisUrl } = process.env;
if (!redisUrl) throw new Error('REDIS_URL is needed');

type Rooms = Walk['rooms'];
type Contestant = 'service' | 'plain';
type Figures = Record<
  'expectedPerS' | 'deliveredPerS' | 'p50Ms' | 'p95Ms' | 'p99Ms' | 'cpuMs' | 'rssMb' | 'phonesCpuShare',
  number
>;

const set = await copyOfBenchSet(1);
const db = Database.server(set.url, 2, () => {});
const results: { rooms: number; service: Figures; plain: Figures }[] = [];
try {
  const rooms = await openRooms(await logIn(db, Math.max(...SIZES) * MEMBERS));
  for (const size of SIZES) results.push(await compare(rooms.slice(0, size)));
} finally {
  await db.close();
  await set.drop();
}
report();

/** Each time on a new process, so that none bears what was before. */
async function compare(rooms: Rooms) {
  const start: Record<Contestant, () => Promise<Server>> = {
    service: startService,
    plain: () => startServer(PROGRAMS.plainSockets, { REDIS_URL: redisUrl, ...KEYS }),
  };
  const rounds: Record<Contestant, Figures[]> = { service: [], plain: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ['service', 'plain'] as const) {
      const server = await start[name]();
      try {
        rounds[name].push(await walkOn(server, rooms));
      } finally {
        await server.stop();
      }
    }
  }
  const mediansOf = (figures: readonly Figures[]) =>
    Object.fromEntries(
      Object.keys(figures[0]!).map((key) => [key, median(figures.map((one) => one[key as keyof Figures]))]),
    ) as Figures;
  return { rooms: rooms.length, service: mediansOf(rounds.service), plain: mediansOf(rounds.plain) };
}

/** Open, and done with the jobs whose slots went by since the set was made. */
async function startService(): Promise<Server> {
  const server = await startServer(PROGRAMS.service, {
    DATABASE_URL: set.url,
    REDIS_URL: redisUrl,
    ...KEYS,
  });
  const unfinished = statement<{ jobs: number }>(
    'bench_unfinished',
    `select count(*)::int as jobs from pgboss.job where state < 'completed' and start_after <= now()`,
  );
  do await pause(1_000);
  while ((await db.rows(unfinished, []))[0]!.jobs > 0);
  return server;
}

async function walkOn({ pid, url }: Server, rooms: Rooms): Promise<Figures> {
  const phones = fork(fileURLToPath(new URL('./sockets-members.js', import.meta.url)));
  const exited = once(phones, 'exit').then(() => Promise.reject(new Error('The phones ended')));
  exited.catch(() => {}); // after the last word it is what is meant to be
  const next = async () => ((await Promise.race([once(phones, 'message'), exited])) as unknown[])[0];
  phones.send({ url, rooms, everyMs: EVERY_MS, seconds: SECONDS } satisfies Walk);
  await next();
  const before = await cpuMsOf(pid);
  await next();
  const after = await cpuMsOf(pid);
  const { rss: rssMb } = await memoryMbOf(pid);
  const { expected, delaysMs, cpuMs } = (await next()) as Arrivals;
  return {
    expectedPerS: expected / SECONDS,
    deliveredPerS: delaysMs.length / SECONDS,
    p50Ms: quantile(delaysMs, 0.5),
    p95Ms: quantile(delaysMs, 0.95),
    p99Ms: quantile(delaysMs, 0.99),
    cpuMs: (after - before) / delaysMs.length,
    rssMb,
    phonesCpuShare: cpuMs / 1_000 / SECONDS,
  };
}

/** Each of a meetup that has just begun. */
async function openRooms(people: readonly LoggedIn[]): Promise<Rooms> {
  const now = new Date();
  const made = Array.from({ length: people.length / MEMBERS }, (_, i) => ({
    roomId: uuidv7(),
    meetupId: uuidv7(),
    members: people.slice(i * MEMBERS, (i + 1) * MEMBERS),
  }));
  await db.prisma.meetup.createMany({
    data: made.map(({ meetupId, members: [host] }) => ({
      ...{ id: meetupId, hostId: host!.userId, title: '산책', placeName: '입구', lat: 37.5, lng: 127 },
      ...{ startsAt: now, capacity: MEMBERS, createdAt: now },
    })),
  });
  await db.prisma.room.createMany({
    data: made.map(({ roomId, meetupId }) => ({
      ...{ id: roomId, meetupId, opensAt: now, closesAt: new Date(now.getTime() + OPEN_MS), createdAt: now },
    })),
  });
  await db.prisma.roomMember.createMany({
    data: made.flatMap(({ roomId, members }) => members.map(({ userId }) => ({ roomId, userId }))),
  });
  return made.map(({ roomId, members }) => ({
    roomId,
    members: members.map(({ userId, token }) => ({ userId, token })),
  }));
}

function report(): void {
  const row = (size: number, name: Contestant, figures: Figures) =>
    [
      ...[`${size} × ${MEMBERS}`, name, figures.deliveredPerS.toFixed(0)],
      `${((figures.deliveredPerS / figures.expectedPerS) * 100).toFixed(1)} %`,
      ...[figures.p50Ms, figures.p95Ms, figures.p99Ms].map((ms) => ms.toFixed(1)),
      ...[
        figures.cpuMs.toFixed(3),
        figures.rssMb.toFixed(0),
        `${(figures.phonesCpuShare * 100).toFixed(0)} %`,
      ],
    ].join(' | ');
  const verdicts = results.map(({ rooms, service, plain }) => {
    const delivered = service.deliveredPerS / plain.deliveredPerS;
    const isLate = rooms === P95_AT_ROOMS && service.p95Ms >= MAX_P95_MS;
    return { rooms, delivered, isWithin: delivered >= MIN_DELIVERED && !isLate };
  });
  const lines = [
    `A position every ${EVERY_MS} ms from each member, ${SECONDS} s, medians of ${ROUNDS} rounds`,
    '',
    '| rooms | server | delivered / s | of expected | p50 ms | p95 ms | p99 ms | CPU ms / delivery | RSS MB | CPU of the phones |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...results.flatMap(({ rooms, service, plain }) => [
      `| ${row(rooms, 'service', service)} |`,
      `| ${row(rooms, 'plain', plain)} |`,
    ]),
    '',
    ...verdicts.map(
      ({ rooms, delivered, isWithin }) =>
        `${rooms} × ${MEMBERS}: ${isWithin ? 'within' : 'OUTSIDE'} the limits, delivered ${delivered.toFixed(3)} of plain`,
    ),
    `Limits: delivered ≥ ${MIN_DELIVERED} of plain; p95 < ${MAX_P95_MS} ms at ${P95_AT_ROOMS} × ${MEMBERS}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (!verdicts.every(({ isWithin }) => isWithin)) process.exitCode = 1;
}

if (options.json) await writeFile(options.json, `${JSON.stringify({ results }, null, 2)}\n`);
