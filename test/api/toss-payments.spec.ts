import { Subscriptions } from '../../src/modules/entitlement/index.js';
import { chargeDue, reconcileToss } from '../../src/modules/payments/index.js';
import { Charges } from '../../src/modules/payments/toss/billing/charges.service.js';
import { settleTossOrder } from '../../src/modules/payments/toss/orders.jobs.js';
import { startToss, type TossSimulator } from '../simulators/toss.js';
import { expectProblem, type Person, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { TestClock } from '../support/test-clock.js';
import { MONTHLY_KRW, tossOrders, YEARLY_KRW } from '../support/toss-orders.js';

const START = '2026-11-20T03:00:00.000Z';
const clock = new TestClock();
const systemNow = Date.now;
let toss: TossSimulator;
let test: TestApp;
let person: Person;

const { consentTo, order, confirm, pay, rowOf, refund, chargesOf, cancelsOf, ledgerOf, premiumUntil } =
  tossOrders(
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
afterEach(() => {
  Date.now = systemNow;
});

const day = (n: number) => clock.set(Date.parse(START) + n * 86_400_000);
const settle = async (opened: { orderId: string }) => {
  const { id } = await rowOf(opened);
  await test.db.transaction((tx) => test.queue.enqueue(tx, settleTossOrder, { orderId: id }));
  return test.queue.drain();
};
const runSlot = async (job: typeof reconcileToss) => {
  const slotAt = clock.now().toISOString();
  await test.db.transaction((tx) => test.queue.enqueue(tx, job, { slotAt }));
  await test.queue.drain();
};
const reconcile = () => runSlot(reconcileToss);
const loseJobs = (name: string) =>
  test.db.rows(
    { name: 'test_lose_jobs', text: `delete from pgboss.job where name = $1::text returning id` },
    [name],
  );
const alarmsAbout = ({ orderId }: { orderId: string }) =>
  test.log.errors.filter((error) => error.orderId === orderId).map(({ alarm }) => alarm);
/** A trial that renews, with a card. */
async function subscribe(): Promise<{ subscriptionId: string; customerKey: string }> {
  const { body: mine } = await person.send('GET', '/subscriptions/me');
  const { customerKey } = mine.checkout as { customerKey: string };
  const registered = await person.send('POST', '/payments/billing-key', {
    ...{ authKey: toss.authorizeBilling(customerKey), customerKey, plan: 'monthly' },
    consent: consentTo(MONTHLY_KRW),
  });
  expect(registered).toMatchObject({ status: 200, body: { state: 'trial' } });
  return { subscriptionId: registered.body.subscriptionId as string, customerKey };
}
/** The client's circuit breaker rests by the machine's clock. */
const letBreakerRest = () => (Date.now = () => systemNow() + 11_000);
const confirmCalls = () => toss.requests.filter(({ path }) => path === '/v1/payments/confirm').length;

describe('an order', () => {
  it('names what Toss needs, and leaves the consent behind', async () => {
    const { status, body } = await person.send('POST', '/payments/orders', {
      plan: 'yearly',
      consent: consentTo(YEARLY_KRW),
    });
    const { billingId } = await test.db.prisma.user.findUniqueOrThrow({ where: { id: person.id } });
    expect(status).toBe(201);
    expect(body).toEqual({
      orderId: expect.stringMatching(/^[\w-]{40,64}$/),
      amountKrw: YEARLY_KRW,
      orderName: '멍이랑 프리미엄 1년',
      customerKey: billingId,
      clientKey: toss.env.TOSS_CLIENT_KEY,
    });
    const { subscriptionId } = await rowOf(body);
    expect(await test.db.prisma.chargeConsent.findMany({ where: { subscriptionId } })).toEqual([
      expect.objectContaining({ kind: 'purchase', plan: 'yearly', priceKrw: YEARLY_KRW, at: clock.now() }),
    ]);
    expect(await premiumUntil(person)).toBeNull();
  });

  it('costs what it costs, in the words that hold', async () => {
    const ask = (consent: object) => person.send('POST', '/payments/orders', { plan: 'monthly', consent });
    expectProblem(await ask(consentTo(100)), 409, 'price-changed');
    expectProblem(await ask({ priceKrw: MONTHLY_KRW, textVersion: '2020-01-01' }), 409, 'consent-outdated');
    expectProblem(await ask(consentTo(MONTHLY_KRW + 0.5)), 422, 'validation-failed');
    expect(await test.db.prisma.subscription.count({ where: { userId: person.id } })).toBe(0);
  });

  it('is made once for an Idempotency-Key, and twenty a day', async () => {
    const ask = (key: string) =>
      person.send(
        'POST',
        '/payments/orders',
        { plan: 'monthly', consent: consentTo(MONTHLY_KRW) },
        { 'idempotency-key': key },
      );
    const first = await ask('order-0');
    expect((await ask('order-0')).body).toEqual(first.body);
    for (let i = 1; i < 20; i++) expect((await ask(`order-${i}`)).status).toBe(201);
    expectProblem(await ask('order-20'), 409, 'too-many-orders');
    clock.advance({ days: 1 });
    expect((await ask('order-20')).status).toBe(201);
  });
});

describe('S11 an order while a subscription renews', () => {
  const ask = () =>
    person.send('POST', '/payments/orders', { plan: 'monthly', consent: consentTo(MONTHLY_KRW) });

  it('of ours is refused, until that is cancelled', async () => {
    await subscribe();
    expectProblem(await ask(), 409, 'already-subscribed');
    expect((await person.send('POST', '/subscriptions/cancel', {})).status).toBe(200);
    expect((await ask()).status).toBe(201);
  });

  it('that was made before is not paid', async () => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment(opened);
    await subscribe();
    expectProblem(await confirm(person, opened, paymentKey), 409, 'already-subscribed');
    expect(chargesOf(opened)).toEqual([]);
  });

  it('of another store is refused, until that is over', async () => {
    const endsAtMs = clock.nowMs() + 30 * 86_400_000;
    await test.db.transaction((tx) =>
      test.app
        .get(Subscriptions)
        .learn(
          tx,
          { store: 'apple', storeKey: crypto.randomUUID(), environment: 'production', userId: person.id },
          [
            {
              ...{ key: 'period:a', asOf: 1, isTrial: false, plan: 'monthly', productId: 'premium_monthly' },
              ...{ startsAtMs: clock.nowMs(), endsAtMs, paidMilli: 4_900_000, refundedMilli: 0 },
              ...{ currency: 'KRW', endedAtMs: null, isRevoked: false },
            },
            {
              ...{ key: 'renewal', asOf: 1, renews: true, graceUntilMs: null, retriesUntilMs: null },
              ...{ pausedUntilMs: null, endedAtMs: null },
            },
          ],
        ),
    );
    expectProblem(await ask(), 409, 'already-subscribed');
    clock.set(endsAtMs);
    expect((await ask()).status).toBe(201);
  });
});

describe('a confirmation', () => {
  it('pays for a month that does not renew', async () => {
    const paid = await pay(person);
    const until = new Date('2026-12-20T03:00:00.000Z');
    expect(paid.body).toEqual({
      ...{ orderId: paid.orderId, plan: 'monthly', state: 'paid' },
      ...{ amountKrw: MONTHLY_KRW, refundedKrw: 0, paidAt: START },
      ...{ receiptUrl: `https://receipt.example/${paid.orderId}` },
      ...{ periodFrom: START, periodTo: until.toISOString() },
    });
    expect(await premiumUntil(person)).toEqual(until);
    expect(await ledgerOf(paid)).toEqual([['charge', MONTHLY_KRW * 1_000]]);
    expect(chargesOf(paid)).toMatchObject([{ amountKrw: MONTHLY_KRW, status: 'DONE' }]);
    const { state, renews, environment } = await test.db.prisma.subscription.findUniqueOrThrow({
      where: { id: (await rowOf(paid)).subscriptionId },
    });
    expect({ state, renews, environment }).toEqual({
      state: 'cancelled',
      renews: false,
      environment: 'production',
    });
    expect((await confirm(person, paid, paid.paymentKey)).body).toEqual(paid.body);
    expect(chargesOf(paid)).toHaveLength(1);
  });

  it('S11 adds to the premium there is, in whole Korean months', async () => {
    clock.set('2027-01-31T01:00:00.000Z');
    await pay(person);
    const { body } = await pay(person);
    expect([body.periodFrom, body.periodTo]).toEqual([
      '2027-02-28T01:00:00.000Z',
      '2027-03-28T01:00:00.000Z',
    ]);
    const year = await pay(person, 'yearly');
    expect(year.body.periodTo).toBe('2028-03-28T01:00:00.000Z');
    expect(await premiumUntil(person)).toEqual(new Date('2028-03-28T01:00:00.000Z'));
  });

  it('B5 with a tampered amount is refused before Toss is asked', async () => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment({ ...opened, amountKrw: 100 });
    const before = confirmCalls();
    expectProblem(await confirm(person, { ...opened, amountKrw: 100 }, paymentKey), 409, 'amount-mismatch');
    expect(confirmCalls()).toBe(before);
    // The right amount here, another one at Toss.
    expectProblem(await confirm(person, opened, paymentKey), 422, 'payment-refused');
    expect(chargesOf(opened)).toEqual([]);
    expect(await premiumUntil(person)).toBeNull();
  });

  it('B5 of an order that is paid takes no second payment', async () => {
    const paid = await pay(person);
    const second = toss.authorizePayment(paid);
    expectProblem(await confirm(person, paid, second), 409, 'order-settled');
    const other = await order(person);
    expectProblem(await confirm(person, other, paid.paymentKey), 422, 'payment-refused');
    expect(chargesOf(paid)).toHaveLength(1);
    expect(chargesOf(other)).toEqual([]);
  });

  it("B5 of another user's order is that of no order", async () => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment(opened);
    const stranger = await signIn(test);
    const theirs = await confirm(stranger, opened, paymentKey);
    const none = await confirm(stranger, { ...opened, orderId: 'never-there' }, paymentKey);
    expectProblem(theirs, 404, 'order-not-found');
    expect({ ...theirs.body, requestId: '' }).toEqual({ ...none.body, requestId: '' });
    expect(chargesOf(opened)).toEqual([]);
    expect(await rowOf(opened)).toMatchObject({ state: 'open', paymentKey: null });
  });

  it('B5 clicked twenty times at once is one charge, and all have the same answer', async () => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment(opened);
    const hold = toss.hold('/v1/payments/confirm');
    const clicks = Array.from({ length: 20 }, () => confirm(person, opened, paymentKey));
    await hold.reached;
    hold.release();
    const answers = await Promise.all(clicks);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 200, body: { state: 'paid' } });
    expect(chargesOf(opened)).toHaveLength(1);
    expect(await ledgerOf(opened)).toEqual([['charge', MONTHLY_KRW * 1_000]]);
  });

  it('B5 while the first one still runs waits for it', async () => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment(opened);
    const hold = toss.hold('/v1/payments/confirm');
    const first = confirm(person, opened, paymentKey);
    await hold.reached;
    const before = confirmCalls();
    const second = confirm(person, opened, paymentKey);
    while (confirmCalls() < before + 2) await new Promise(setImmediate);
    hold.release();
    expect((await second).body).toEqual((await first).body);
    expect(chargesOf(opened)).toHaveLength(1);
  });

  it('B5 whose answer was lost is looked up at once', async () => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment(opened);
    toss.fault({ path: '/v1/payments/confirm', afterWork: true, times: 1 }, 'timeout');
    expect(await confirm(person, opened, paymentKey)).toMatchObject({ status: 200, body: { state: 'paid' } });
    expect(chargesOf(opened)).toHaveLength(1);
  });

  it('B5 of which nobody knows is pending, and settled by a job', async () => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment(opened);
    toss.fault({ path: '/v1/payments/confirm', afterWork: true, times: 1 }, 'reset');
    toss.fault({ path: '/v1/payments', method: 'GET' }, 'html');
    const answer = await confirm(person, opened, paymentKey);
    expectProblem(answer, 503, 'payment-pending');
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await rowOf(opened)).toMatchObject({ state: 'open' });
    toss.clearFaults();
    await test.queue.drain();
    expect(await rowOf(opened)).toMatchObject({ state: 'paid', amountKrw: MONTHLY_KRW });
    expect((await confirm(person, opened, paymentKey)).status).toBe(200);
    expect(chargesOf(opened)).toHaveLength(1);
    expect(await ledgerOf(opened)).toHaveLength(1);
  });

  it('B5 that did not reach Toss is made by the job, once', async () => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment(opened);
    toss.fault({ path: '/v1/payments/confirm', times: 1 }, 'timeout');
    expectProblem(await confirm(person, opened, paymentKey), 503, 'payment-pending');
    expect(chargesOf(opened)).toEqual([]);
    await test.queue.drain();
    expect(await rowOf(opened)).toMatchObject({ state: 'paid' });
    await settle(opened);
    expect(chargesOf(opened)).toHaveLength(1);
  });

  it('B5 in a storm of 5xx is settled after it, within the ten minutes that Toss waits', async () => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment(opened);
    toss.fault({ path: '/v1/' }, { status: 500, body: '{"code":"COMMON_ERROR","message":""}' });
    for (let i = 0; i < 8; i++)
      expectProblem(await confirm(person, opened, paymentKey), 503, 'payment-pending');
    await expect(test.queue.drain()).rejects.toThrow('provider-unavailable');
    expect(await rowOf(opened)).toMatchObject({ state: 'open' });
    toss.clearFaults();
    clock.advance({ minutes: 9 });
    letBreakerRest();
    await settle(opened);
    expect(await rowOf(opened)).toMatchObject({ state: 'paid' });
    expect(chargesOf(opened)).toHaveLength(1);
  });

  it.each([
    ['REJECT_CARD_PAYMENT', 'soft'],
    ['INVALID_STOPPED_CARD', 'hard'],
  ])('that is declined for %s says so, also when asked again', async (code, decline) => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment(opened);
    toss.declineNext(code);
    for (let i = 0; i < 2; i++) {
      const answer = await confirm(person, opened, paymentKey);
      expectProblem(answer, 402, 'payment-declined');
      expect(answer.body).toMatchObject({ decline });
    }
    expect(toss.declines.filter(({ orderId }) => orderId === opened.orderId)).toHaveLength(1);
    expect(await rowOf(opened)).toMatchObject({ state: 'declined', declineCode: code });
    expect(await ledgerOf(opened)).toEqual([]);
    expectProblem(await confirm(person, opened, toss.authorizePayment(opened)), 409, 'order-settled');
    expect((await pay(person)).body).toMatchObject({ state: 'paid' });
  });

  it('that comes after ten minutes charges nothing', async () => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment(opened);
    clock.advance({ minutes: 11 });
    expectProblem(await confirm(person, opened, paymentKey), 402, 'payment-declined');
    expect(chargesOf(opened)).toEqual([]);
  });

  it('with a made-up payment key leaves the order to the real one', async () => {
    const opened = await order(person);
    expectProblem(await confirm(person, opened, 'made-up-payment-key'), 422, 'payment-refused');
    expect((await confirm(person, opened, toss.authorizePayment(opened))).status).toBe(200);
  });

  it('that Toss refuses by our fault is an alarm and no decline', async () => {
    const opened = await order(person);
    const paymentKey = toss.authorizePayment(opened);
    const body = '{"code":"UNAUTHORIZED_KEY","message":""}';
    toss.fault({ path: '/v1/payments/confirm', times: 1 }, { status: 401, body });
    const before = test.log.errors.length;
    expectProblem(await confirm(person, opened, paymentKey), 503, 'provider-unavailable');
    expect(test.log.errors.slice(before).map(({ code }) => code)).toContain('UNAUTHORIZED_KEY');
    expect((await confirm(person, opened, paymentKey)).status).toBe(200);
  });
});

describe('a refund', () => {
  it('within seven days is of everything, and ends the access at once', async () => {
    const paid = await pay(person);
    clock.set('2026-11-27T14:59:59.000Z'); // 23:59:59 in Korea
    const answer = await refund(person, paid);
    expect(answer).toMatchObject({ status: 200, body: { state: 'paid', refundedKrw: MONTHLY_KRW } });
    expect(await premiumUntil(person)).toBeNull();
    expect(await ledgerOf(paid)).toEqual([
      ['charge', MONTHLY_KRW * 1_000],
      ['refund', -MONTHLY_KRW * 1_000],
    ]);
    const { subscriptionId, refundingKrw } = await rowOf(paid);
    expect(refundingKrw).toBeNull();
    expect(await test.db.prisma.subscription.findUnique({ where: { id: subscriptionId } })).toMatchObject({
      state: 'refunded',
    });
    expect((await refund(person, paid)).body).toEqual(answer.body);
    expect(cancelsOf(paid)).toHaveLength(1);
    expect((await pay(person)).body).toMatchObject({ state: 'paid' });
  });

  it('afterwards is of the unused days', async () => {
    const paid = await pay(person, 'yearly');
    day(100); // of 365; 265 are left
    const krw = Math.floor((YEARLY_KRW * 265) / 365 / 10) * 10;
    expect((await refund(person, paid)).body).toMatchObject({ refundedKrw: krw });
    expect(cancelsOf(paid)).toMatchObject([{ amountKrw: krw }]);
    expect(await ledgerOf(paid)).toEqual([
      ['charge', YEARLY_KRW * 1_000],
      ['refund', -krw * 1_000],
    ]);
    expect(await premiumUntil(person)).toBeNull();
  });

  it('on the last day, of a period that is over, or of what was not paid is none', async () => {
    const opened = await order(person);
    const reasonOf = async (of: { orderId: string }) => {
      const answer = await refund(person, of);
      expectProblem(answer, 409, 'not-refundable');
      return (answer.body as { reason: string }).reason;
    };
    expect(await reasonOf(opened)).toBe('not-paid');
    const paid = await pay(person);
    clock.set('2026-12-19T03:00:01.000Z');
    expect(await reasonOf(paid)).toBe('nothing-left');
    clock.set('2026-12-20T03:00:00.000Z');
    expect(await reasonOf(paid)).toBe('period-over');
    expect(cancelsOf(paid)).toEqual([]);
  });

  it('of periods that follow each other takes the latest first', async () => {
    const [first, second] = [await pay(person), await pay(person)];
    expectProblem(await refund(person, first), 409, 'not-refundable');
    day(20);
    expect((await refund(person, second)).body).toMatchObject({ refundedKrw: MONTHLY_KRW });
    expect(await premiumUntil(person)).toEqual(new Date('2026-12-20T03:00:00.000Z'));
    expect((await refund(person, first)).body).toMatchObject({ refundedKrw: 1_630 });
    expect(await premiumUntil(person)).toBeNull();
  });

  it("of another user's payment is that of no payment", async () => {
    const paid = await pay(person);
    const stranger = await signIn(test);
    const theirs = await refund(stranger, paid);
    const none = await refund(stranger, { orderId: 'never-there' });
    expectProblem(theirs, 404, 'order-not-found');
    expect({ ...theirs.body, requestId: '' }).toEqual({ ...none.body, requestId: '' });
    expect(cancelsOf(paid)).toEqual([]);
  });

  it('asked for ten times at once is one', async () => {
    const paid = await pay(person);
    const hold = toss.hold('/v1/payments/');
    const asked = Array.from({ length: 10 }, () => refund(person, paid));
    await hold.reached;
    hold.release();
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 200, body: { refundedKrw: MONTHLY_KRW } });
    expect(cancelsOf(paid)).toHaveLength(1);
    expect(await ledgerOf(paid)).toHaveLength(2);
  });

  it('whose answer was lost is looked up, and made once', async () => {
    const paid = await pay(person);
    toss.fault({ path: '/v1/payments', method: 'POST', afterWork: true, times: 1 }, 'reset');
    expect((await refund(person, paid)).body).toMatchObject({ refundedKrw: MONTHLY_KRW });
    expect(cancelsOf(paid)).toHaveLength(1);
  });

  it.each([true, false])('in doubt is settled by a job (made at Toss: %s)', async (afterWork) => {
    const paid = await pay(person);
    toss.fault({ path: '/v1/payments', method: 'POST', afterWork, times: 1 }, 'reset');
    toss.fault({ path: '/v1/payments', method: 'GET' }, 'truncatedJson');
    expectProblem(await refund(person, paid), 503, 'refund-pending');
    expect(await rowOf(paid)).toMatchObject({ refundingKrw: MONTHLY_KRW, refundedKrw: 0 });
    expect(await premiumUntil(person)).not.toBeNull();
    toss.clearFaults();
    await test.queue.drain();
    expect(await rowOf(paid)).toMatchObject({ refundingKrw: null, refundedKrw: MONTHLY_KRW });
    expect(await premiumUntil(person)).toBeNull();
    expect(cancelsOf(paid)).toHaveLength(1);
  });

  it('that Toss refuses changes nothing, is an alarm, and may be asked for again', async () => {
    const paid = await pay(person);
    toss.failRefundNext('EXCEED_MAX_REFUND_DUE');
    expectProblem(await refund(person, paid), 409, 'refund-refused');
    expect(alarmsAbout(paid)).toEqual(['refund-refused']);
    expect(await premiumUntil(person)).not.toBeNull();
    expect(await rowOf(paid)).toMatchObject({ refundingKrw: null, refundedKrw: 0 });
    expect((await refund(person, paid)).body).toMatchObject({ refundedKrw: MONTHLY_KRW });
  });

  describe('of a part, which could be made twice,', () => {
    const REFUND_KRW = Math.floor((YEARLY_KRW * 265) / 365 / 10) * 10;
    async function paidLongAgo() {
      const paid = await pay(person, 'yearly');
      day(100);
      return paid;
    }
    async function expectOneRefundOf(paid: { orderId: string }): Promise<void> {
      expect(cancelsOf(paid).map(({ amountKrw }) => amountKrw)).toEqual([REFUND_KRW]);
      expect(await rowOf(paid)).toMatchObject({ refundingKrw: null, refundedKrw: REFUND_KRW });
      expect((await ledgerOf(paid)).map(([, milli]) => milli)).toEqual([
        YEARLY_KRW * 1_000,
        -REFUND_KRW * 1_000,
      ]);
    }

    it.each(['FORBIDDEN_CONSECUTIVE_REQUEST', 'FAILED_REFUND_PROCESS', 'A_CODE_OF_TOMORROW'])(
      'that Toss answers with %s is made under a new key by the job',
      async (code) => {
        const paid = await paidLongAgo();
        toss.failRefundNext(code);
        expectProblem(await refund(person, paid), 503, 'refund-pending');
        expect(cancelsOf(paid)).toEqual([]);
        await test.queue.drain();
        await expectOneRefundOf(paid);
      },
    );

    it('that Toss makes while it answers an error is one', async () => {
      const paid = await paidLongAgo();
      toss.failRefundNext('FAILED_REFUND_PROCESS', { isMade: true });
      expect((await refund(person, paid)).body).toMatchObject({ refundedKrw: REFUND_KRW });
      await expectOneRefundOf(paid);
    });

    it.each(['error', 'timeout'])(
      'that is made with an %s as its answer, while nobody can look, is not asked for under another key',
      async (answer) => {
        const paid = await paidLongAgo();
        if (answer === 'error') toss.failRefundNext('FAILED_REFUND_PROCESS', { isMade: true });
        else toss.fault({ path: '/v1/payments', method: 'POST', afterWork: true, times: 1 }, 'timeout');
        toss.fault({ path: '/v1/payments', method: 'GET' }, 'html');
        for (let i = 0; i < 2; i++) expectProblem(await refund(person, paid), 503, 'refund-pending');
        expect(await rowOf(paid)).toMatchObject({ refundAttempts: 1 });
        toss.clearFaults();
        await test.queue.drain();
        await expectOneRefundOf(paid);
      },
    );

    it('that is refused is not given up before somebody has looked, and may be asked for again', async () => {
      const paid = await paidLongAgo();
      toss.failRefundNext('EXCEED_MAX_REFUND_DUE');
      toss.fault({ path: '/v1/payments', method: 'GET' }, 'html');
      expectProblem(await refund(person, paid), 503, 'refund-pending');
      expect(await rowOf(paid)).toMatchObject({ refundingKrw: REFUND_KRW, refundAttempts: 1 });
      toss.clearFaults();
      await test.queue.drain();
      expect(await rowOf(paid)).toMatchObject({ refundingKrw: null, refundedKrw: 0 });
      expect((await refund(person, paid)).status).toBe(200);
      await expectOneRefundOf(paid);
    });
  });

  it('of everything within seven days is given once a person', async () => {
    const first = await pay(person);
    expect((await refund(person, first)).body).toMatchObject({ refundedKrw: MONTHLY_KRW });
    day(1);
    const second = await pay(person);
    day(4); // 27 of 30 days are left
    expect((await refund(person, second)).body).toMatchObject({ refundedKrw: 4_410 });
    const other = await pay((person = await signIn(test)));
    day(8);
    expect((await refund(person, other)).body).toMatchObject({ refundedKrw: MONTHLY_KRW });
  });

  it('within seven days of a payment that came late is of everything, though its period is over', async () => {
    const { subscriptionId } = await subscribe();
    day(45); // the server was down
    await test.app.get(Charges).charge(subscriptionId);
    toss.declineNext('INVALID_STOPPED_CARD');
    await test.queue.drain();
    const paid = await test.db.prisma.tossOrder.findMany({ where: { subscriptionId, state: 'paid' } });
    expect(paid).toHaveLength(1);
    expect(paid[0]!.periodTo!.getTime()).toBeLessThan(clock.nowMs());
    day(51);
    expect((await refund(person, paid[0]!)).body).toMatchObject({ refundedKrw: MONTHLY_KRW });
    expect(cancelsOf(paid[0]!)).toHaveLength(1);
    expect(await premiumUntil(person)).toBeNull();
  });

  it('S03 of a renewal ends the subscription: access, renewal and card', async () => {
    const { subscriptionId, customerKey } = await subscribe();
    day(7);
    await runSlot(chargeDue);
    const [paid] = await test.db.prisma.tossOrder.findMany({ where: { subscriptionId } });
    expect(paid).toMatchObject({ state: 'paid', kind: 'renewal' });
    day(22); // 15 of 30 days are left
    expect((await refund(person, paid!)).body).toMatchObject({ refundedKrw: 2_450 });
    expect(await premiumUntil(person)).toBeNull();
    const contract = await test.db.prisma.tossContract.findUniqueOrThrow({ where: { subscriptionId } });
    expect(contract.nextAttemptAt).toBeNull();
    expect(await ledgerOf(paid!)).toEqual([
      ['charge', MONTHLY_KRW * 1_000],
      ['refund', -2_450_000],
    ]);
    day(60);
    await runSlot(chargeDue);
    expect(toss.charges.filter((charge) => charge.customerKey === customerKey)).toHaveLength(1);
    expect(toss.billingKeys(customerKey)).toEqual([]);
  });

  it('after the console gave back a part is of the rest', async () => {
    const paid = await pay(person);
    toss.cancelInConsole(paid.orderId, 900);
    await reconcile();
    expect(await premiumUntil(person)).not.toBeNull();
    expect((await refund(person, paid)).body).toMatchObject({ refundedKrw: MONTHLY_KRW });
    expect(cancelsOf(paid).map(({ amountKrw }) => amountKrw)).toEqual([900, 4_000]);
    expect((await ledgerOf(paid)).map(([, milli]) => milli)).toEqual([4_900_000, -900_000, -4_000_000]);
  });
});

describe('the nightly comparison with Toss', () => {
  it('S13 settles what nobody settled', async () => {
    const lost = await order(person);
    const paymentKey = toss.authorizePayment(lost);
    toss.fault({ path: '/v1/payments/confirm', afterWork: true, times: 1 }, 'reset');
    toss.fault({ path: '/v1/payments', method: 'GET' }, 'html');
    expectProblem(await confirm(person, lost, paymentKey), 503, 'payment-pending');
    toss.clearFaults();
    await loseJobs(settleTossOrder.name);
    await test.queue.drain();
    expect(await rowOf(lost)).toMatchObject({ state: 'open' });
    clock.advance({ minutes: 11 });
    await reconcile();
    expect(await rowOf(lost)).toMatchObject({ state: 'paid' });
    expect(await ledgerOf(lost)).toHaveLength(1);
  });

  it('gives up orders that nobody came back to', async () => {
    const opened = await order(person);
    const tried = await order(person);
    toss.authorizePayment(tried);
    clock.advance({ minutes: 11 });
    await reconcile();
    expect([(await rowOf(opened)).state, (await rowOf(tried)).state]).toEqual(['open', 'open']);
    clock.advance({ days: 1 });
    await reconcile();
    expect([(await rowOf(opened)).state, (await rowOf(tried)).state]).toEqual(['void', 'void']);
  });

  it('finds refunds that nobody told of, and reports them', async () => {
    const paid = await pay(person);
    day(1);
    toss.cancelInConsole(paid.orderId);
    day(2);
    await reconcile();
    expect(alarmsAbout(paid)).toEqual(['toss-differs']);
    expect(await rowOf(paid)).toMatchObject({ refundedKrw: MONTHLY_KRW });
    expect(await premiumUntil(person)).toBeNull();
    expect(await ledgerOf(paid)).toHaveLength(2);
    await reconcile();
    expect(alarmsAbout(paid)).toEqual(['toss-differs']);
  });

  it('goes on after an order that fails, and fails in the end', async () => {
    const [failing, other] = [await pay(person), await pay(await signIn(test))];
    for (const paid of [failing, other]) toss.cancelInConsole(paid.orderId);
    toss.fault({ path: `/v1/payments/${failing.paymentKey}` }, 'html');
    await expect(reconcile()).rejects.toThrow('1 orders were not compared with Toss');
    expect(await rowOf(other)).toMatchObject({ refundedKrw: MONTHLY_KRW });
    expect(alarmsAbout(failing)).toEqual(['toss-differs', 'reconcile-failed']);
    toss.clearFaults();
    await loseJobs(reconcileToss.name); // it would be tried again
    await reconcile();
    expect(await rowOf(failing)).toMatchObject({ refundedKrw: MONTHLY_KRW });
  });

  it('reports payments that are none of our orders, and ours that Toss does not have', async () => {
    const foreign = { orderId: 'of-somebody-else', amountKrw: 1_000 };
    const paymentKey = toss.authorizePayment(foreign);
    const body = JSON.stringify({ paymentKey, orderId: foreign.orderId, amount: 1_000 });
    const authorization = `Basic ${Buffer.from(`${toss.env.TOSS_SECRET_KEY}:`).toString('base64')}`;
    const headers = { authorization, 'content-type': 'application/json' };
    await fetch(`${toss.url}/v1/payments/confirm`, { method: 'POST', headers, body });
    const paid = await pay(person);
    const { id } = await rowOf(paid);
    const invented = { orderId: `${paid.orderId}=` };
    await test.db.prisma.tossOrder.update({ where: { id }, data: invented });
    clock.advance({ hours: 5 });
    await reconcile();
    for (const one of [foreign, paid, invented]) expect(alarmsAbout(one)).toEqual(['toss-differs']);
    await test.db.prisma.tossOrder.update({ where: { id }, data: { orderId: paid.orderId } });
  });
});

/** The last one: of two apps in a process the later one judges all tokens. */
it('without Toss set up nothing can be ordered', async () => {
  const without = await startTestApp();
  const body = { plan: 'monthly', consent: consentTo(MONTHLY_KRW) };
  expectProblem(
    await (await signIn(without)).send('POST', '/payments/orders', body),
    503,
    'provider-not-configured',
  );
  await without.close();
});
