import { keyedHash, seal, unseal } from '../../src/platform/crypto/secrets.js';
import { watchInbox } from '../../src/modules/payments/index.js';
import { processStoreEvent } from '../../src/modules/payments/inbox/inbox.jobs.js';
import { KEPT_A_DAY } from '../../src/modules/payments/toss/webhook.service.js';
import { CONFIG, type Config } from '../../src/config/config.js';
import { startToss, type TossSimulator, type WebhookRequest } from '../simulators/toss.js';
import { expectProblem, type Person, send, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { secret } from '../support/leaks.js';
import { TestClock } from '../support/test-clock.js';
import { MONTHLY_KRW, tossOrders } from '../support/toss-orders.js';

const START = '2026-11-20T03:00:00.000Z';
const clock = new TestClock();
let toss: TossSimulator;
let test: TestApp;
let person: Person;

const { order, confirm, pay, rowOf, chargesOf, ledgerOf, premiumUntil } = tossOrders(
  () => test,
  () => toss,
);

beforeAll(async () => {
  toss = await startToss({ now: () => clock.nowMs() });
  test = await startTestApp({
    clock,
    env: { ...toss.env, TOSS_TIMEOUT_SECONDS: '3', OUTBOUND_TIMEOUT_SECONDS: '3' },
  });
});
afterAll(async () => {
  await test.close();
  await toss.close();
});
beforeEach(async () => {
  toss.clearFaults();
  clock.set(START);
  person = await signIn(test);
});

const deliver = ({ headers, body }: WebhookRequest) =>
  send(test, 'POST', '/payments/webhook/toss', body, headers);
const about = (key: string) => toss.webhook('PAYMENT_STATUS_CHANGED', toss.payment(key));
const eventCount = () => test.db.prisma.storeEvent.count({ where: { store: 'toss' } });

async function expectTaken(request: WebhookRequest): Promise<void> {
  expect(await deliver(request)).toMatchObject({ status: 200, body: { received: true } });
}

const keptOf = ({ orderId }: { orderId: string }) =>
  test.db.prisma.storeEvent.findFirstOrThrow({
    where: { eventKey: { startsWith: `${orderId}:` } },
    orderBy: { receivedAt: 'desc' },
  });
const lookUps = () =>
  toss.requests.filter(({ method, path }) => method === 'GET' && path.startsWith('/v1/payments/')).length;

/** Answered with this status, and nothing is kept, asked or changed. */
async function expectNothingOf(request: WebhookRequest, status: number): Promise<void> {
  const [events, asked] = [await eventCount(), toss.requests.length];
  expect((await deliver(request)).status).toBe(status);
  await test.queue.drain();
  expect([await eventCount(), toss.requests.length]).toEqual([events, asked]);
}

/** What the whole of it comes to. */
async function stateOf(opened: { orderId: string }) {
  const { state, refundedKrw, subscriptionId } = await rowOf(opened);
  const { subscriptionFact, subscription } = test.db.prisma;
  const { state: standing, accessUntil } = await subscription.findUniqueOrThrow({
    where: { id: subscriptionId },
  });
  const facts = await subscriptionFact.findMany({ where: { subscriptionId } });
  const period = facts.map(({ fact }) => ({ ...(fact as object), key: '', asOf: 0 }));
  const given = (await ledgerOf(opened)).reduce((sum, [, milli]) => sum + (milli as number), 0);
  return { state, refundedKrw, standing, accessUntil, period, given };
}

describe('a payment', () => {
  it('S01 that we know is told of again, and nothing changes', async () => {
    const paid = await pay(person);
    const before = await stateOf(paid);
    const events = await eventCount();
    for (let retriedCount = 0; retriedCount < 8; retriedCount++)
      await expectTaken(
        toss.webhook('PAYMENT_STATUS_CHANGED', toss.payment(paid.orderId), {
          ...{ transmissionId: 'transmission-1', retriedCount },
        }),
      );
    await test.queue.drain();
    expect(await eventCount()).toBe(events + 1);
    expect(await stateOf(paid)).toEqual(before);
  });

  it('whose confirmation was lost is settled by its webhook', async () => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment(opened);
    toss.fault({ path: '/v1/payments/confirm', afterWork: true, times: 1 }, 'reset');
    toss.fault({ path: '/v1/payments', method: 'GET' }, 'html');
    expectProblem(await confirm(person, opened, paymentKey), 503, 'payment-pending');
    toss.clearFaults();
    await expectTaken(about(opened.orderId));
    await test.queue.drain();
    expect(await stateOf(opened)).toMatchObject({ state: 'paid', given: MONTHLY_KRW * 1_000 });
    expect(chargesOf(opened)).toHaveLength(1);
  });

  it('that expired in the window does not close the order', async () => {
    const opened = await order(person);
    const first = toss.authorizePayment(opened);
    toss.expireSession(first);
    await expectTaken(about(first));
    await test.queue.drain();
    expect(await rowOf(opened)).toMatchObject({ state: 'open' });
    expect((await confirm(person, opened, toss.authorizePayment(opened))).status).toBe(200);
  });

  it('S03 given back in the console ends the access, and is in the ledger', async () => {
    const paid = await pay(person);
    clock.advance({ days: 3 });
    toss.cancelInConsole(paid.orderId);
    clock.advance({ hours: 4 });
    await expectTaken(about(paid.orderId));
    await test.queue.drain();
    expect(await stateOf(paid)).toMatchObject({
      ...{ state: 'paid', refundedKrw: MONTHLY_KRW, standing: 'refunded', given: 0 },
      accessUntil: new Date('2026-11-23T03:00:00.000Z'),
    });
    expect(await premiumUntil(person)).toBeNull();
  });

  it('of which a part is given back in the console goes on', async () => {
    const paid = await pay(person);
    toss.cancelInConsole(paid.orderId, 900);
    await expectTaken(about(paid.orderId));
    await test.queue.drain();
    expect(await stateOf(paid)).toMatchObject({ refundedKrw: 900, standing: 'cancelled', given: 4_000_000 });
    expect(await premiumUntil(person)).toEqual(new Date('2026-12-20T03:00:00.000Z'));
  });

  it.each([7, 77, 777, 7_777, 77_777])(
    'S01 S02 comes to the same in any order, with repetitions (seed %i)',
    async (seed) => {
      const random = randomOf(seed);
      /** @param next what is delivered of all that was sent so far */
      const life = async (next: (sent: WebhookRequest[]) => WebhookRequest[]) => {
        clock.set(START);
        const paid = await pay(await signIn(test));
        const sent = [about(paid.orderId)];
        for (const [i, krw] of [500, 700, undefined].entries()) {
          clock.set(Date.parse(START) + (i + 1) * 86_400_000);
          toss.cancelInConsole(paid.orderId, krw);
          sent.push(about(paid.orderId));
          clock.advance({ hours: Math.floor(random() * 10) });
          for (const event of next(sent)) {
            await expectTaken(event);
            if (random() < 0.5) await test.queue.drain();
          }
        }
        await expectTaken(sent.at(-1)!);
        await test.queue.drain();
        return stateOf(paid);
      };
      const inOrder = await life((sent) => sent.slice(-1));
      expect(inOrder).toMatchObject({ refundedKrw: MONTHLY_KRW, standing: 'refunded', given: 0 });
      const bent = await life((sent) =>
        Array.from({ length: Math.floor(random() * 6) }, () => sent[Math.floor(random() * sent.length)]!),
      );
      expect(bent).toEqual(inOrder);
    },
  );
});

describe('S10 B4 a forged webhook', () => {
  it('about no order of ours is answered and forgotten, and Toss is not asked', async () => {
    const data = { paymentKey: 'made-up', orderId: 'made-up-order', status: 'DONE' };
    await expectNothingOf(toss.webhook('PAYMENT_STATUS_CHANGED', data), 200);
  });

  it('about our order with another payment key is refused', async () => {
    const paid = await pay(person);
    const before = await stateOf(paid);
    const data = { paymentKey: 'made-up', orderId: paid.orderId, status: 'CANCELED' };
    await expectNothingOf(toss.webhook('PAYMENT_STATUS_CHANGED', data), 403);
    expect(await stateOf(paid)).toEqual(before);
  });

  it('that claims a refund which Toss does not know of changes nothing', async () => {
    const paid = await pay(person);
    const before = await stateOf(paid);
    const claimed = { ...toss.payment(paid.orderId), status: 'CANCELED', balanceAmount: 0 };
    await expectTaken(toss.webhook('PAYMENT_STATUS_CHANGED', claimed));
    await test.queue.drain();
    expect(await stateOf(paid)).toEqual(before);
  });

  it('that claims a payment which was not made gives nothing', async () => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment(opened);
    const claimed = { ...toss.payment(paymentKey), status: 'DONE' };
    await expectTaken(toss.webhook('PAYMENT_STATUS_CHANGED', claimed));
    await test.queue.drain();
    expect(await rowOf(opened)).toMatchObject({ state: 'open' });
    expect(await premiumUntil(person)).toBeNull();
  });

  it('about another payment under our order at Toss, as with another amount, gives nothing', async () => {
    const opened = await order(person);
    const cheap = { orderId: opened.orderId, amountKrw: 100 };
    const paymentKey = toss.authorizePayment(cheap);
    const authorization = `Basic ${Buffer.from(`${toss.env.TOSS_SECRET_KEY}:`).toString('base64')}`;
    await fetch(`${toss.url}/v1/payments/confirm`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ paymentKey, orderId: opened.orderId, amount: 100 }),
    });
    await expectTaken(about(paymentKey));
    await test.queue.drain();
    expect(await rowOf(opened)).toMatchObject({ state: 'open' });
    expect(await premiumUntil(person)).toBeNull();
    expect(test.log.errors.at(-1)).toMatchObject({ alarm: 'toss-differs', orderId: opened.orderId });
  });
});

describe('B4 of one order', () => {
  const padded = (key: string, padding: string) =>
    toss.webhook('PAYMENT_STATUS_CHANGED', { ...toss.payment(key), padding });

  it('nothing is kept but what it is asked for by', async () => {
    const paid = await pay(person);
    await expectTaken(padded(paid.orderId, 'x'.repeat(50_000)));
    const { bodySealed, kind } = await keptOf(paid);
    const { orderId, paymentKey } = paid;
    expect({ kind, ...JSON.parse(unseal(bodySealed, test.app.get<Config>(CONFIG).encryptionKey!)) }).toEqual({
      ...{ kind: 'PAYMENT_STATUS_CHANGED', eventType: 'PAYMENT_STATUS_CHANGED' },
      data: { orderId, paymentKey },
    });
  });

  it('however many come, one waits, and Toss is asked once', async () => {
    const paid = await pay(person);
    await test.queue.drain();
    const [events, asked] = [await eventCount(), lookUps()];
    for (let i = 0; i < 30; i++) await expectTaken(padded(paid.orderId, `${i}`));
    expect(await eventCount()).toBe(events + 1);
    toss.cancelInConsole(paid.orderId);
    await test.queue.drain();
    expect(lookUps()).toBe(asked + 1);
    expect(await rowOf(paid)).toMatchObject({ refundedKrw: MONTHLY_KRW });
  });

  it(`no more than ${KEPT_A_DAY} are kept a day`, async () => {
    const paid = await pay(person);
    const events = await eventCount();
    for (let i = 0; i < KEPT_A_DAY + 5; i++) {
      await expectTaken(padded(paid.orderId, `${i}`));
      await test.db.prisma.storeEvent.updateMany({
        where: { eventKey: { startsWith: `${paid.orderId}:` } },
        data: { processedAt: clock.now() },
      });
    }
    expect(await eventCount()).toBe(events + KEPT_A_DAY);
    await expectTaken(about((await pay(await signIn(test))).orderId));
    expect(await eventCount()).toBe(events + KEPT_A_DAY + 1);
    clock.set('2026-11-20T15:00:00.000Z'); // the next day in Korea
    await expectTaken(padded(paid.orderId, 'tomorrow'));
    expect(await eventCount()).toBe(events + KEPT_A_DAY + 2);
  });
});

describe('a removed card', () => {
  async function card() {
    const billingKey = secret(`test-billing-key-${Math.random().toString(36).slice(2)}`);
    const { encryptionKey } = test.app.get<Config>(CONFIG);
    const id = crypto.randomUUID();
    await test.db.prisma.billingMethod.create({
      data: {
        ...{ id, userId: person.id, label: '국민 ****123*', createdAt: clock.now() },
        billingKeySealed: seal(billingKey, encryptionKey!),
        billingKeyHash: keyedHash(billingKey, encryptionKey!),
      },
    });
    return { id, billingKey };
  }

  it('is charged no more', async () => {
    const { id, billingKey } = await card();
    const other = await card();
    const event = toss.webhook('BILLING_DELETED', { billingKey, reason: null });
    await expectTaken(event);
    await expectTaken(event);
    await test.queue.drain();
    const removedAt = async (cardId: string) =>
      (await test.db.prisma.billingMethod.findUniqueOrThrow({ where: { id: cardId } })).removedAt;
    expect(await removedAt(id)).toEqual(clock.now());
    expect(await removedAt(other.id)).toBeNull();
  });

  it('that we do not know is answered and forgotten', () =>
    expectNothingOf(toss.webhook('BILLING_DELETED', { billingKey: 'made-up', reason: null }), 200));
});

describe('other events', () => {
  it('that we have no use for are answered', async () => {
    for (const type of ['METHOD_UPDATED', 'CUSTOMER_STATUS_CHANGED', 'payout.changed', 'DEPOSIT_CALLBACK'])
      await expectNothingOf(toss.webhook(type, {}), 200);
    const flat = { createdAt: '', secret: 'ps_x', status: 'DONE', transactionKey: 'T', orderId: 'order-1' };
    await expectNothingOf({ ...toss.webhook('', {}), body: JSON.stringify(flat) }, 200);
  });

  it('B6 that we do not know are kept, a hundred a day, and alarm as far as they are kept', async () => {
    const before = await eventCount();
    for (let i = 0; i < 103; i++) await expectTaken(toss.webhook('OF_TOMORROW', { number: i }));
    await test.queue.drain();
    expect(await eventCount()).toBe(before + 100);
    expect(test.log.errors.filter(({ alarm }) => alarm === 'toss-event-unknown')).toHaveLength(100);
    expect(
      await test.db.prisma.storeEvent.count({ where: { kind: 'unknown:OF_TOMORROW', processedAt: null } }),
    ).toBe(0);
    clock.advance({ days: 1, ms: 1 });
    await expectTaken(toss.webhook('OF_TOMORROW', {}));
    expect(await eventCount()).toBe(before + 101);
  });

  it('without an id are known by their content', async () => {
    const paid = await pay(person);
    const before = await eventCount();
    const headers = { 'tosspayments-webhook-transmission-id': undefined };
    const event = toss.webhook('PAYMENT_STATUS_CHANGED', toss.payment(paid.orderId), { headers });
    await expectTaken(event);
    await expectTaken(event);
    expect(await eventCount()).toBe(before + 1);
    expect((await send(test, 'POST', '/payments/webhook/toss', '[]', event.headers)).status).toBe(422);
    expect((await send(test, 'POST', '/payments/webhook/toss', '{', event.headers)).status).toBe(400);
  });

  it('wait while Toss cannot be asked, hold up nobody, and tell no secret', async () => {
    const [paid, other] = [await pay(person), await pay(await signIn(test))];
    await test.queue.drain();
    toss.cancelInConsole(paid.orderId);
    toss.cancelInConsole(other.orderId);
    toss.fault({ path: `/v1/payments/${paid.paymentKey}` }, 'html');
    const event = about(paid.orderId);
    await expectTaken(event);
    await expectTaken(about(other.orderId));
    await expect(test.queue.drain()).rejects.toThrow('provider-unavailable');
    expect(await rowOf(other)).toMatchObject({ refundedKrw: MONTHLY_KRW });
    const stored = await keptOf(paid);
    expect(stored).toMatchObject({ processedAt: null, attempts: 1, lastError: expect.any(String) });
    expect(`${stored.lastError} ${Buffer.from(stored.bodySealed).toString('latin1')}`).not.toContain(
      paid.paymentKey,
    );
    toss.clearFaults();
    await test.db.transaction((tx) => test.queue.enqueue(tx, processStoreEvent, { eventId: stored.id }));
    await test.queue.drain();
    expect(await rowOf(paid)).toMatchObject({ refundedKrw: MONTHLY_KRW });
  });
});

describe('S13 an event whose job has run out of retries', () => {
  const watch = async () => {
    await test.db.transaction((tx) =>
      test.queue.enqueue(tx, watchInbox, { slotAt: clock.now().toISOString() }),
    );
    return test.queue.drain();
  };
  const runOut = (eventId: string) =>
    test.db.rows(
      {
        name: 'test_run_out',
        text: `update pgboss.job set state = 'failed' where name = $1::text and data ->> 'eventId' = $2::text
               returning id`,
      },
      [processStoreEvent.name, eventId],
    );

  async function failing() {
    const paid = await pay(person);
    await test.queue.drain();
    toss.cancelInConsole(paid.orderId);
    toss.fault({ path: `/v1/payments/${paid.paymentKey}` }, 'html');
    await expectTaken(about(paid.orderId));
    await expect(test.queue.drain()).rejects.toThrow('provider-unavailable');
    return { paid, event: await keptOf(paid) };
  }

  it('is processed once the store is up again, by nobody', async () => {
    const { paid, event } = await failing();
    clock.advance({ hours: 3 });
    toss.clearFaults();
    const asked = lookUps();
    await watch(); // its own job is still to come
    expect(lookUps()).toBe(asked);
    await runOut(event.id);
    await watch();
    expect(await rowOf(paid)).toMatchObject({ refundedKrw: MONTHLY_KRW });
    expect(await keptOf(paid)).toMatchObject({ id: event.id, processedAt: clock.now(), lastError: null });
  });

  it('is left to somebody after a week', async () => {
    const { paid, event } = await failing();
    await runOut(event.id);
    toss.clearFaults();
    clock.advance({ days: 7 });
    await watch();
    expect(await keptOf(paid)).toMatchObject({ processedAt: null });
    await test.db.prisma.storeEvent.update({ where: { id: event.id }, data: { processedAt: clock.now() } });
  });
});

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
