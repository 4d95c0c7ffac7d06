/**
 * The real process is killed at each step of a renewal, and by `kill -9` while Toss is at work; several processes begin
 * the same renewal; the server is down for 40 days. Each process has its clock set to the day that it is about.
 */
import { setTimeout as passed } from 'node:timers/promises';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/config/config.js';
import { CONSENT_TEXT_VERSION } from '../../src/modules/payments/plans.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { withLocalSecrets } from '../../src/platform/crypto/local-secrets.js';
import { Database, statement } from '../../src/platform/database/database.js';
import { createUser } from '../../src/modules/users/index.js';
import { v7 as uuidv7 } from 'uuid';
import { startToss, type TossSimulator } from '../simulators/toss.js';
import { type OwnDatabase, ownDatabase, SERVER_URL } from '../support/lane.js';
import { TestClock } from '../support/test-clock.js';
import { Backend, Phone } from './backend.js';

const ENTRY = 'dist/test/faults/main-at.js';
/** The embedded database takes 3 s to start, and lets one process in. */
const ROUNDS = SERVER_URL ? 2 : 1;
const PROCESSES = SERVER_URL ? 3 : 1;
const POLL_MS = 50;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Days of a trial and then of months that are never longer. */
const MONTH_DAYS = 31;

const ALL_STEPS = [
  { step: 'after the charge, before the commit', failpoint: 'toss.charged' },
  { step: 'before the call', failpoint: 'toss.order-written' },
  { step: 'after the commit', failpoint: 'toss.settled' },
  { step: 'while Toss is at work', failpoint: null },
];
const STEPS = SERVER_URL ? ALL_STEPS : ALL_STEPS.slice(0, 1);

const clock = new TestClock(Date.parse('2027-01-05T03:00:00.000Z'));
let database: OwnDatabase;
let toss: TossSimulator;
let backends: Backend[];
let tokenNow: () => string;
let userId: string;
/** When the next period begins. */
let dueMs: number;
let charged = 0;

beforeAll(async () => {
  [database, toss] = await Promise.all([ownDatabase(), startToss({ now: () => clock.nowMs() })]);
  const env = { ...database.env, ...toss.env };
  backends = Array.from({ length: PROCESSES }, () => new Backend(env, ENTRY));
  await subscribe(env);
}, 60_000);
afterAll(async () => {
  for (const backend of backends ?? []) await backend.kill();
  await toss?.close();
  await database?.remove();
});

/** Somebody on trial, by the service itself. */
async function subscribe(env: Record<string, string>): Promise<void> {
  const config = await withLocalSecrets(
    loadConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', ROLE: 'web', ...env }),
  );
  const tokens = new AccessTokens(config, clock);
  const app = await createApp(config, clock);
  try {
    await app.listen(0, '127.0.0.1');
    const now = clock.now();
    const sessionId = uuidv7();
    const user = await app.get(Database).transaction(async (tx) => {
      const made = await createUser(tx, { nickname: '보리누나', now });
      const expiresAt = new Date(now.getTime() + 4_000 * DAY_MS);
      const session = { id: sessionId, userId: made.id, createdAt: now, lastUsedAt: now, expiresAt };
      await tx.prisma.session.create({ data: session });
      return tx.prisma.user.findUniqueOrThrow({ where: { id: made.id } });
    });
    userId = user.id;
    tokenNow = () => tokens.issue(userId, sessionId).token;
    const customerKey = user.billingId;
    const consent = { priceKrw: 4_900, textVersion: CONSENT_TEXT_VERSION };
    const body = { authKey: toss.authorizeBilling(customerKey), customerKey, plan: 'monthly', consent };
    const response = await fetch(`${await app.getUrl()}/payments/billing-key`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokenNow()}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { nextChargeAt: string };
    if (!response.ok) throw new Error(JSON.stringify(answer));
    dueMs = Date.parse(answer.nextChargeAt);
  } finally {
    await app.close();
  }
}

/** What a process that is started now has to believe the time is. */
const at = (ms: number) => {
  clock.set(ms);
  return { CLOCK_AHEAD_MS: String(ms - Date.now()) };
};

/** As the app asks for it; the process may have gone. */
async function mine(backend: Backend) {
  const { isPremium, subscriptions } = await new Phone(backend, tokenNow()).ask('GET', '/subscriptions/me');
  return {
    isPremium,
    state: subscriptions[0].state,
    nextChargeMs: Date.parse(subscriptions[0].nextCharge?.at),
  };
}

/** Waits until the period is settled. */
async function settled(backend: Backend, afterMs: number) {
  for (;;) {
    const seen = await mine(backend);
    if (seen.nextChargeMs > afterMs) return seen;
    await passed(POLL_MS);
  }
}

/** Of each period one payment, here as at Toss, and of nothing else. */
async function expectOneChargeEach(periods: number): Promise<void> {
  charged = periods;
  const { orders, entries, subscription } = await backends[0]!.inspect(async (db) => ({
    orders: await db.prisma.tossOrder.findMany({ orderBy: [{ period: 'asc' }, { attempt: 'asc' }] }),
    entries: await db.prisma.ledgerEntry.findMany(),
    subscription: await db.prisma.subscription.findFirstOrThrow({ where: { userId } }),
  }));
  expect(orders.map(({ period, attempt, state }) => ({ period, attempt, state }))).toEqual(
    Array.from({ length: periods }, (_, period) => ({ period, attempt: 0, state: 'paid' })),
  );
  expect(toss.charges.map(({ orderId, amountKrw }) => ({ orderId, amountKrw }))).toEqual(
    orders.map(({ orderId }) => ({ orderId, amountKrw: 4_900 })),
  );
  expect(entries.map(({ periodId }) => periodId).sort()).toEqual(orders.map(({ orderId }) => orderId).sort());
  expect(subscription).toMatchObject({ state: 'active', renews: true });
}

for (let round = 1; round <= ROUNDS; round++) {
  it.each(STEPS)(
    `S10 killed $step (${round}): charged once, and premium all the time`,
    async ({ failpoint }) => {
      const [backend] = backends as [Backend];
      const nowMs = dueMs + HOUR_MS; // the slot of ten past is missed, and made up at the start
      if (failpoint) {
        backend.begin({ ...at(nowMs), FAILPOINT: failpoint });
        await backend.died();
      } else {
        const held = toss.hold('/v1/billing/');
        backend.begin(at(nowMs));
        await held.reached;
        await backend.kill();
        held.release();
      }
      if (failpoint)
        expect(toss.charges).toHaveLength(failpoint === 'toss.order-written' ? charged : charged + 1);

      await backend.start(at(nowMs + HOUR_MS));
      const before = await mine(backend);
      expect(before.isPremium).toBe(true);
      expect(['active', 'grace']).toContain(before.state);
      const after = await settled(backend, dueMs);
      expect(after).toMatchObject({ isPremium: true, state: 'active' });
      await backend.kill();
      await expectOneChargeEach(charged + 1);
      dueMs = after.nextChargeMs;
    },
    120_000,
  );
}

it(`S13 down for 40 days, then ${PROCESSES} processes start at once: one charge for each due period`, async () => {
  const nowMs = dueMs + MONTH_DAYS * DAY_MS + 9 * DAY_MS;
  await Promise.all(backends.map((backend) => backend.start(at(nowMs))));
  for (const backend of backends) {
    const seen = await settled(backend, nowMs);
    expect(seen).toMatchObject({ isPremium: true, state: 'active' });
    dueMs = seen.nextChargeMs;
  }
  await Promise.all(backends.map((backend) => backend.kill()));
  await expectOneChargeEach(charged + 2);
}, 120_000);

/** More than one process takes in one go. */
const JOBS = 12;
const enqueueCharges = statement<{ id: string }>(
  'fault_enqueue_charges',
  `insert into pgboss.job (name, data)
   select 'payments.charge', json_build_object('subscriptionId', c.subscription_id)
   from toss_contracts c cross join generate_series(1, $1::int) returning id`,
);

if (PROCESSES > 1)
  it(`S10 ${PROCESSES} processes run the billing slot at once, all but one are killed in it: one charge`, async () => {
    const nowMs = dueMs + HOUR_MS;
    // Beside the slot's own job.
    await backends[0]!.inspect((db) => db.rows(enqueueCharges, [JOBS]));
    const held = toss.hold('/v1/billing/');
    const others = backends.slice(1);
    await Promise.all(backends.map((backend) => backend.start(at(nowMs))));
    await held.reached;
    await Promise.all(others.map((backend) => backend.kill()));
    held.release();
    await Promise.all(others.map((backend) => backend.start(at(nowMs + HOUR_MS))));
    const seen = await settled(others[0]!, dueMs);
    expect(seen).toMatchObject({ isPremium: true, state: 'active' });
    await Promise.all(backends.map((backend) => backend.kill()));
    await expectOneChargeEach(charged + 1);
  }, 120_000);
