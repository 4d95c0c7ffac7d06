import { v7 as uuidv7 } from 'uuid';
import type { Store } from '../../src/generated/prisma/enums.js';
import { purgeStoreEvents, watchInbox } from '../../src/modules/payments/index.js';
import { processStoreEvent } from '../../src/modules/payments/inbox/inbox.jobs.js';
import type { JobKind } from '../../src/platform/queue/job.js';
import type { Slot } from '../../src/platform/queue/schedule.js';
import { type AppStoreSimulator, startAppStore } from '../simulators/app-store.js';
import { type Answer, expectFieldFault, expectProblem, type Person, send, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { get, post } from '../support/rest.js';
import { TestClock } from '../support/test-clock.js';

const T0 = Date.parse('2026-11-20T03:00:00.000Z');

let test: TestApp;
let store: AppStoreSimulator;
let admin: Person;
beforeAll(async () => {
  const clock = new TestClock();
  store = await startAppStore({ now: () => clock.nowMs() });
  test = await startTestApp({ env: store.env, clock });
});
afterAll(async () => {
  await test.close();
  await store.close();
});
beforeEach(async () => {
  store.clearFaults();
  await test.queue.drain();
  await test.db.prisma.storeEvent.deleteMany();
  test.clock.set(T0);
  admin = await withRole('admin');
});

async function withRole(role: 'moderator' | 'admin'): Promise<Person> {
  const person = await signIn(test, { nickname: '운영자' });
  await test.db.prisma.user.update({ where: { id: person.id }, data: { role } });
  return person;
}
async function ok(asked: Promise<Answer>, status = 200) {
  const answer = await asked;
  expect([answer.status, answer.text]).toEqual([status, answer.text]);
  return answer.body;
}
const webhooks = async (query = '', as = admin) => (await ok(get(`/admin/webhooks?${query}`, as))).items;
const replay = (id: string, as = admin, headers = {}) =>
  post(`/admin/webhooks/${id}/replay`, as, undefined, headers);
const isPremium = async (of: Person) => (await ok(get('/subscriptions/me', of))).isPremium;

/** Somebody buys a month at the App Store; the notification has arrived. */
async function bought(of: Person) {
  const { billingId } = await test.db.prisma.user.findUniqueOrThrow({ where: { id: of.id } });
  const subscription = store.buy({ productId: 'premium_monthly', appAccountToken: billingId });
  expect(await store.deliver(subscription.notifications[0]!, test.url)).toBe(200);
  return subscription;
}
/** One whose job is still to come. */
const stored = async (
  more: { store?: Store; kind?: string; processedAt?: Date; lastError?: string; receivedAt?: Date } = {},
) => {
  const id = uuidv7();
  const data = {
    ...{ id, store: 'google' as const, eventKey: id, kind: 'stored', environment: 'production' as const },
    ...{
      bodySealed: new Uint8Array(40),
      receivedAt: test.clock.now(),
      attempts: more.lastError ? 3 : 0,
      ...more,
    },
  };
  const runAt = new Date('2100-01-01');
  await test.db.transaction((tx) => test.queue.enqueue(tx, processStoreEvent, { eventId: id }, { runAt }));
  return test.db.prisma.storeEvent.create({ data });
};
const runs = async (job: JobKind<Slot>) => {
  await test.db.transaction((tx) => test.queue.enqueue(tx, job, { slotAt: test.clock.now().toISOString() }));
  await test.queue.drain();
};

describe('an entry that keeps failing', () => {
  it('is seen, holds nobody up, and is processed after a replay', async () => {
    const [bori, choco] = [await signIn(test), await signIn(test)];
    const { billingId } = await test.db.prisma.user.findUniqueOrThrow({ where: { id: bori.id } });
    const subscription = store.buy({ productId: 'premium_monthly', appAccountToken: billingId });
    const path = `/inApps/v1/subscriptions/${subscription.originalTransactionId}`;
    store.fault({ path }, { status: 503 });
    expect(await store.deliver(subscription.notifications[0]!, test.url)).toBe(200);
    test.clock.advance({ seconds: 1 });
    await bought(choco);
    expect(await webhooks('state=waiting')).toHaveLength(2);

    await expect(test.queue.drain()).rejects.toThrow('app-store: status 503');
    expect(await isPremium(choco)).toBe(true);
    const [failing, ...others] = await webhooks('state=failing');
    expect(others).toEqual([]);
    expect(failing).toEqual({
      ...{
        id: expect.any(String),
        store: 'apple',
        kind: 'SUBSCRIBED/INITIAL_BUY',
        environment: 'production',
      },
      ...{ receivedAt: new Date(T0).toISOString(), processedAt: null, attempts: expect.any(Number) },
      lastError: 'OutboundError: app-store: status 503',
    });
    expect(
      (await webhooks('state=processed')).map(({ lastError }: { lastError: null }) => lastError),
    ).toEqual([null]);

    // Still down: it fails once more.
    expect((await ok(replay(failing.id), 202)).attempts).toBeGreaterThanOrEqual(1);
    await expect(test.queue.drain()).rejects.toThrow('app-store: status 503');
    const [again] = await webhooks('state=failing');
    expect([again.id, again.attempts > failing.attempts]).toEqual([failing.id, true]);

    store.clearFaults();
    await ok(replay(failing.id), 202);
    await test.queue.drain();
    expect(await webhooks('state=failing')).toEqual([]);
    const done = (await webhooks('state=processed')).find(({ id }: { id: string }) => id === failing.id);
    expect(done).toMatchObject({ processedAt: test.clock.now().toISOString(), lastError: null });
    expect(await isPremium(bori)).toBe(true);
  });

  it('alarms after a quarter of an hour, store by store, until somebody has dealt with it', async () => {
    const alarms = async () => {
      const before = test.log.errors.length;
      await runs(watchInbox);
      return test.log.errors.slice(before).filter(({ alarm }) => alarm === 'store-events-stuck');
    };
    await stored({ lastError: 'Error: no' });
    await stored({ store: 'toss', processedAt: test.clock.now() });
    test.clock.advance({ minutes: 10 });
    await stored();
    await stored({ store: 'apple' });
    test.clock.advance({ minutes: 5 });
    expect(await alarms()).toEqual([]);
    test.clock.advance({ ms: 1 });
    expect(await alarms()).toMatchObject([{ store: 'google', events: 1, failing: 1, oldestAgeS: 900 }]);
    test.clock.advance({ minutes: 10 });
    expect(await alarms()).toMatchObject([
      { level: 'error', store: 'apple', events: 1, failing: 0, oldestAgeS: 900 },
      { level: 'error', store: 'google', events: 2, failing: 1, oldestAgeS: 1_500 },
    ]);
    await test.db.prisma.storeEvent.updateMany({ data: { processedAt: test.clock.now() } });
    expect(await alarms()).toEqual([]);
  });
});

describe('a replay', () => {
  it('of what was processed is processed again, once, and changes nothing twice; it is written down', async () => {
    const bori = await signIn(test);
    await bought(bori);
    await test.queue.drain();
    const [event] = await webhooks();
    const payments = async () => (await ok(get('/payments/history', bori))).items;
    const before = await payments();
    expect(before).toHaveLength(1);

    const key = { 'idempotency-key': 'replay-1' };
    const first = await ok(replay(event.id, admin, key), 202);
    expect(first).toEqual({ ...event, processedAt: null });
    expect(await ok(replay(event.id, admin, key), 202)).toEqual(first);
    await test.queue.drain();
    expect(await webhooks()).toEqual([{ ...event, attempts: event.attempts + 1 }]);
    expect(await payments()).toEqual(before);

    const { items } = await ok(get('/admin/audit-log', admin));
    expect(items.filter(({ targetId }: { targetId: string }) => targetId === event.id)).toMatchObject([
      {
        ...{ actorId: admin.id, action: 'replay_webhook', targetKind: 'store_event' },
        ...{ reason: 'apple SUBSCRIBED/INITIAL_BUY', reportId: null },
      },
    ]);
  });

  it('is for admins, and of what is there', async () => {
    const { id } = await stored({ processedAt: test.clock.now() });
    for (const person of [await signIn(test), await withRole('moderator')]) {
      expectProblem(await get('/admin/webhooks', person), 403, 'forbidden');
      expectProblem(await replay(id, person), 403, 'forbidden');
    }
    expectProblem(await send(test, 'GET', '/admin/webhooks'), 401, 'unauthorized');
    expectProblem(await replay(uuidv7()), 404, 'webhook-not-found');
    expectFieldFault(await replay('x'), 'id');
    expect(await test.db.prisma.auditEntry.count({ where: { targetId: id } })).toBe(0);
  });
});

describe('the list', () => {
  it('is by state and store, page by page, and never shows what came', async () => {
    const bori = await signIn(test);
    const { notifications } = await bought(bori);
    await test.queue.drain();
    for (let i = 0; i < 4; i++) await stored({ lastError: `Error: ${i}` });
    test.clock.advance({ seconds: 1 });
    for (let i = 0; i < 3; i++) await stored({ store: 'toss' });
    const { text } = await get('/admin/webhooks', admin);
    const [, content] = notifications[0]!.signedPayload.split('.');
    expect(text).not.toContain(content);
    expect(text).not.toMatch(/body|eventKey|signed/i);

    const count = async (query: string) => (await webhooks(query)).length;
    expect([await count(''), await count('state=any'), await count('store=toss')]).toEqual([8, 8, 3]);
    expect([await count('state=failing'), await count('state=failing&store=toss')]).toEqual([4, 0]);
    expect([await count('state=waiting'), await count('state=processed&store=apple')]).toEqual([3, 1]);
    const all: string[] = [];
    for (let cursor = ''; ;) {
      const { items, nextCursor } = await ok(get(`/admin/webhooks?limit=3${cursor}`, admin));
      all.push(...items.map((item: { receivedAt: string; id: string }) => `${item.receivedAt} ${item.id}`));
      if (!nextCursor) break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect(all).toHaveLength(8);
    expect(all).toEqual([...new Set(all)].sort().reverse());
    for (const [field, query] of [
      ['state', 'state=stuck'],
      ['store', 'store=amazon'],
    ] as const)
      expectFieldFault(await get(`/admin/webhooks?${query}`, admin), field);
  });

  it('is kept for 400 days; what was never processed, until it is', async () => {
    const processedAt = test.clock.now();
    const [old, failing] = [await stored({ processedAt }), await stored({ lastError: 'Error: no' })];
    test.clock.advance({ ms: 1 });
    const younger = await stored({ processedAt });
    test.clock.set(T0 + 400 * 86_400_000 + 1);
    await runs(purgeStoreEvents);
    const left = (await webhooks()).map(({ id }: { id: string }) => id);
    expect(left.sort()).toEqual([failing.id, younger.id].sort());
    expect(left).not.toContain(old.id);
  });
});
