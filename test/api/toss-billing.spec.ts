import { v7 as uuidv7 } from 'uuid';
import { Prisma } from '../../src/generated/prisma/client.js';
import { CONFIG, type Config } from '../../src/config/config.js';
import { Subscriptions } from '../../src/modules/entitlement/index.js';
import { expectFieldFault, expectProblem, type Person, signIn } from '../support/api.js';
import { agreeing, BillingWorld, DAY_MS, PRICES } from '../support/billing.js';
import { SERVER_URL } from '../support/lane.js';

const NOON = '2026-11-20T03:00:00.000Z';
const AT_ONCE = SERVER_URL ? 20 : 8;

let world: BillingWorld;
beforeAll(async () => {
  world = await BillingWorld.start();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.test.queue.drain();
  world.toss.clearFaults();
  await world.test.db.prisma.tossContract.updateMany({ data: { nextAttemptAt: null } });
  world.test.clock.set(NOON);
});

const inDays = (days: number) => new Date(world.test.clock.nowMs() + days * DAY_MS).toISOString();
const ask = (person: Person, path: string, body?: object) =>
  person.send('POST', `/subscriptions/${path}`, body);
const consentsOf = async (person: Person) => {
  const { id: subscriptionId } = await world.one(person);
  return world.test.db.prisma.chargeConsent.findMany({ where: { subscriptionId }, orderBy: { at: 'asc' } });
};

describe('a card begins a subscription', () => {
  it('with a trial of 7 days, its consent, and the first charge exactly at its end', async () => {
    const bori = await signIn(world.test);
    const { status, body } = await world.subscribe(bori);
    expect(status).toBe(200);
    expect(body).toEqual({
      subscriptionId: expect.any(String),
      ...{ store: 'toss', state: 'trial', plan: 'monthly', nextPlan: null, trial: true },
      accessUntil: inDays(8), // a day more than the trial, for the charge at its end
      ...{ nextChargeAt: inDays(7), nextChargeKrw: 4_900 },
    });
    expect(await world.one(bori)).toMatchObject({ id: body.subscriptionId, storeKey: body.subscriptionId });
    expect(await consentsOf(bori)).toMatchObject([
      { kind: 'trial_to_paid', plan: 'monthly', priceKrw: 4_900, chargesFrom: new Date(inDays(7)) },
    ]);
    expect(await world.toldOf(bori)).toEqual(['무료 체험을 시작했어요']);

    world.test.clock.advance({ days: 7, ms: -1 });
    expect(await world.slot()).toBeNull();
    expect(await world.chargesOf(bori)).toEqual([]);
    world.test.clock.advance({ ms: 1 });
    expect(await world.slot()).toBeNull();
    expect(await world.chargesOf(bori)).toMatchObject([{ amountKrw: 4_900, status: 'DONE' }]);
    expect(await world.one(bori)).toMatchObject({
      ...{ state: 'active', renews: true, environment: 'production' },
      tossContract: { nextPeriod: 1, nextAttemptAt: new Date('2026-12-27T03:00:00Z') },
      tossOrders: [{ state: 'paid', period: 0, attempt: 0, receiptUrl: expect.stringMatching(/^https:/) }],
    });
    expect(await world.toldOf(bori)).toEqual(['무료 체험을 시작했어요', '프리미엄이 결제되었어요']);
  });

  it('S04 between the end of a period and the hourly charge nobody is told that a payment failed', async () => {
    const dal = await world.onTrial();
    world.test.clock.advance({ days: 7, minutes: 5 });
    expect(await world.passTime()).toBeNull();
    expect((await world.one(dal)).state).toBe('grace');
    expect(await world.slot()).toBeNull();
    expect(await world.passTime()).toBeNull();
    const notes = await world.test.db.prisma.notification.findMany({
      where: { userId: dal.id },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });
    expect(notes.map(({ title }) => title)).toEqual(['무료 체험을 시작했어요', '프리미엄이 결제되었어요']);
  });

  it('without a trial it is charged at once', async () => {
    const kong = await world.paying('yearly');
    const subscription = await world.one(kong);
    expect(subscription).toMatchObject({ state: 'active', plan: 'yearly' });
    expect(await world.chargesOf(kong)).toMatchObject([{ amountKrw: 39_000 }]);
    expect(await consentsOf(kong)).toMatchObject([{ kind: 'purchase', priceKrw: 39_000 }]);
    const ledger = { where: { subscriptionId: subscription.id } };
    expect(await world.test.db.prisma.ledgerEntry.findMany(ledger)).toMatchObject([
      { kind: 'charge', amountMilli: 39_000_000, periodId: subscription.tossOrders[0]!.orderId },
    ]);
  });

  it('not when that first charge is declined: 402, and the card is not kept', async () => {
    const kong = await signIn(world.test);
    await world.withoutTrial(kong);
    world.toss.declineNext('REJECT_CARD_PAYMENT');
    const authKey = world.toss.authorizeBilling(await world.customerKeyOf(kong));
    expectProblem(await world.subscribe(kong, 'monthly', { authKey }), 402, 'payment-declined');
    expect(await world.one(kong)).toMatchObject({ state: 'expired', tossContract: { nextAttemptAt: null } });
    await world.test.queue.drain();
    expect(world.toss.billingKeys(await world.customerKeyOf(kong))).toEqual([]);
    expectProblem(await world.subscribe(kong, 'monthly', { authKey }), 402, 'payment-declined');
    expect((await world.subscribe(kong)).body).toMatchObject({ state: 'active' });
    expect((await world.mine(kong)).map(({ state }) => state)).toEqual(['expired', 'active']);
  });

  it('S10 not for another customer, another price or older words, and not without these', async () => {
    const [bori, kong] = [await signIn(world.test), await signIn(world.test)];
    const customerKey = await world.customerKeyOf(kong);
    const authKey = world.toss.authorizeBilling(customerKey);
    const wish = { plan: 'monthly', consent: agreeing(4_900) };
    expectProblem(
      await bori.send('POST', '/payments/billing-key', { authKey, customerKey, ...wish }),
      409,
      'customer-mismatch',
    );
    expectProblem(await world.register(bori, wish, { authKey }), 422, 'billing-key-refused');
    const bare = await world.register(bori, {});
    expectFieldFault(bare, 'plan');
    expectFieldFault(bare, 'consent');
    const cheap = await world.register(bori, { ...wish, consent: agreeing(100) });
    expectProblem(cheap, 409, 'price-changed');
    expect(cheap.body.priceKrw).toBe(4_900);
    const old = { priceKrw: 4_900, textVersion: '2020-01-01' };
    expectProblem(await world.register(bori, { ...wish, consent: old }), 409, 'consent-outdated');
    expect(await world.mine(bori)).toEqual([]);
    expect(world.toss.billingKeys(await world.customerKeyOf(bori))).toEqual([]);
  });

  it.each([
    ['trial', 0],
    ['active', 1],
  ])('once, when the same authKey comes five times at once: %s', async (state, charges) => {
    const person = await signIn(world.test);
    if (state === 'active') await world.withoutTrial(person);
    const authKey = world.toss.authorizeBilling(await world.customerKeyOf(person));
    const submit = () => world.subscribe(person, 'monthly', { authKey });
    const answers = await Promise.all(Array.from({ length: 5 }, submit));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await world.test.queue.drain();
    const { id: subscriptionId } = await world.one(person);
    expect(new Set(answers.map(({ body }) => body.subscriptionId))).toEqual(new Set([subscriptionId]));
    expect(await world.chargesOf(person)).toHaveLength(charges);
    expect(world.toss.billingKeys(await world.customerKeyOf(person))).toHaveLength(1);
    expect((await submit()).body).toMatchObject({ state, subscriptionId });
  });

  it(`once, when ${AT_ONCE} cards come at once: the last one pays, the others are deleted`, async () => {
    const bori = await signIn(world.test);
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => world.subscribe(bori)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await world.test.queue.drain();
    const { tossContract } = await world.one(bori);
    const cards = await world.test.db.prisma.billingMethod.findMany({ where: { userId: bori.id } });
    expect(cards).toHaveLength(AT_ONCE);
    const kept = cards.filter(({ removedAt }) => !removedAt);
    expect(kept.map(({ id }) => id)).toEqual([tossContract!.billingMethodId]);
    expect(world.toss.billingKeys(await world.customerKeyOf(bori))).toHaveLength(1);
    expect(cards.filter(({ deletedAtTossAt }) => deletedAtTossAt)).toHaveLength(AT_ONCE - 1);
  });

  it('that Toss did not delete is deleted on a later night', async () => {
    const bori = await world.onTrial();
    const customerKey = await world.customerKeyOf(bori);
    const { tossContract } = await world.one(bori);
    // As it is when the job has given up.
    await world.test.db.prisma.billingMethod.update({
      where: { id: tossContract!.billingMethodId! },
      data: { removedAt: world.test.clock.now() },
    });
    await world.deleteLeftCards();
    expect(world.toss.billingKeys(customerKey)).toHaveLength(1);
    world.test.clock.advance({ days: 1, ms: 1 });
    expect(await world.deleteLeftCards()).toBeNull();
    expect(world.toss.billingKeys(customerKey)).toEqual([]);
    const card = { where: { id: tossContract!.billingMethodId! } };
    expect(await world.test.db.prisma.billingMethod.findUnique(card)).toMatchObject({
      deletedAtTossAt: world.test.clock.now(),
    });
  });

  it('and says so without Toss’s keys', async () => {
    const bori = await world.onTrial();
    const [card] = await world.test.db.prisma.billingMethod.findMany({ where: { userId: bori.id } });
    const [billingKey] = world.toss.billingKeys(await world.customerKeyOf(bori));
    expect(Buffer.from(card!.billingKeySealed).includes(billingKey!)).toBe(false);
    expect(card!.label).toMatch(/\*/);
  });
});

describe('S09 a trial is given once', () => {
  const identity = (person: Person, providerUserId: string) =>
    world.test.db.prisma.identity.create({
      data: {
        ...{ id: uuidv7(), userId: person.id, provider: 'kakao', providerUserId },
        linkedAt: world.test.clock.now(),
      },
    });

  it('a person, also one who left and came again', async () => {
    const bori = await signIn(world.test);
    await identity(bori, '880001');
    expect((await world.subscribe(bori)).body).toMatchObject({ state: 'trial' });
    await ask(bori, 'cancel');
    await world.test.db.prisma.identity.deleteMany({ where: { userId: bori.id } });

    const again = await signIn(world.test);
    await identity(again, '880001');
    expect((await world.subscribe(again)).body).toMatchObject({ state: 'active', trial: false });
    expect(await world.chargesOf(again)).toHaveLength(1);
    const uses = await world.test.db.prisma.trialUse.findMany();
    expect(uses.some(({ hash }) => Buffer.from(hash).includes('880001'))).toBe(false);
  });

  it('a card', async () => {
    const card = { issuerCode: '61', number: '54287900****771*' };
    const [bori, kong] = [await signIn(world.test), await signIn(world.test)];
    expect((await world.subscribe(bori, 'monthly', { card })).body).toMatchObject({ state: 'trial' });
    expect((await world.subscribe(kong, 'monthly', { card })).body).toMatchObject({ state: 'active' });
  });

  const shown = { plan: 'monthly', consent: agreeing(4_900) };
  const usesOf = () => world.test.db.prisma.trialUse.count();

  it('who was shown one is not charged instead: the person', async () => {
    const kong = await signIn(world.test);
    await world.withoutTrial(kong);
    const authKey = world.toss.authorizeBilling(await world.customerKeyOf(kong));
    expectProblem(await world.register(kong, shown, { authKey }), 409, 'trial-used');
    expect(await world.mine(kong)).toEqual([]);
    expect(await world.chargesOf(kong)).toEqual([]);
    expect(world.toss.billingKeys(await world.customerKeyOf(kong))).toEqual([]);
    // The card is still there to be taken, by who agrees to pay now.
    const { body } = await world.register(kong, { ...shown, expectsTrial: false }, { authKey });
    expect(body).toMatchObject({ state: 'active', trial: false });
  });

  it('nor when the card was used by somebody: it is not kept, and the trial of the person is', async () => {
    const card = { issuerCode: '61', number: '54287900****772*' };
    const [bori, kong] = [await signIn(world.test), await signIn(world.test)];
    await identity(kong, '880002');
    expect((await world.register(bori, shown, { card })).body).toMatchObject({ state: 'trial' });
    await world.test.queue.drain();
    const before = await usesOf();
    const customerKey = await world.customerKeyOf(kong);
    const authKey = world.toss.authorizeBilling(customerKey, { card });
    expectProblem(await world.register(kong, shown, { authKey }), 409, 'trial-used');
    expectProblem(await world.register(kong, shown, { authKey }), 409, 'trial-used');
    await world.test.queue.drain();
    expect(await world.mine(kong)).toEqual([]);
    expect(await world.chargesOf(kong)).toEqual([]);
    expect(world.toss.billingKeys(customerKey)).toEqual([]);
    expect(await usesOf()).toBe(before);
    const now = { ...shown, expectsTrial: false };
    expectProblem(await world.register(kong, now, { authKey }), 422, 'billing-key-refused');
    expect((await world.register(kong, shown)).body).toMatchObject({ state: 'trial' });
  });

  const triedAtApple = async (userId: string) => {
    const startsAtMs = world.test.clock.nowMs();
    const { db, app } = world.test;
    return db.transaction((tx) =>
      app
        .get(Subscriptions)
        .learn(tx, { store: 'apple', storeKey: uuidv7(), environment: 'production', userId }, [
          {
            ...{ key: 'period:tried', asOf: 1, startsAtMs, endsAtMs: startsAtMs + 7 * DAY_MS },
            ...{ isTrial: true, plan: 'monthly', productId: null, paidMilli: 0, refundedMilli: 0 },
            ...{ currency: 'KRW', endedAtMs: null, isRevoked: false },
          },
        ]),
    );
  };
  const leave = (person: Person) =>
    world.test.db.prisma.identity.deleteMany({ where: { userId: person.id } });
  const expectUsed = async (providerUserId: string) => {
    const again = await signIn(world.test);
    await identity(again, providerUserId);
    expectProblem(await world.register(again, shown), 409, 'trial-used');
  };

  it('at the App Store: also for who left and came again', async () => {
    const bori = await signIn(world.test);
    await identity(bori, '880003');
    await triedAtApple(bori.id);
    await world.test.queue.drain();
    await leave(bori);
    await expectUsed('880003');
  });

  it('also for whom it was claimed from, before its use was written down', async () => {
    const [bori, kong] = [await signIn(world.test), await signIn(world.test)];
    await identity(bori, '880004');
    const { db, app, queue } = world.test;
    await db.transaction(async (tx) => {
      const row = await app.get(Subscriptions).open(tx, {
        ...{ store: 'apple', storeKey: uuidv7(), environment: 'production', userId: bori.id },
      });
      await tx.prisma.subscriptionFact.create({
        data: { subscriptionId: row.id, key: 'period:tried', fact: { isTrial: true } },
      });
      await app.get(Subscriptions).claim(tx, row, kong.id, { transfer: true });
    });
    await queue.drain();
    expectProblem(await world.register(bori, shown), 409, 'trial-used');
    await leave(bori);
    await expectUsed('880004');
  });

  it('also by an account that was linked after it', async () => {
    const bori = await signIn(world.test);
    await identity(bori, '880005');
    await triedAtApple(bori.id);
    await identity(bori, '880006');
    expectProblem(await world.register(bori, shown), 409, 'trial-used');
    await leave(bori);
    await expectUsed('880006');
  });

  it('a user, whatever the store, and again after the end', async () => {
    const bori = await world.onTrial();
    await ask(bori, 'cancel');
    world.test.clock.advance({ days: 8 });
    expect((await world.subscribe(bori)).body).toMatchObject({ state: 'active', trial: false });
  });
});

describe('S03 cancelling', () => {
  it('in the trial: access to its end, and nothing is ever charged', async () => {
    const bori = await world.onTrial();
    const { status, body } = await ask(bori, 'cancel', {});
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'cancelled', accessUntil: inDays(7), nextChargeAt: null });
    expect((await ask(bori, 'cancel')).body).toEqual(body);
    await world.pass({ days: 30 });
    expect(await world.chargesOf(bori)).toEqual([]);
    expectProblem(await ask(bori, 'resume'), 404, 'subscription-not-found');
  });

  it('is taken back before the end, and the next charge comes on its day', async () => {
    const kong = await world.paying();
    await ask(kong, 'cancel');
    world.test.clock.advance({ days: 10 });
    const { body } = await ask(kong, 'resume');
    expect(body).toMatchObject({ state: 'active', nextChargeAt: '2026-12-20T03:00:00.000Z' });
    expect((await ask(kong, 'resume')).body).toEqual(body);
    await world.pass({ days: 30 });
    expect(await world.chargesOf(kong)).toHaveLength(2);
  });

  it('after a payment: access to the period’s end, then expired, and the card is deleted', async () => {
    const kong = await world.paying();
    const { body } = await ask(kong, 'cancel');
    expect(body).toMatchObject({ state: 'cancelled', accessUntil: '2026-12-20T03:00:00.000Z' });
    await world.pass({ days: 60 });
    await world.passTime();
    expect(await world.one(kong)).toMatchObject({ state: 'expired' });
    expect(await world.chargesOf(kong)).toHaveLength(1);
    expect(world.toss.billingKeys(await world.customerKeyOf(kong))).toEqual([]);
  });

  it('in dunning it ends at once; twice is once', async () => {
    const kong = await world.paying();
    world.toss.declineNext('REJECT_CARD_PAYMENT');
    world.test.clock.set('2026-12-20T03:00:00.000Z');
    await world.slot();
    expect(await world.one(kong)).toMatchObject({ state: 'grace' });
    expect((await ask(kong, 'cancel')).body).toMatchObject({ state: 'expired', nextChargeAt: null });
    expect((await ask(kong, 'cancel')).body).toMatchObject({ state: 'expired' });
    await world.pass({ days: 30 });
    expect(await world.chargesOf(kong)).toHaveLength(1);
  });

  it('what Apple or Google sells is cancelled there', async () => {
    const bori = await signIn(world.test);
    expectProblem(await ask(bori, 'cancel'), 404, 'subscription-not-found');
    await world.test.db.prisma.subscription.create({
      data: {
        ...{ id: uuidv7(), userId: bori.id, store: 'google', storeKey: uuidv7(), environment: 'production' },
        ...{ state: 'active', renews: true, standing: {}, createdAt: world.test.clock.now() },
        accessUntil: new Date(inDays(20)),
      },
    });
    for (const [path, body] of [
      ['cancel', {}],
      ['resume', undefined],
      ['plan', { plan: 'yearly', consent: agreeing(39_000) }],
      ['price-consent', agreeing(5_900)],
    ] as const) {
      const answer = await ask(bori, path, body);
      expectProblem(answer, 409, 'managed-by-store');
      expect(answer.body).toMatchObject({
        store: 'google',
        manageUrl: 'https://play.google.com/store/account/subscriptions',
      });
    }
  });
});

describe('another plan', () => {
  it('holds from the next renewal on, which becomes the anchor', async () => {
    const kong = await world.paying();
    const wish = { plan: 'yearly', consent: agreeing(PRICES.yearly) };
    expectProblem(await ask(kong, 'plan', { ...wish, consent: agreeing(1) }), 409, 'price-changed');
    const { body } = await ask(kong, 'plan', wish);
    expect(body).toMatchObject({ plan: 'monthly', nextPlan: 'yearly', nextChargeKrw: 39_000 });
    expect((await consentsOf(kong)).map(({ kind }) => kind)).toEqual(['purchase', 'plan_change']);
    await world.pass({ days: 31 });
    expect((await world.chargesOf(kong)).map(({ amountKrw }) => amountKrw)).toEqual([4_900, 39_000]);
    const { tossContract, plan } = await world.one(kong);
    expect(plan).toBe('yearly');
    expect(tossContract).toMatchObject({
      ...{ plan: 'yearly', nextPlan: null, anchorPeriod: 1, nextPeriod: 2 },
      nextAttemptAt: new Date('2027-12-20T03:00:00Z'),
    });
  });

  it('is taken back by choosing the present one', async () => {
    const kong = await world.paying();
    await ask(kong, 'plan', { plan: 'yearly', consent: agreeing(39_000) });
    const { body } = await ask(kong, 'plan', { plan: 'monthly', consent: agreeing(4_900) });
    expect(body).toMatchObject({ plan: 'monthly', nextPlan: null, nextChargeKrw: 4_900 });
  });
});

describe('what is told ahead', () => {
  it('of the first charge a day before, once', async () => {
    const bori = await world.onTrial();
    for (let day = 0; day < 9; day++) {
      await world.tellCharges();
      await world.tellCharges();
      await world.pass({ days: 1 });
    }
    expect(await world.toldOf(bori)).toEqual([
      '무료 체험을 시작했어요',
      '곧 첫 결제가 있어요',
      '프리미엄이 결제되었어요',
    ]);
  });

  it('of all whose turn it is, also when it fails for one of them', async () => {
    const people = await Promise.all([1, 2, 3].map(() => world.onTrial()));
    const ids = await Promise.all(people.map(async (person) => (await world.one(person)).id));
    const { subscription } = world.test.db.prisma;
    const broken = [...ids].sort()[0]!;
    const { standing } = await subscription.findUniqueOrThrow({ where: { id: broken } });
    await subscription.update({ where: { id: broken }, data: { standing: Prisma.JsonNull } });
    world.test.clock.advance({ days: 6 });
    expect(await world.tellCharges()).not.toBeNull();
    await subscription.update({ where: { id: broken }, data: { standing: standing as object } });
    const told = await Promise.all(people.map((person) => world.toldOf(person)));
    expect(told.map((titles) => titles.includes('곧 첫 결제가 있어요'))).toEqual(
      ids.map((id) => id !== broken),
    );
    await world.tellCharges();
    for (const person of people) expect(await world.toldOf(person)).toContain('곧 첫 결제가 있어요');
  });

  it('of a year’s renewal a week before, but not of a month’s', async () => {
    const [kong, dal] = [await world.paying('yearly'), await world.paying('monthly')];
    world.test.clock.set('2026-12-13T01:00:00Z');
    await world.tellCharges();
    world.test.clock.set('2027-11-12T01:00:00Z');
    await world.tellCharges();
    expect(await world.toldOf(kong)).toEqual(['프리미엄이 결제되었어요']);
    world.test.clock.set('2027-11-13T01:00:00Z');
    await world.tellCharges();
    expect(await world.toldOf(kong)).toEqual(['프리미엄이 결제되었어요', '곧 구독이 갱신돼요']);
    expect(await world.toldOf(dal)).toEqual(['프리미엄이 결제되었어요']);
  });
});

describe('S11 another price', () => {
  const prices = () => world.test.app.get<Config>(CONFIG).plans;
  afterEach(() => void (prices().monthlyKrw = 4_900));
  const amountsOf = async (person: Person) =>
    (await world.chargesOf(person)).map(({ amountKrw }) => amountKrw);

  it('a lower one is charged at the next renewal', async () => {
    const kong = await world.paying();
    prices().monthlyKrw = 3_900;
    await world.pass({ days: 31 });
    expect(await amountsOf(kong)).toEqual([4_900, 3_900]);
  });

  it('a raise waits for 30 days’ notice and a yes within these; the yes is asked for', async () => {
    const kong = await world.paying();
    world.test.clock.advance({ days: 10 });
    prices().monthlyKrw = 5_900;
    expectProblem(await ask(kong, 'price-consent', agreeing(5_900)), 409, 'no-consent-asked');
    await world.tellPriceRaises();
    expect((await world.toldOf(kong)).at(-1)).toBe('프리미엄 가격이 올라요');
    const early = await ask(kong, 'price-consent', agreeing(5_900));
    expectProblem(early, 409, 'no-consent-asked');
    expect(early.body.from).toBe('2026-12-21T03:00:00.000Z');

    await world.pass({ days: 20 }); // the renewal of 20 December is less than 30 days after
    expect(await amountsOf(kong)).toEqual([4_900, 4_900]);
    await world.pass({ days: 2 });
    await world.tellPriceRaises();
    await world.tellPriceRaises();
    expect((await world.toldOf(kong)).filter((title) => title === '오른 가격에 동의해 주세요')).toHaveLength(
      1,
    );
    expectProblem(await ask(kong, 'price-consent', agreeing(4_900)), 409, 'price-changed');
    expect((await ask(kong, 'price-consent', agreeing(5_900))).body).toMatchObject({ nextChargeKrw: 5_900 });
    await world.pass({ days: 60 });
    expect(await amountsOf(kong)).toEqual([4_900, 4_900, 5_900, 5_900]);
    expect((await consentsOf(kong)).map(({ kind }) => kind)).toEqual(['purchase', 'price_raise']);
  });

  it('no answer is a no: it is not renewed, and nothing is charged', async () => {
    const kong = await world.paying();
    prices().monthlyKrw = 5_900;
    await world.tellPriceRaises();
    await world.pass({ days: 60 }); // 20 December is 30 days after the notice
    expect(await amountsOf(kong)).toEqual([4_900]);
    expect(await world.one(kong)).toMatchObject({ state: 'expired', renews: false });
    expect((await world.toldOf(kong)).at(-1)).toBe('구독이 갱신되지 않았어요');
  });

  it('nothing is charged without a consent', async () => {
    const bori = await world.onTrial();
    const { id: subscriptionId } = await world.one(bori);
    await world.test.db.prisma.chargeConsent.deleteMany({ where: { subscriptionId } });
    world.test.clock.advance({ days: 7 });
    await world.slot();
    expect(await world.chargesOf(bori)).toEqual([]);
  });
});
