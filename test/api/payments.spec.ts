import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import {
  type Fact,
  type PeriodFact,
  type RenewalFact,
  type SaleKey,
  Subscriptions,
} from '../../src/modules/entitlement/index.js';
import { checkLedger } from '../../src/modules/payments/index.js';
import { paymentsPage } from '../../src/modules/payments/payments.queries.js';
import { CONSENT_TEXT_VERSION } from '../../src/modules/payments/plans.js';
import { statement } from '../../src/platform/database/database.js';
import { type Answer, expectFieldFault, expectProblem, type Person, send, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { plansOf } from '../support/plans.js';
import { get } from '../support/rest.js';

const DAY_MS = 86_400_000;
const T0 = Date.parse('2026-11-20T03:00:00.000Z');

let test: TestApp;
let bori: Person;
let choco: Person;
beforeAll(async () => {
  test = await startTestApp({
    env: { TOSS_CLIENT_KEY: 'live_ck_payments_spec', TOSS_SECRET_KEY: 'live_sk_payments_spec' },
  });
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.queue.drain();
  test.clock.set(T0);
  [bori, choco] = [await signIn(test), await signIn(test)];
});

const [SUBSCRIPTIONS, PAYMENTS_EACH] = [2_000, 12];
const manySubscriptions = statement(
  'test_many_subscriptions',
  `insert into subscriptions (id, store, store_key, environment, state, renews, standing, created_at)
   select gen_random_uuid(), 'apple', 'many-' || n, 'production', 'active', true, '{}', now()
   from generate_series(1, $1::int) n`,
);
const manyPayments = statement(
  'test_many_payments',
  `with made as (
     insert into subscription_facts (subscription_id, key, fact)
     select s.id, 'period:many-' || n, '{"currency":"KRW","paidMilli":4900000,"refundedMilli":0}'
     from subscriptions s, generate_series(1, $1::int) n where s.store_key like 'many-%'
     returning subscription_id, key
   )
   insert into ledger_entries (id, subscription_id, environment, kind, period_id, amount_milli, currency, at)
   select gen_random_uuid(), subscription_id, 'production', 'charge', substr(key, 8), 4900000, 'KRW',
     now() - random() * interval '1 year'
   from made`,
);
const analyze = statement('', 'analyze subscriptions, ledger_entries, subscription_facts, toss_orders');

const learn = async (sale: SaleKey, ...facts: Fact[]) => {
  const subscriptions = test.app.get(Subscriptions);
  const { id } = await test.db.transaction((tx) => subscriptions.learn(tx, sale, facts));
  await test.queue.drain();
  return id;
};
const saleOf = (userId: string, more: Partial<SaleKey> = {}): SaleKey => ({
  ...{ store: 'apple', storeKey: randomUUID(), environment: 'production', userId },
  ...more,
});
let asOf = 0;
/** A paid month (KRW 4,900) from a day on, counted from T0. */
const month = (period: string, fromDay = 0, more: Partial<PeriodFact> = {}): PeriodFact => ({
  ...{ key: `period:${period}`, asOf: ++asOf, isTrial: false, plan: 'monthly', productId: 'premium_monthly' },
  ...{ startsAtMs: T0 + fromDay * DAY_MS, endsAtMs: T0 + (fromDay + 30) * DAY_MS },
  ...{ paidMilli: 4_900_000, refundedMilli: 0, currency: 'KRW', endedAtMs: null, isRevoked: false },
  ...more,
});
const goesOn = (renews = true, more: Partial<RenewalFact> = {}): RenewalFact => ({
  ...{ key: 'renewal', asOf: ++asOf, renews, graceUntilMs: null, retriesUntilMs: null },
  ...{ pausedUntilMs: null, endedAtMs: null, ...more },
});
const iso = (day: number) => new Date(T0 + day * DAY_MS).toISOString();

async function ok(asked: Promise<Answer>) {
  const answer = await asked;
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  return answer.body;
}
const mine = (as = bori) => ok(get('/subscriptions/me', as));
const history = (as = bori, query = '') => ok(get(`/payments/history?${query}`, as));

describe('GET /plans', () => {
  it('is for everybody, and has the words to be agreed to in both languages', async () => {
    const { items } = await ok(send(test, 'GET', '/plans'));
    expect(items).toMatchObject([
      {
        ...{ plan: 'monthly', priceKrw: 4_900, months: 1, trialDays: 7 },
        productIds: { apple: 'premium_monthly', google: { productId: 'premium', basePlanId: 'monthly' } },
      },
      { plan: 'yearly', priceKrw: 39_000, months: 12, trialDays: 7, productIds: { apple: 'premium_yearly' } },
    ]);
    for (const { priceKrw, consentTextVersion, consentText, unlocks } of items) {
      expect(unlocks).toEqual(
        expect.arrayContaining(['unlimited-pets', 'streak-shields', 'ranking-history', 'share-card-themes']),
      );
      expect(consentTextVersion).toMatch(/^\d{4}-\d\d-\d\d$/);
      const price = priceKrw.toLocaleString('en-US');
      for (const words of [price, '7일 동안 무료', '첫 결제', '해지', '전액', '쓰지 않은 날수'])
        expect(consentText.ko).toContain(words);
      for (const words of [price, 'free for 7 days', 'first charge', 'cancel', 'in full', 'unused days'])
        expect(consentText.en).toContain(words);
    }
  });
});

describe('GET /subscriptions/me', () => {
  it('without any: who one is to the stores, and that a trial may be had', async () => {
    const { billingId } = await test.db.prisma.user.findUniqueOrThrow({ where: { id: bori.id } });
    expect(await mine()).toEqual({
      ...{ isPremium: false, premiumUntil: null, subscriptions: [], warnings: [], trialAvailable: true },
      ...{
        checkout: { customerKey: billingId, clientKey: 'live_ck_payments_spec' },
        appAccountToken: billingId,
      },
    });
    expect((await mine(choco)).appAccountToken).not.toBe(billingId);
  });

  it('S06 Apple and Toss: one entitlement, the later end, a warning; ending one keeps the other', async () => {
    const apple = saleOf(bori.id);
    const toss = saleOf(bori.id, { store: 'toss' });
    await learn(apple, month('a-1'), goesOn());
    await learn(toss, month('t-1', 10), goesOn());
    const both = await mine();
    expect(both).toMatchObject({
      ...{ isPremium: true, premiumUntil: iso(40), warnings: ['several-subscriptions'] },
      subscriptions: [
        { store: 'toss', state: 'active', renews: true, accessUntil: iso(40), manageUrl: null },
        {
          ...{ store: 'apple', state: 'active', renews: true, accessUntil: iso(30), nextCharge: null },
          manageUrl: 'https://apps.apple.com/account/subscriptions',
        },
      ],
    });
    await learn(toss, goesOn(false));
    expect(await mine()).toMatchObject({
      ...{ isPremium: true, premiumUntil: iso(40), warnings: [] },
      subscriptions: [{ state: 'cancelled', renews: false }, { state: 'active' }],
    });
    // Given back: gone at once, and the other one is what is left.
    await learn(
      toss,
      month('t-1', 10, { refundedMilli: 4_900_000, endedAtMs: T0, isRevoked: true }),
      goesOn(false),
    );
    expect(await mine()).toMatchObject({
      ...{ isPremium: true, premiumUntil: iso(30) },
      subscriptions: [
        { store: 'apple', state: 'active' },
        { store: 'toss', state: 'refunded' },
      ],
    });
    expect(await mine(choco)).toMatchObject({ isPremium: false, subscriptions: [] });
  });

  it('an order that is not paid yet is no subscription', async () => {
    const body = { plan: 'monthly', consent: { priceKrw: 4_900, textVersion: CONSENT_TEXT_VERSION } };
    const ordered = await bori.send('POST', '/payments/orders', body);
    expect([ordered.status, ordered.text]).toEqual([201, ordered.text]);
    const { id: storeKey } = await test.db.prisma.subscription.findFirstOrThrow({
      where: { userId: bori.id },
    });
    expect(await mine()).toMatchObject({ isPremium: false, subscriptions: [], warnings: [] });
    await learn(saleOf(bori.id, { store: 'toss', storeKey }), month(ordered.body.orderId as string));
    expect((await mine()).subscriptions).toMatchObject([{ id: storeKey, store: 'toss', state: 'cancelled' }]);
  });

  it('S14 premium and state end with the time alone: nothing is kept that would have to be cleared', async () => {
    await learn(saleOf(bori.id), month('m-1', 0, { isTrial: true, paidMilli: 0 }), goesOn());
    const state = async () => {
      const { isPremium, premiumUntil, subscriptions } = await mine();
      return [isPremium, premiumUntil, subscriptions[0].state];
    };
    expect(await state()).toEqual([true, iso(30), 'trial']);
    test.clock.set(T0 + 30 * DAY_MS - 1);
    expect(await state()).toEqual([true, iso(30), 'trial']);
    test.clock.set(T0 + 30 * DAY_MS);
    expect(await state()).toEqual([false, null, 'expired']);
    // Nobody has written it down yet: it is derived.
    const [stored] = await test.db.prisma.subscription.findMany({ where: { userId: bori.id } });
    expect(stored!.state).toBe('trial');
    expect((await mine()).subscriptions[0].renews).toBe(false);
  });

  it('S09 a trial at any store is the one trial', async () => {
    await learn(saleOf(bori.id), month('m-1', 0, { isTrial: true, paidMilli: 0 }), goesOn(false));
    expect((await mine()).trialAvailable).toBe(false);
    expect((await mine(choco)).trialAvailable).toBe(true);
    await learn(saleOf(choco.id), month('m-2'), goesOn());
    expect((await mine(choco)).trialAvailable).toBe(true); // paid without one
  });

  it('tells what is charged next, with which card, and what is needed for it', async () => {
    const { id: billingMethodId } = await test.db.prisma.billingMethod.create({
      data: {
        ...{ id: uuidv7(), userId: bori.id, label: '신한 ****123*', createdAt: test.clock.now() },
        ...{ billingKeySealed: new Uint8Array(40), billingKeyHash: new TextEncoder().encode(randomUUID()) },
      },
    });
    const subscriptionId = await learn(saleOf(bori.id, { store: 'toss' }), month('t-1'), goesOn());
    const anchorAt = new Date(T0);
    await test.db.prisma.tossContract.create({
      data: {
        ...{ subscriptionId, billingMethodId, plan: 'monthly', priceKrw: 4_900, anchorAt, nextPeriod: 1 },
        nextAttemptAt: '2026-12-20T03:00:00.000Z',
      },
    });
    const billed = async () => {
      const { subscriptions, warnings } = await mine();
      const { nextCharge, cardLabel, needsCard, priceRaise } = subscriptions[0];
      return { nextCharge, cardLabel, needsCard, priceRaise, warnings };
    };
    const nextCharge = { at: '2026-12-20T03:00:00.000Z', amountKrw: 4_900 };
    const asUsual = {
      nextCharge,
      cardLabel: '신한 ****123*',
      needsCard: false,
      priceRaise: null,
      warnings: [],
    };
    expect(await billed()).toEqual(asUsual);

    // It was cheaper when they agreed; they were told today, so that it holds from the second renewal on.
    const told = { priceKrw: 3_900, toldPriceKrw: 4_900, toldAt: new Date(T0 + 5 * DAY_MS) };
    await test.db.prisma.tossContract.update({ where: { subscriptionId }, data: told });
    const priceRaise = { priceKrw: 4_900, appliesFrom: '2027-01-20T03:00:00.000Z', consented: false };
    const raised = { ...asUsual, nextCharge: { ...nextCharge, amountKrw: 3_900 }, priceRaise };
    expect(await billed()).toEqual(raised);
    test.clock.set('2026-12-21T03:00:00.000Z'); // 30 days before, where a yes counts
    expect(await billed()).toEqual({ ...raised, warnings: ['price-consent-needed'] });
    await test.db.prisma.chargeConsent.create({
      data: {
        ...{ id: uuidv7(), subscriptionId, kind: 'price_raise', plan: 'monthly', priceKrw: 4_900 },
        ...{ chargesFrom: priceRaise.appliesFrom, textVersion: '2026-11-01', at: test.clock.now() },
      },
    });
    expect(await billed()).toEqual({ ...raised, priceRaise: { ...priceRaise, consented: true } });

    test.clock.set(T0);
    const calm = { priceKrw: 4_900, toldPriceKrw: null, toldAt: null };
    const declined = { ...calm, firstFailedAt: new Date(T0) };
    await test.db.prisma.tossContract.update({ where: { subscriptionId }, data: declined });
    const order = {
      ...({ subscriptionId, kind: 'renewal', plan: 'monthly', amountKrw: 4_900, period: 1 } as const),
      ...({ state: 'declined', createdAt: new Date(T0) } as const),
    };
    for (const [attempt, declineCode, needsCard] of [
      [0, 'REJECT_CARD_PAYMENT', false],
      [1, 'INVALID_CARD_EXPIRATION', true],
    ] as const) {
      await test.db.prisma.tossOrder.create({
        data: { id: uuidv7(), orderId: randomUUID(), attempt, declineCode, ...order },
      });
      expect(await billed()).toEqual({ ...asUsual, needsCard, warnings: needsCard ? ['card-needed'] : [] });
    }
    await test.db.prisma.tossContract.update({
      where: { subscriptionId },
      data: { ...calm, firstFailedAt: null },
    });
    await test.db.prisma.billingMethod.update({
      where: { id: billingMethodId },
      data: { removedAt: test.clock.now() },
    });
    expect(await billed()).toEqual({
      ...asUsual,
      cardLabel: null,
      needsCard: true,
      warnings: ['card-needed'],
    });
    // Cancelled, nothing is needed.
    await test.db.prisma.tossContract.update({ where: { subscriptionId }, data: { nextAttemptAt: null } });
    expect(await billed()).toEqual({ ...asUsual, nextCharge: null, cardLabel: null });
  });

  it('wants to know who asks', async () => {
    for (const path of ['/subscriptions/me', '/payments/history'])
      expectProblem(await send(test, 'GET', path), 401, 'unauthorized');
  });
});

describe('GET /payments/history', () => {
  it('has what was paid and given back, in the currency it was, with the period it was for', async () => {
    const sale = saleOf(bori.id);
    await learn(sale, month('2000000111', 0, { isTrial: true, paidMilli: 0 }), goesOn());
    test.clock.advance({ days: 30 });
    const dollars = { currency: 'USD', paidMilli: 4_990, plan: 'yearly' as const };
    await learn(sale, month('2000000112', 30, dollars), goesOn());
    test.clock.advance({ days: 1 });
    await learn(sale, month('2000000112', 30, { ...dollars, refundedMilli: 2_500 }));
    const charge = {
      ...{
        id: expect.any(String),
        kind: 'charge',
        store: 'apple',
        environment: 'production',
        plan: 'yearly',
      },
      ...{ amount: 4.99, currency: 'USD', at: iso(30), orderId: '2000000112', receiptUrl: null },
      ...{ periodFrom: iso(30), periodTo: iso(60) },
    };
    expect(await history()).toEqual({
      items: [{ ...charge, kind: 'refund', amount: -2.5, at: iso(31) }, charge],
      nextCursor: null,
    });
    expect(await history(choco)).toEqual({ items: [], nextCursor: null });
  });

  it('has the receipt of what we charged ourselves', async () => {
    const [orderId, receiptUrl] = [randomUUID(), 'https://receipt.example/1'];
    const subscriptionId = await learn(saleOf(bori.id, { store: 'toss' }), month(orderId), goesOn());
    await test.db.prisma.tossOrder.create({
      data: {
        ...{
          id: uuidv7(),
          orderId,
          subscriptionId,
          kind: 'renewal',
          plan: 'monthly',
          amountKrw: 4_900,
          receiptUrl,
        },
        ...{ state: 'paid', createdAt: test.clock.now(), paidAt: test.clock.now() },
      },
    });
    expect((await history()).items).toMatchObject([{ store: 'toss', orderId, receiptUrl, amount: 4_900 }]);
  });

  it('pages through many of several subscriptions, also of one instant, nothing twice and nothing missing', async () => {
    const sales = [saleOf(bori.id), saleOf(bori.id, { store: 'toss' }), saleOf(bori.id, { store: 'google' })];
    for (const [index, sale] of sales.entries())
      await learn(sale, ...Array.from({ length: 5 }, (_, i) => month(`${index}-${i}`, 30 * i)));
    test.clock.advance({ minutes: 1 });
    await learn(sales[0]!, month('0-5', 150), goesOn());
    const all: { id: string; at: string; orderId: string }[] = [];
    for (let cursor = ''; ;) {
      const { items, nextCursor } = await history(bori, `limit=4${cursor}`);
      all.push(...items);
      if (!nextCursor) break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect(new Set(all.map(({ orderId }) => orderId)).size).toBe(16);
    expect(all).toHaveLength(16);
    const places = all.map(({ at, id }) => `${at} ${id}`);
    expect(places).toEqual(places.toSorted().reverse());
    expectFieldFault(await get('/payments/history?cursor=x', bori), 'cursor');
  });

  it('S07 of a subscription that came from another account only what was paid since', async () => {
    const sale = saleOf(bori.id);
    const first = month('m-1');
    await learn(sale, first, goesOn());
    test.clock.advance({ days: 10 });
    const subscriptions = test.app.get(Subscriptions);
    await test.db.transaction(async (tx) => {
      const row = await subscriptions.open(tx, sale);
      await subscriptions.claim(tx, row, choco.id, { transfer: true });
    });
    await test.queue.drain();
    expect(await history(choco)).toEqual({ items: [], nextCursor: null });
    expect(await history(bori)).toEqual({ items: [], nextCursor: null });
    test.clock.set(T0 + 30 * DAY_MS);
    // What the former owner gets back for the period they paid is not the new one's either.
    await learn(sale, { ...first, asOf: ++asOf, refundedMilli: 4_900_000 }, month('m-2', 30), goesOn());
    expect((await history(choco)).items).toMatchObject([{ orderId: 'm-2', kind: 'charge' }]);
    expect(await history(bori)).toEqual({ items: [], nextCursor: null });
  });
});

describe('many payments', () => {
  it('a page of the history is read by index, whoever else has paid', async () => {
    const sale = saleOf(bori.id);
    await learn(sale, ...Array.from({ length: 24 }, (_, i) => month(`m-${i}`, 30 * i)), goesOn());
    await test.db.rows(manySubscriptions, [SUBSCRIPTIONS]);
    await test.db.rows(manyPayments, [PAYMENTS_EACH]);
    await test.db.rows(analyze, []);
    const asked = { userId: bori.id, count: 21 };
    const first = await paymentsPage(test.db, { ...asked, after: null });
    expect(first).toHaveLength(21);
    for (const after of [null, first[9]!]) {
      const plans = await plansOf(test.db, (db) => paymentsPage(db, { ...asked, after }));
      expect(plans).toHaveLength(2);
      for (const { scans } of plans) {
        expect(scans.join()).toContain('ledger_entries_subscription_id_at_id_idx');
        expect(scans.join()).not.toMatch(/Seq Scan (ledger_entries|subscriptions|subscription_facts)/);
      }
    }
  });
});

describe('the nightly look at the ledger', () => {
  /** What it tells of these subscriptions. */
  const check = async (...ids: string[]) => {
    const before = test.log.errors.length;
    const slotAt = test.clock.now().toISOString();
    await test.db.transaction((tx) => test.queue.enqueue(tx, checkLedger, { slotAt }));
    await test.queue.drain();
    return test.log.errors
      .slice(before)
      .filter(
        ({ alarm, subscriptionId }) => alarm === 'ledger-differs' && ids.includes(subscriptionId as string),
      );
  };
  const entry = (subscriptionId: string, periodId: string, amountMilli: number, more = {}) =>
    test.db.prisma.ledgerEntry.create({
      data: {
        ...{ id: uuidv7(), subscriptionId, environment: 'production', kind: 'charge', periodId, amountMilli },
        ...{ currency: 'KRW', at: test.clock.now(), ...more },
      },
    });

  it('finds nothing where the ledger says what the facts and the orders say', async () => {
    const apple = await learn(
      saleOf(bori.id),
      month('ok-1', 0, { refundedMilli: 1_000_000 }),
      month('ok-2', 30),
      goesOn(),
    );
    const orderId = randomUUID();
    const period = month(orderId, 0, { refundedMilli: 2_000_000 });
    const subscriptionId = await learn(saleOf(bori.id, { store: 'toss' }), period, goesOn());
    const order = { id: uuidv7(), orderId, subscriptionId, kind: 'renewal', plan: 'monthly' } as const;
    const paid = { amountKrw: 4_900, refundedKrw: 2_000, state: 'paid' } as const;
    const times = { createdAt: test.clock.now(), paidAt: test.clock.now() };
    await test.db.prisma.tossOrder.create({ data: { ...order, ...paid, ...times } });
    expect(await check(apple, subscriptionId)).toEqual([]);
  });

  it('tells of each difference with its amounts, and repairs nothing', async () => {
    const twice = await learn(saleOf(bori.id), month('twice'), goesOn());
    await entry(twice, 'twice', 4_900_000);
    const unknown = await learn(saleOf(bori.id), month('known'), goesOn());
    await entry(unknown, 'from-nowhere', 100_000, { kind: 'refund', amountMilli: -100_000 });
    const currency = await learn(saleOf(bori.id), month('currency'), goesOn());
    await entry(currency, 'currency', 4_900_000, { currency: 'USD' });
    await entry(currency, 'currency', -4_900_000, { currency: 'USD' });
    const unpaid = await learn(saleOf(bori.id, { store: 'toss' }), month('no-order'), goesOn());

    const found = await check(twice, unknown, currency, unpaid);
    const none = { ledgerBackMilli: 0, factsBackMilli: 0, ordersChargedMilli: null, ordersBackMilli: null };
    expect(found).toHaveLength(4);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{
            level: 'error',
            alarm: 'ledger-differs',
            subscriptionId: twice,
            store: 'apple',
            periodId: 'twice',
          },
          ...{ ...none, ledgerChargedMilli: 9_800_000, factsChargedMilli: 4_900_000 },
        }),
        expect.objectContaining({
          ...{ subscriptionId: unknown, periodId: 'from-nowhere', ...none },
          ...{ ledgerChargedMilli: 0, ledgerBackMilli: 100_000, factsChargedMilli: 0 },
        }),
        expect.objectContaining({ subscriptionId: currency, ledgerChargedMilli: 4_900_000 }),
        expect.objectContaining({
          ...{ subscriptionId: unpaid, periodId: 'no-order', ledgerChargedMilli: 4_900_000 },
          ...{ ordersChargedMilli: 0, ordersBackMilli: 0 },
        }),
      ]),
    );
    expect(await test.db.prisma.ledgerEntry.count({ where: { subscriptionId: twice } })).toBe(2);
  });

  it('what is missing comes with the facts, learned again; the ledger itself only grows', async () => {
    const sale = saleOf(bori.id);
    const fact = month('m-1');
    const subscriptionId = await learn(sale, fact, goesOn());
    await entry(subscriptionId, 'm-1', -1_000_000);
    expect(await check(subscriptionId)).toMatchObject([{ subscriptionId, periodId: 'm-1' }]);
    await learn(sale, fact);
    expect(await check(subscriptionId)).toEqual([]);
    const where = { subscriptionId };
    await expect(test.db.prisma.ledgerEntry.deleteMany({ where })).rejects.toThrow('not changed');
    await expect(test.db.prisma.ledgerEntry.updateMany({ where, data: { amountMilli: 1 } })).rejects.toThrow(
      'not changed',
    );
  });
});
