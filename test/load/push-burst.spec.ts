/**
 * A12, N03, N04: a burst of notes for everybody at the edge of the night, and eight senders who take the users
 * in random order and get into each other's way. `PUSH_BURST_USERS=10000` sets how many users.
 */
import { Notifications } from '../../src/modules/notifications/index.js';
import { NotificationHandlers } from '../../src/modules/notifications/notifications.handlers.js';
import { LEASE_MS, Pushes } from '../../src/modules/notifications/pushes.service.js';
import { isQuiet, PUSHES_PER_DAY } from '../../src/modules/notifications/push-rules.js';
import {
  type PushMessage,
  type PushOutcome,
  PushSender,
} from '../../src/modules/notifications/push-sender.js';
import { statement } from '../../src/platform/database/database.js';
import { kstDate } from '../../src/platform/clock/kst.js';
import { seededRandom } from '../builders/tracks.js';
import { startFcm } from '../simulators/fcm.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { SERVER_URL } from '../support/lane.js';
import { kst, losePushJobs, pushJobsFor } from '../support/pushing.js';

const USERS = Number(process.env.PUSH_BURST_USERS ?? (SERVER_URL ? 5_000 : 80));
const SENDERS = 8;
/** So many of the users are taken by two of them. */
const TAKEN_TWICE = 0.4;
/** One of them is urgent, and four may be a group: more than a day's limit in any case. */
const NOTES_PER_USER = PUSHES_PER_DAY + 5;
const NOTES_OF_THE_NIGHT = 3;
const FAILING = 0.1;
const DEAD = 0.02;

const random = seededRandom(20_261_121);
let test: TestApp;
const sent: { device: string; collapseId: string; urgent: boolean; atMs: number }[] = [];
const dead = new Set<string>();
let attempts = 0;

/** Stands for Google only: fails now and then, and forgets some devices. */
class UnreliableSender extends PushSender {
  override async send(messages: readonly PushMessage[]): Promise<PushOutcome[]> {
    const atMs = test.clock.nowMs();
    await new Promise(setImmediate);
    return messages.map(({ token, collapseId, data }) => {
      attempts++;
      if (token.startsWith('dead')) {
        dead.add(token);
        return 'dead';
      }
      if (random() < FAILING) return 'failed';
      sent.push({ device: token, collapseId, urgent: data.type === 'companion', atMs });
      return 'delivered';
    });
  }
}

beforeAll(async () => {
  const fcm = await startFcm(); // only for an account that the configuration takes
  test = await startTestApp({ env: fcm.env });
  await fcm.close();
  const unreliable = new UnreliableSender();
  test.app.get(PushSender).send = (messages) => unreliable.send(messages);
  await addUsers();
});
afterAll(() => test.close());

let statements = 0;
const run = (sql: string, ...values: unknown[]) =>
  test.db.transaction((tx) => tx.rows(statement(`test_burst_${++statements}`, sql), values), {
    timeoutMs: 60_000,
  });

/** Everybody has a phone, every third one two, and some phones are gone. */
async function addUsers(): Promise<void> {
  test.clock.set(kst('20:58'));
  const now = test.clock.now().toISOString();
  await run(
    `insert into users (id, nickname, privacy_seed, created_at)
     select gen_random_uuid(), 'user ' || i, '', $1::timestamptz from generate_series(1, $2::int) i`,
    now,
    USERS,
  );
  await run(
    `insert into sessions (id, user_id, created_at, last_used_at, expires_at)
     select gen_random_uuid(), id, created_at, created_at, created_at + interval '1 year' from users`,
  );
  await run(
    `insert into push_tokens (id, token, user_id, session_id, platform, created_at, last_seen_at)
     select gen_random_uuid(), case when random() < $1::float8 then 'dead' else 'phone' end || gen_random_uuid(),
            user_id, id, 'android', created_at, created_at
     from sessions, generate_series(1, 2) k where k = 1 or abs(hashtext(id::text)) % 3 = 0`,
    DEAD,
  );
  await run(`analyze`);
}

/** As `notify` writes them: an urgent one, a group of four for every second user, and single ones. */
async function burst(name: string, count: number): Promise<void> {
  await run(
    `insert into notifications (id, user_id, type, title, body, dedupe_key, group_key, urgent, push_state, created_at)
     select gen_random_uuid(), u.id, (case when k = 1 then 'companion' else 'social' end)::notification_type,
            '알림 ' || k, '내용', $1::text || k, case when k between 2 and 5 and abs(hashtext(u.id::text)) % 2 = 0 then $1::text end,
            k = 1, 'pending', $2::timestamptz + k * interval '1 ms'
     from users u, generate_series(1, $3::int) k`,
    name,
    test.clock.now().toISOString(),
    count,
  );
  await run('analyze notifications');
}

/** Pushes that the user with the fewest of them would get if there were no limit. */
async function leastCandidates(): Promise<number> {
  const least = statement<{ count: number }>(
    'test_burst_least_candidates',
    `select min(count)::int as count from (
       select count(distinct coalesce(group_key, id::text)) from notifications where not urgent group by user_id
     ) of_user`,
  );
  return (await test.db.rows(least, []))[0]!.count;
}

async function usersInRandomOrder(): Promise<string[]> {
  const users = await test.db.prisma.user.findMany({ select: { id: true } });
  return users
    .map(({ id }) => ({ id, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ id }) => id);
}

/** @param steps clock times by the share of the work that is done when they come */
async function everybodySends(steps: { at: number; time: string; day: number }[] = []): Promise<void> {
  const pushes = test.app.get(Pushes);
  const users = await usersInRandomOrder();
  const total = Math.round(users.length * (1 + TAKEN_TWICE));
  let next = 0;
  const take = () => {
    const i = next++;
    const step = steps[0];
    if (step && i >= step.at * total) {
      steps.shift();
      test.clock.set(kst(step.time, step.day));
    }
    // Every second one, until those that are taken twice are through: while the first is still at it, or shortly after.
    return i < total
      ? users[i < 2 * TAKEN_TWICE * users.length ? i >> 1 : i - Math.round(TAKEN_TWICE * users.length)]
      : undefined;
  };
  const sender = async () => {
    // A failed device is the queue's business: here, of the next round.
    for (let user = take(); user; user = take()) await pushes.push(user).catch(notSent);
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

const notSent = (error: unknown) => {
  if (!(error instanceof Error) || error.name !== 'PushesNotSent') throw error;
};

/** Until nothing is left that may be sent at this time. */
async function untilSettled(): Promise<void> {
  for (let round = 0; round < 30; round++) {
    const open = await test.db.prisma.pushDelivery.findMany({
      where: { settledAt: null },
      distinct: ['userId'],
      select: { userId: true },
    });
    if (open.length === 0) return;
    test.clock.advance({ ms: LEASE_MS });
    for (let i = 0; i < open.length; i += SENDERS) {
      const some = open.slice(i, i + SENDERS);
      await Promise.all(some.map(({ userId }) => test.app.get(Pushes).push(userId).catch(notSent)));
    }
  }
  throw new Error('Some pushes never settle');
}

it(`${USERS} users: 10 a day at most, none in the night, nothing twice, nothing lost`, async () => {
  const startedMs = performance.now();
  await burst('evening', NOTES_PER_USER);
  expect(await leastCandidates()).toBeGreaterThan(PUSHES_PER_DAY);
  await everybodySends([
    { at: 0.1, time: '20:59', day: 20 },
    { at: 0.2, time: '20:59:59.999', day: 20 },
    { at: 0.21, time: '21:00', day: 20 },
    { at: 0.7, time: '23:59:59.999', day: 20 },
    { at: 0.71, time: '00:00', day: 21 },
  ]);
  test.clock.set(kst('07:59:59', 21));
  await burst('night', NOTES_OF_THE_NIGHT);
  test.clock.set(kst('08:00', 21));
  await everybodySends();
  await untilSettled();
  const seconds = (performance.now() - startedMs) / 1000;

  const owners = new Map(
    (await test.db.prisma.pushDelivery.findMany({ select: { id: true, userId: true, ordinal: true } })).map(
      (delivery) => [delivery.id, delivery],
    ),
  );
  const places = new Map<string, Set<string>>();
  for (const { collapseId, urgent, atMs } of sent) {
    const { userId, ordinal } = owners.get(collapseId)!;
    expect(ordinal === null).toBe(urgent);
    if (urgent) continue;
    const at = new Date(atMs);
    if (isQuiet(at)) throw new Error(`Pushed at ${at.toISOString()}`);
    const key = `${userId} ${kstDate(at)}`;
    places.set(key, (places.get(key) ?? new Set()).add(collapseId));
  }
  const most = Math.max(...[...places.values()].map(({ size }) => size));
  expect(most).toBe(PUSHES_PER_DAY);
  expect(new Set(sent.map(({ device, collapseId }) => `${device} ${collapseId}`)).size).toBe(sent.length);

  const states = Object.fromEntries(
    (await test.db.prisma.notification.groupBy({ by: ['pushState'], _count: true })).map((row) => [
      row.pushState,
      row._count,
    ]),
  );
  expect(states.pending ?? 0).toBe(0);
  expect(states.capped).toBeGreaterThan(0);
  expect(await test.db.prisma.pushToken.count({ where: { token: { in: [...dead] } } })).toBe(0);
  console.log(
    `push burst: ${USERS} users, ${USERS * (NOTES_PER_USER + NOTES_OF_THE_NIGHT)} notes, ${sent.length} pushes delivered in ${attempts} attempts, ` +
      `${seconds.toFixed(1)} s, ${Math.round(sent.length / seconds)} pushes/s; ${JSON.stringify(states)}`,
  );
}, 600_000);

it('a release makes one job for each user who waits', async () => {
  await losePushJobs(test);
  test.clock.set(kst('22:00', 22));
  const { userId } = await test.db.prisma.pushToken.findFirstOrThrow({ select: { userId: true } });
  for (let i = 0; i < 3; i++) {
    await test.db.transaction((tx) =>
      test.app.get(Notifications).notify(tx, {
        userId,
        type: 'social',
        dedupeKey: `release ${i}`,
        title: { ko: '제목', en: 'title' },
        body: { ko: '내용', en: 'body' },
      }),
    );
  }
  test.clock.set(kst('08:00', 23));
  await test.app.get(NotificationHandlers).releaseHeld();
  expect(await pushJobsFor(test, null)).toBe(1);
  await losePushJobs(test);
});
