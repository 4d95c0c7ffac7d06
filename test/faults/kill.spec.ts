/**
 * A1–A3: the real process is killed with SIGKILL, over and over, while walks are recorded and completed, and while
 * totals and badges follow them.
 * The embedded database takes 3 s to start: `FAULT_KILLS=20 npm test -- kill` kills as often there as on a server.
 */
import { setTimeout as passed } from 'node:timers/promises';
import { MAX, NIL, v7 as uuidv7 } from 'uuid';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/config/config.js';
import { factsOf } from '../../src/modules/badges/badges.queries.js';
import { reachedOf } from '../../src/modules/badges/progress-rules.js';
import { usersThatDiffer } from '../../src/modules/totals/totals.queries.js';
import { chunkOf } from '../../src/modules/walks/raw-points.js';
import { kstDate } from '../../src/platform/clock/kst.js';
import { Database, statement } from '../../src/platform/database/database.js';
import { Queue } from '../../src/platform/queue/queue.js';
import { SIGN_UP_CONSENTS } from '../builders/consents.js';
import { drive, seededRandom, streetWalk } from '../builders/tracks.js';
import { chunked, wirePoints } from '../builders/wire.js';
import { type LoginProviders, REDIRECT_URIS, startLoginProviders } from '../simulators/login-providers.js';
import { type OwnDatabase, ownDatabase, SERVER_URL } from '../support/lane.js';
import { AnswerLost, Backend, Phone } from './backend.js';

const KILLS = Number(process.env.FAULT_KILLS ?? (SERVER_URL ? 20 : 3));
const KILLS_AT_COMPLETE = Math.max(2, Math.round(KILLS / 2));
const KILLS_WHILE_FOLLOWING = Math.max(2, Math.round(KILLS / 2));
const WALKS_PER_KILL = 3;
const MAX_WAIT_FOR_WORKER_MS = 1_200;
/** Of the kills while recording, every so many is followed by one while the process starts again. */
const KILL_AT_START_EVERY = 5;
const POINTS_PER_CHUNK = 8;
const REQUESTS_AT_ONCE = 4;
const MAX_SENT_BEFORE_KILL = 10;
const MAX_DELAY_MS = 6;
const HOUR_MS = 3_600_000;

const random = seededRandom(20_261_121);
const now = Date.now();
let database: OwnDatabase;
let providers: LoginProviders;
let backend: Backend;

beforeAll(async () => {
  [database, providers] = await Promise.all([ownDatabase(), startLoginProviders()]);
  backend = new Backend({ ...database.env, ...providers.env });
  await backend.start();
});
afterAll(async () => {
  await backend?.kill();
  await providers?.close();
  await database?.remove();
});

let people = 5_200_000_000;

/** A user who came through Kakao's login, with a dog. */
async function someone(nickname: string) {
  const kakaoId = providers.kakao.addUser({ id: String(++people), nickname }).id;
  const { accessToken } = await new Phone(backend).ask('POST', '/auth/kakao', {
    code: providers.kakao.code(kakaoId, { redirectUri: REDIRECT_URIS.kakao }),
    redirectUri: REDIRECT_URIS.kakao,
  });
  const phone = new Phone(backend, accessToken);
  for (const consent of SIGN_UP_CONSENTS) await phone.ask('POST', '/users/me/consents', consent);
  const pet = await phone.ask('POST', '/pets', { name: '보리', weightKg: 8.5 });
  return { phone, petIds: [pet.id as string] };
}

/** 3 km on foot with a phone that slept on the way, a ride in between, and a pause. */
function outing(startMs: number) {
  const there = streetWalk({ startMs, km: 1.5, noiseM: 4, seed: 11 });
  const ride = drive({
    startMs: there.at(-1)!.tMs + 1_000,
    start: there.at(-1)!,
    km: 2,
    noiseM: 4,
    seed: 12,
  });
  const back = streetWalk({
    startMs: ride.at(-1)!.tMs + 8 * 60_000,
    start: ride.at(-1)!,
    km: 1.5,
    noiseM: 4,
    seed: 13,
  });
  const points = [...there, ...ride, ...back].map((point, seq) => ({ ...point, seq, accuracyM: 5 }));
  const pausedMs = back[300]!.tMs;
  const pause = { from: new Date(pausedMs).toISOString(), to: new Date(pausedMs + 120_000).toISOString() };
  return { points: wirePoints(points), pauses: [pause] };
}

type Chunk = { points: ReturnType<typeof wirePoints>; pauses?: { from: string; to: string }[] };

it(`A1 G03: ${KILLS} × kill -9 while a walk records lose no acknowledged point`, async () => {
  const bori = await someone('보리누나');
  const { points, pauses } = outing(now - 6 * HOUR_MS);
  const start = { petIds: bori.petIds, startedAt: points[0]!.t };
  const { id: walkId } = await bori.phone.ask('POST', '/walks', start);

  const pending: Chunk[] = chunked(points, POINTS_PER_CHUNK).map((some) => ({ points: some }));
  pending.at(-1)!.pauses = pauses;
  const acknowledged: Chunk[] = [];
  let sent = 0;
  let lostAnswers = 0;
  let storedUnanswered = 0;

  /** Sends what is pending until all is answered or the process is dead; what was not answered is pending again. */
  async function send(onSent: () => void): Promise<void> {
    const lost: Chunk[] = [];
    const sender = async () => {
      for (let chunk = pending.shift(); chunk; chunk = pending.shift()) {
        const answering = bori.phone.ask('POST', `/walks/${walkId}/points`, chunk);
        sent++;
        onSent();
        try {
          await answering;
          acknowledged.push(chunk);
        } catch (error) {
          if (!(error instanceof AnswerLost)) throw error;
          lost.push(chunk);
          return;
        }
      }
    };
    await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, sender));
    lostAnswers += lost.length;
    pending.unshift(...lost);
  }

  for (let kill = 1; kill < KILLS; kill++) {
    const killAfter = sent + 1 + Math.floor(random() * MAX_SENT_BEFORE_KILL);
    const delayMs = random() * MAX_DELAY_MS;
    let killed: Promise<void> | undefined;
    await send(() => {
      if (sent === killAfter) killed = passed(delayMs).then(() => backend.kill());
    });
    await killed;
    expect({ kill, killed: backend.isKilled, pending: pending.length > 0 }).toEqual({
      kill,
      killed: true,
      pending: true,
    });
    if (kill % KILL_AT_START_EVERY === 1) {
      backend.begin();
      await passed(random() * 1_000);
      await backend.kill();
    }
    await backend.start();
    const walk = await bori.phone.ask('GET', `/walks/${walkId}`);
    expect(walk.state).toBe('recording');
    const acknowledgedPoints = pointsIn(acknowledged);
    expect(walk.storedPoints).toBeGreaterThanOrEqual(acknowledgedPoints);
    storedUnanswered += walk.storedPoints > acknowledgedPoints ? 1 : 0;
  }
  expect(lostAnswers).toBeGreaterThanOrEqual(KILLS - 1);

  // The last kill comes with the last answer: every row must be there.
  await send(() => {});
  await backend.kill();
  expect(pointsIn(acknowledged)).toBe(points.length);
  const stored = await backend.inspect((db) => db.prisma.walkChunk.findMany({ where: { walkId } }));
  const rows = new Map(stored.map((row) => [hex(row.contentHash), row]));
  const expected = acknowledged.map(({ points: some, pauses: paused }) => chunkOf(some, paused));
  for (const chunk of expected) expect(rows.get(hex(chunk.contentHash))?.points).toEqual(chunk.points);
  expect(rows.size).toBe(expected.length);

  await backend.start();
  const done = await bori.phone.ask('POST', `/walks/${walkId}/complete`, { pointCount: points.length });
  const choco = await someone('초코아빠');
  const whole = await choco.phone.ask('PUT', `/walks/${uuidv7()}`, {
    ...start,
    petIds: choco.petIds,
    points,
    pauses,
  });
  expect(derived(done)).toEqual(derived(whole));
  expect(done).toMatchObject({ state: 'completed', storedPoints: points.length, awaitingPoints: false });
  expect(done.leftOut.map(({ reason }: { reason: string }) => reason).sort()).toEqual([
    'gap',
    'pause',
    'vehicle',
  ]);

  process.stdout.write(
    `A1: ${KILLS} kills, ${sent} chunks sent, ${acknowledged.length} acknowledged, ${lostAnswers} answers lost; ` +
      `after ${storedUnanswered} kills there was stored what had not been answered\n`,
  );
}, 600_000);

const jobsOf = statement<{ walkId: string; name: string; count: number }>(
  'fault_jobs_of_walks',
  `select data->>'walkId' as "walkId", name, count(*)::int as count from pgboss.job
   where name like 'walk-completed.%' group by 1, 2`,
);

it(`A2 G01: ${KILLS_AT_COMPLETE} × kill -9 around the end of complete: one completion, one WalkCompleted`, async () => {
  const { phone, petIds } = await someone('콩이엄마');
  const walkIds: string[] = [];

  /** A walk of its own hour, sent but not completed. */
  async function recorded() {
    const points = wirePoints(
      streetWalk({
        startMs: now - (30 + walkIds.length) * HOUR_MS,
        km: 1,
        noiseM: 4,
        seed: 100 + walkIds.length,
      }),
    );
    const { id } = await phone.ask('POST', '/walks', { petIds, startedAt: points[0]!.t });
    await phone.ask('POST', `/walks/${id}/points`, { points });
    walkIds.push(id);
    return { path: `/walks/${id}`, body: { pointCount: points.length } };
  }

  const calm = await recorded();
  const calmMs = performance.now();
  await phone.ask('POST', `${calm.path}/complete`, calm.body);
  const completeMs = performance.now() - calmMs;

  const states: string[] = [];
  for (let kill = 0; kill < KILLS_AT_COMPLETE; kill++) {
    const { path, body } = await recorded();
    // Every third at the first byte of the answer: surely after the commit. The others spread over the request.
    const atAnswer = kill % 3 === 2;
    const delayMs = completeMs * 1.1 * ((kill + random()) / KILLS_AT_COMPLETE);
    const killed = atAnswer ? undefined : passed(delayMs).then(() => backend.kill());
    await phone
      .ask('POST', `${path}/complete`, body, atAnswer ? () => backend.kill() : undefined)
      .catch((error: unknown) => {
        if (!(error instanceof AnswerLost)) throw error;
      });
    await killed;
    await backend.start();

    const { state } = await phone.ask('GET', path);
    expect(['recording', 'completed']).toContain(state);
    if (atAnswer) expect(state).toBe('completed');
    states.push(state);
    const again = await phone.ask('POST', `${path}/complete`, body);
    expect(again).toMatchObject({
      state: 'completed',
      counts: true,
      reasons: [],
      storedPoints: body.pointCount,
    });
    expect(await phone.ask('POST', `${path}/complete`, body)).toEqual(again);
  }

  // Completing a completed walk records nothing, so one job each means: it committed with its walk, or not at all.
  await backend.kill();
  const jobs = await backend.inspect((db) => db.rows(jobsOf, []));
  const names = new Set(jobs.map(({ name }) => name));
  expect(names.size).toBeGreaterThan(0);
  for (const walkId of walkIds) {
    for (const name of names) {
      expect({
        walkId,
        name,
        count: jobs.find((job) => job.walkId === walkId && job.name === name)?.count,
      }).toEqual({ walkId, name, count: 1 });
    }
  }
  process.stdout.write(
    `A2: complete takes ${Math.round(completeMs)} ms; after the kills the walks were ${states.join(', ')}\n`,
  );
}, 600_000);

/** What a killed process was doing is given to another after 2 min (`expireInS`): the test does not wait for that. */
const releaseJobs = statement<{ id: string }>(
  'fault_release_jobs',
  `update pgboss.job set state = 'retry', retry_count = retry_count + 1, start_after = now() - interval '1 second'
   where state in ('active', 'retry') returning id`,
);
const jobsByState = statement<{ state: string; count: number; again: number }>(
  'fault_job_states',
  `select state::text as state, count(*)::int as count, count(*) filter (where retry_count > 0)::int as again
   from pgboss.job where name like 'walk-c%' group by 1`,
);

it(`A3 R08 R12: ${KILLS_WHILE_FOLLOWING} × kill -9 while what follows a walk is done: totals, badges and notes exact, each once`, async () => {
  if (backend.isKilled) await backend.start();
  const { phone, petIds } = await someone('뭉치형');
  const { id: userId } = await phone.ask('GET', '/users/me');
  const walkIds: string[] = [];
  for (let kill = 0; kill < KILLS_WHILE_FOLLOWING; kill++) {
    for (let i = 0; i < WALKS_PER_KILL; i++) {
      const startMs = now - (20 + 4 * walkIds.length) * HOUR_MS;
      const points = wirePoints(streetWalk({ startMs, km: 0.6, noiseM: 4, seed: 300 + walkIds.length }));
      const id = uuidv7();
      walkIds.push(id);
      await phone.ask('PUT', `/walks/${id}`, { petIds, points });
    }
    if (kill % 2) await phone.ask('PATCH', `/walks/${walkIds[kill]}`, { visibility: 'private' });
    // Workers look for jobs once a second: before, while and after they have them.
    await passed(random() * MAX_WAIT_FOR_WORKER_MS);
    await backend.kill();
    await backend.start();
  }
  await passed(random() * MAX_WAIT_FOR_WORKER_MS);
  await backend.kill();

  // The last start is one in which the queue can be run until it is empty.
  const app = await createApp(
    loadConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', ROLE: 'web', ...database.env, ...providers.env }),
  );
  try {
    const db = app.get(Database);
    const released = (await db.rows(releaseJobs, [])).length;
    const drained = await app.get(Queue).drain();
    const states = await db.rows(jobsByState, []);
    expect(states.map(({ state }) => state)).toEqual(['completed']);

    const walks = await db.prisma.walk.findMany({ where: { userId, counts: true } });
    expect(walks.map(({ id }) => id).sort()).toEqual([...walkIds].sort());
    const sumOf = (of: typeof walks) => of.reduce((sum, { distanceM }) => sum + distanceM, 0);
    const shown = walks.filter(({ visibility }) => visibility !== 'private');
    const all = await db.prisma.userTotal.findFirstOrThrow({ where: { userId, period: 'all' } });
    expect(all).toMatchObject({
      walks: walks.length,
      distanceM: sumOf(walks),
      rankedWalks: shown.length,
      rankedDistanceM: sumOf(shown),
    });
    expect(await usersThatDiffer(db, NIL, MAX)).toEqual([]);

    const badges = await db.prisma.userBadge.findMany({ where: { userId } });
    const met = reachedOf(await factsOf(db, userId, kstDate(new Date())));
    const key = (code: string, year: number) => `badge:${code}:${year}`;
    const expected = met.map(({ definition, year }) => key(definition.code, year)).sort();
    expect(badges.map(({ code, year }) => key(code, year)).sort()).toEqual(expected);
    const notes = await db.prisma.notification.findMany({ where: { userId, type: 'badge_earned' } });
    expect(notes.map(({ dedupeKey }) => dedupeKey).sort()).toEqual(expected);
    const again = states.reduce((sum, state) => sum + state.again, 0);
    process.stdout.write(
      `A3: ${walkIds.length} walks, ${badges.length} badges; ${again} jobs were begun again, ` +
        `${released} of them and ${drained - released} others after the last kill\n`,
    );
  } finally {
    await app.close();
  }
}, 600_000);

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const pointsIn = (chunks: readonly Chunk[]) => chunks.reduce((sum, { points }) => sum + points.length, 0);

/** What follows from the points alone; the second to send a track is told so. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function derived(walk: any) {
  const {
    storedPoints,
    distanceM,
    estimatedM,
    movingS,
    elapsedS,
    avgSpeedMps,
    topSpeedMps,
    leftOut,
    droppedPoints,
    startedAt,
    endedAt,
    preview,
  } = walk;
  return {
    storedPoints,
    distanceM,
    estimatedM,
    movingS,
    elapsedS,
    avgSpeedMps,
    topSpeedMps,
    leftOut,
    droppedPoints,
    startedAt,
    endedAt,
    preview,
  };
}
