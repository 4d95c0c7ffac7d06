/**
 * A1 A4 A6 A9 A12: the whole service under mixed load, while its processes are killed, PostgreSQL is restarted and Redis
 * goes and comes. What was answered with 2xx is kept in a ledger, and is there at the end, once.
 * The embedded database lets one process in, which is killed; there is nothing to restart.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { MAX, NIL, v7 as uuidv7 } from 'uuid';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/config/config.js';
import { factsOf } from '../../src/modules/badges/badges.queries.js';
import { reachedOf } from '../../src/modules/badges/progress-rules.js';
import { PUSHES_PER_DAY } from '../../src/modules/notifications/push-rules.js';
import { CONSENT_TEXT_VERSION, TRIAL_DAYS } from '../../src/modules/payments/plans.js';
import { usersThatDiffer } from '../../src/modules/totals/totals.queries.js';
import { createUser } from '../../src/modules/users/index.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { kstDate } from '../../src/platform/clock/kst.js';
import { withLocalSecrets } from '../../src/platform/crypto/local-secrets.js';
import { Database, statement } from '../../src/platform/database/database.js';
import { Queue } from '../../src/platform/queue/queue.js';
import { consentRows } from '../builders/consents.js';
import { seededRandom } from '../builders/tracks.js';
import { type FcmSimulator, startFcm } from '../simulators/fcm.js';
import { startToss, type TossSimulator } from '../simulators/toss.js';
import { secret } from '../support/leaks.js';
import { ownDatabase, SERVER_URL } from '../support/lane.js';
import { OwnPostgres, OwnRedis } from '../support/own-servers.js';
import { TestClock } from '../support/test-clock.js';
import { Backend } from './backend.js';
import { Fleet } from './fleet.js';
import { SEATS, type Walker, Walkers } from './walkers.js';

const SEED = 20_261_207;
const ENTRY = 'dist/test/faults/main-at.js';
const PROCESSES = SERVER_URL ? 3 : 1;
const KILLS = SERVER_URL ? 20 : 2;
const WALKERS = SERVER_URL ? 8 : 4;
const SUBSCRIBERS = SERVER_URL ? 4 : 1;
/** Before each of these kills PostgreSQL is restarted; Redis is off between two others. */
const RESTARTS = new Map<number, 'fast' | 'immediate'>([
  [4, 'fast'],
  [10, 'immediate'],
  [16, 'fast'],
]);
const REDIS_OFF = 7;
const REDIS_ON = 13;
const BETWEEN_KILLS_MS = 1_000;
/** At the start and after the last fault. */
const CALM_MS = SERVER_URL ? 5_000 : 1_500;
/** Of the messages to FCM about every third is refused. */
const FCM_LOOKED_AT_EVERY_MS = 100;
const TAKEN_BEFORE_REFUSED = 2;
const CHARGE_JOBS_EACH = 20;
const CHARGES_FROM_S = 5;
const CHARGE_EVERY_S = 3;
const MAX_ERROR_RATE = 0.001;
const MAX_RECOVERY_MS = 5_000;
const DAY_MS = 86_400_000;
const LEASE_MS = 120_000;
const PRICE_KRW = 4_900;

const random = seededRandom(SEED);
/** Noon in Korea: no quiet hours. */
const startsAtMs = Date.parse(`${kstDate(new Date(Date.now() + DAY_MS))}T12:00:00+09:00`);
const aheadMs = startsAtMs - Date.now();
const nowMs = () => Date.now() + aheadMs;
const clock = new TestClock();

let servers: {
  env: Record<string, string>;
  postgres?: OwnPostgres;
  redis?: OwnRedis;
  remove(): Promise<void>;
};
let fcm: FcmSimulator;
let toss: TossSimulator;
let env: Record<string, string>;
let walkers: Walker[];

beforeAll(async () => {
  [servers, fcm, toss] = await Promise.all([startServers(), startFcm(), startToss({ now: nowMs })]);
  env = { ...servers.env, ...fcm.env, ...toss.env, CLOCK_AHEAD_MS: String(aheadMs) };
  walkers = await settle();
}, 60_000);
afterAll(async () => {
  await fcm?.close();
  await toss?.close();
  await servers?.remove();
});

async function startServers(): Promise<typeof servers> {
  if (!SERVER_URL) return ownDatabase();
  const [postgres, redis, folder] = await Promise.all([
    OwnPostgres.start(),
    OwnRedis.start(),
    mkdtemp(join(tmpdir(), 'withbowwow-fleet-')),
  ]);
  const remove = async () => {
    await postgres.remove();
    await redis.remove();
    await rm(folder, { recursive: true, force: true });
  };
  const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url, DATA_DIR: folder };
  return { env, postgres, redis, remove };
}

/** The service in this process, which works on nothing by itself. */
async function inHere<T>(work: (app: Awaited<ReturnType<typeof createApp>>) => Promise<T>): Promise<T> {
  const config = loadConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', ROLE: 'web', ...env });
  const app = await createApp(config, clock);
  try {
    await app.listen(0, '127.0.0.1');
    return await work(app);
  } finally {
    await app.close();
  }
}

const enqueueCharges = statement<{ id: string }>(
  'fleet_enqueue_charges',
  `insert into pgboss.job (name, data, start_after)
   select 'payments.charge', json_build_object('subscriptionId', c.subscription_id),
     now() + ($2::int + n * $3::int) * interval '1 second'
   from toss_contracts c cross join generate_series(1, $1::int) as n returning id`,
);

/** People with dogs and phones; the trials of some end now. */
async function settle(): Promise<Walker[]> {
  const tokens = new AccessTokens(await withLocalSecrets(loadConfig({ NODE_ENV: 'test', ...env })), clock);
  return inHere(async (app) => {
    const db = app.get(Database);
    const url = await app.getUrl();
    const made: Walker[] = [];
    for (let i = 0; i < WALKERS; i++) {
      clock.set(startsAtMs - TRIAL_DAYS * DAY_MS - 60_000);
      const now = clock.now();
      const sessionId = uuidv7();
      const user = await db.transaction(async (tx) => {
        const { id } = await createUser(tx, { nickname: `보리누나${i}`, now });
        const expiresAt = new Date(startsAtMs + DAY_MS);
        await tx.prisma.session.create({
          data: { id: sessionId, userId: id, createdAt: now, lastUsedAt: now, expiresAt },
        });
        await tx.prisma.consent.createMany({ data: consentRows(id, now) });
        return tx.prisma.user.findUniqueOrThrow({ where: { id } });
      });
      const ask = async (path: string, body: object) => {
        const response = await fetch(url + path, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${tokens.issue(user.id, sessionId).token}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify(body),
        });
        if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
        return (await response.json()) as { id: string };
      };
      const { id: petId } = await ask('/pets', { name: '보리', weightKg: 8.5 });
      const device = secret(`fleet-device-${i}:APA91b_${'x'.repeat(100)}`);
      await ask('/push-tokens', { token: device, platform: 'android' });
      if (i < SUBSCRIBERS) {
        const customerKey = user.billingId;
        const authKey = toss.authorizeBilling(customerKey);
        const consent = { priceKrw: PRICE_KRW, textVersion: CONSENT_TEXT_VERSION };
        await ask('/payments/billing-key', { authKey, customerKey, plan: 'monthly', consent });
      }
      clock.set(startsAtMs);
      made.push({ id: user.id, token: tokens.issue(user.id, sessionId).token, petId, device });
    }
    // Many more than there are charges, and in all processes at once.
    await db.rows(enqueueCharges, [CHARGE_JOBS_EACH, CHARGES_FROM_S, CHARGE_EVERY_S]);
    return made;
  });
}

/** What killed processes were doing is given to others after minutes, and what was put off comes later: not waited for here. */
const releaseJobs = statement<{ id: string }>(
  'fleet_release_jobs',
  `update pgboss.job set start_after = now() - interval '1 second',
     state = case when state = 'active' then 'retry'::pgboss.job_state else state end,
     retry_count = case when state = 'active' then retry_count + 1 else retry_count end
   where state <= 'active' returning id`,
);
const jobStates = statement<{ state: string; count: number; again: number }>(
  'fleet_job_states',
  `select state::text as state, count(*)::int as count, count(*) filter (where retry_count > 0)::int as again
   from pgboss.job group by 1`,
);

/** @returns how many jobs the dead left behind */
async function emptyQueue(db: Database, queue: Queue): Promise<number> {
  const left = (await db.rows(releaseJobs, [])).length;
  for (;;) {
    await queue.drain().catch(() => 0); // tried again below; for good it is a failed job
    if ((await db.rows(releaseJobs, [])).length === 0) return left;
    clock.advance({ ms: LEASE_MS });
  }
}

it(`A1 A4 A6 A9 A12 ${KILLS} × kill -9 of ${PROCESSES} processes${SERVER_URL ? ', 3 restarts of PostgreSQL, Redis off and on' : ''}: nothing lost, nothing twice`, async () => {
  const backends = Array.from({ length: PROCESSES }, () => new Backend(env, ENTRY));
  const fleet = new Fleet(backends, random);
  const load = new Walkers(fleet, walkers, nowMs, SEED);
  const recoveriesMs: number[] = [];
  let memoryMb: number[];
  fcm.fail('UNREGISTERED', { token: walkers[0]!.device });
  let refusedAt = 0;
  const failing = setInterval(() => {
    if (fcm.messages.length < refusedAt) return;
    fcm.fail('QUOTA_EXCEEDED', { times: 1 });
    refusedAt = fcm.messages.length + TAKEN_BEFORE_REFUSED;
  }, FCM_LOOKED_AT_EVERY_MS);
  try {
    await fleet.start();
    load.begin();
    await passed(CALM_MS);
    for (let kill = 1; kill <= KILLS; kill++) {
      await fleet.untilReady(Math.min(2, PROCESSES));
      await passed(BETWEEN_KILLS_MS * random());
      const restart = RESTARTS.get(kill);
      if (restart && servers.postgres)
        recoveriesMs.push(await fleet.outage(() => servers.postgres!.restart(restart)));
      if (kill === REDIS_OFF) await servers.redis?.off();
      if (kill === REDIS_ON) await servers.redis?.on();
      await fleet.killOne();
    }
    await fleet.calm();
    await passed(CALM_MS);
    await load.end();
    expect(fleet.fallen).toBe(0);
    memoryMb = await Promise.all(backends.map((backend) => backend.memoryMb()));
  } finally {
    clearInterval(failing);
    await Promise.all(backends.map((backend) => backend.kill()));
  }

  const { acknowledged } = load;
  clock.set(nowMs() + LEASE_MS);
  await inHere(async (app) => {
    const db = app.get(Database);
    const left = await emptyQueue(db, app.get(Queue));
    const jobs = await db.rows(jobStates, []);
    expect(jobs.map(({ state }) => state)).toEqual(['completed']);

    await expectAcknowledged(db, acknowledged);
    await expectExactFigures(db);
    await expectOneChargeEach(db);
    const pushes = await expectPushesOnce(db);

    const errors = fleet.attempts.filter(({ error }) => error !== null).length;
    const ms = (figures: readonly number[]) =>
      [...figures]
        .sort((a, b) => a - b)
        .map(Math.round)
        .join(' ');
    process.stdout.write(
      [
        `A1: seed ${SEED}; ${KILLS} kills, ready again after ${ms(fleet.restartsMs)} ms`,
        `PostgreSQL restarted, all ready after ${ms(recoveriesMs)} ms`,
        `${fleet.attempts.length} requests, ${errors} of them lost or 5xx, ${fleet.unexplained.length} of ${fleet.attemptsInCalm} outside of the faults`,
        `acknowledged: ${acknowledged.walks.length} walks, ${acknowledged.likes.size} likes, ${acknowledged.follows.size} follows, ${acknowledged.comments.length} comments, ${acknowledged.meetups.length} meetups, ${acknowledged.joins.size} joins`,
        `jobs: ${jobs[0]!.count}, ${jobs[0]!.again} begun again, ${left} left to the end; ${pushes.sent} pushes as ${pushes.messages} messages; ${toss.charges.length} charges`,
        `memory: ${memoryMb.join(', ')} MB`,
      ].join('\n  ') + '\n',
    );
  });
  const seen = fleet.unexplained.map(({ what, error }) => `${what}: ${error}`);
  expect({ tooMany: seen.length > MAX_ERROR_RATE * fleet.attemptsInCalm, seen }).toEqual({
    tooMany: false,
    seen: expect.any(Array) as unknown,
  });
  for (const recoveryMs of recoveriesMs) expect(recoveryMs).toBeLessThan(MAX_RECOVERY_MS);
}, 300_000);

async function expectAcknowledged(db: Database, acknowledged: Walkers['acknowledged']): Promise<void> {
  const walks = await db.prisma.walk.findMany({
    select: { id: true, title: true, state: true, storedPoints: true },
  });
  const titles = walks.map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
  const stored = new Map(walks.map((walk) => [walk.id, walk]));
  for (const { id, title, points } of acknowledged.walks)
    expect(stored.get(id)).toEqual({ id, title, state: 'completed', storedPoints: points });

  const likes = await db.prisma.walkLike.findMany();
  const follows = await db.prisma.follow.findMany();
  const joins = await db.prisma.meetupParticipant.findMany();
  expect(likes.map(({ walkId, userId }) => `${walkId} ${userId}`)).toEqual(
    expect.arrayContaining([...acknowledged.likes]),
  );
  expect(follows.map(({ followerId, followeeId }) => `${followerId} ${followeeId}`)).toEqual(
    expect.arrayContaining([...acknowledged.follows]),
  );
  expect(joins.map(({ meetupId, userId }) => `${meetupId} ${userId}`)).toEqual(
    expect.arrayContaining([...acknowledged.joins]),
  );

  // Each had a key of its own: nothing more than what was acknowledged is there, as all were asked until answered.
  const byId = <T extends { id: string }>(rows: readonly T[]) =>
    [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
  const comments = await db.prisma.walkComment.findMany({ select: { id: true, body: true } });
  expect(byId(comments)).toEqual(byId(acknowledged.comments));
  const meetups = await db.prisma.meetup.findMany({ select: { id: true, title: true } });
  expect(byId(meetups)).toEqual(byId(acknowledged.meetups));
  for (const { id } of meetups)
    expect(joins.filter(({ meetupId }) => meetupId === id).length).toBeLessThanOrEqual(SEATS);
}

/** Sums equal those of the walks, badges those that the walks are worth. */
async function expectExactFigures(db: Database): Promise<void> {
  expect(await usersThatDiffer(db, NIL, MAX)).toEqual([]);
  for (const { id: userId } of walkers) {
    const walks = await db.prisma.walk.findMany({ where: { userId, counts: true } });
    const total = await db.prisma.userTotal.findFirst({ where: { userId, period: 'all' } });
    expect({ walks: total?.walks ?? 0, distanceM: total?.distanceM ?? 0 }).toEqual({
      walks: walks.length,
      distanceM: walks.reduce((sum, { distanceM }) => sum + distanceM, 0),
    });
    const key = (code: string, year: number) => `badge:${code}:${year}`;
    const expected = reachedOf(await factsOf(db, userId, kstDate(clock.now())))
      .map(({ definition, year }) => key(definition.code, year))
      .sort();
    const badges = await db.prisma.userBadge.findMany({ where: { userId } });
    expect(badges.map(({ code, year }) => key(code, year)).sort()).toEqual(expected);
    const notes = await db.prisma.notification.findMany({ where: { userId, type: 'badge_earned' } });
    expect(notes.map(({ dedupeKey }) => dedupeKey).sort()).toEqual(expected);
  }
}

async function expectOneChargeEach(db: Database): Promise<void> {
  const orders = await db.prisma.tossOrder.findMany();
  const entries = await db.prisma.ledgerEntry.findMany();
  expect(orders.map(({ state, period, attempt }) => ({ state, period, attempt }))).toEqual(
    Array.from({ length: SUBSCRIBERS }, () => ({ state: 'paid', period: 0, attempt: 0 })),
  );
  const ids = orders.map(({ orderId }) => orderId).sort();
  expect(toss.charges.map(({ orderId }) => orderId).sort()).toEqual(ids);
  expect(entries.map(({ periodId }) => periodId).sort()).toEqual(ids);
}

/** A push that is sent again carries the id by which the phone replaces it. */
async function expectPushesOnce(db: Database): Promise<{ sent: number; messages: number }> {
  const [dead, ...living] = walkers;
  expect(await db.prisma.pushToken.count({ where: { userId: dead!.id } })).toBe(0);
  expect(await db.prisma.notification.count({ where: { pushState: 'pending' } })).toBe(0);
  const deliveries = await db.prisma.pushDelivery.findMany();
  const unsettled = deliveries.filter(({ settledAt }) => settledAt === null);
  expect(unsettled).toEqual([]);
  const deviceOf = new Map(living.map(({ id, device }) => [id, device]));
  const sent = new Map<string, Set<string>>();
  for (const { token, data, android } of fcm.messages) {
    const deliveryId = data!.deliveryId!;
    expect([android!.collapse_key, android!.notification!.tag]).toEqual([deliveryId, deliveryId]);
    const about = data!.notificationId ?? deliveryId;
    sent.set(`${token} ${about}`, (sent.get(`${token} ${about}`) ?? new Set()).add(deliveryId));
  }
  for (const ids of sent.values()) expect(ids.size).toBe(1);
  const arrived = new Set(fcm.messages.map(({ token, data }) => `${token} ${data!.deliveryId}`));
  for (const { id, userId } of deliveries) {
    const device = deviceOf.get(userId);
    if (device) expect(arrived).toContain(`${device} ${id}`);
  }
  for (const { id } of living) {
    const places = deliveries.filter(({ userId, ordinal }) => userId === id && ordinal !== null);
    expect(places.length).toBeLessThanOrEqual(PUSHES_PER_DAY);
  }
  return { sent: sent.size, messages: fcm.messages.length };
}
