import { Charges } from '../../src/modules/payments/toss/billing/charges.service.js';
import { cardRemoved } from '../../src/modules/payments/toss/toss.events.js';
import { kstDate } from '../../src/platform/clock/kst.js';
import { type Person, signIn } from '../support/api.js';
import { BillingWorld, DAY_MS } from '../support/billing.js';
import { SERVER_URL } from '../support/lane.js';

const NOON = '2026-11-20T03:00:00.000Z';
const DUE = '2026-12-20T03:00:00.000Z';
const AT_ONCE = SERVER_URL ? 10 : 5;

let world: BillingWorld;
beforeAll(async () => {
  world = await BillingWorld.start();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.test.queue.drain();
  world.toss.clearFaults();
  await world.test.db.prisma.tossOrder.updateMany({ where: { state: 'open' }, data: { state: 'void' } });
  await world.test.db.prisma.tossContract.updateMany({ data: { nextAttemptAt: null } });
  world.test.clock.set(NOON);
});

const at = (instant: string) => world.test.clock.set(instant);
const ask = (person: Person, path: string) => person.send('POST', `/subscriptions/${path}`);
const charge = (subscriptionId: string) => world.test.app.get(Charges).charge(subscriptionId);
const daysOf = async (person: Person) =>
  (await world.chargesOf(person)).map((made) => (made.at.getTime() - Date.parse(DUE)) / DAY_MS);
const ledgerOf = async (person: Person) =>
  world.test.db.prisma.ledgerEntry.findMany({ where: { subscriptionId: (await world.one(person)).id } });
const hasAccess = async (person: Person) => {
  const { accessUntil } = await world.one(person);
  return accessUntil !== null && accessUntil > world.test.clock.now();
};

describe('a declined charge', () => {
  it('is tried again after 1, 3 and 5 days; paid in the end, nothing was lost', async () => {
    const kong = await world.paying();
    world.toss.declineNext('REJECT_CARD_PAYMENT', { times: 3 });
    const states: string[] = [];
    for (const [day, attempts] of [
      [0, 1],
      [1, 2],
      [2, 2],
      [3, 3],
      [4, 3],
    ]) {
      at(new Date(Date.parse(DUE) + day! * DAY_MS).toISOString());
      await world.slot();
      const { state, tossOrders } = await world.one(kong);
      states.push(state);
      expect(tossOrders.filter(({ period }) => period === 1)).toHaveLength(attempts!);
      expect(await hasAccess(kong)).toBe(true);
    }
    expect(states).toEqual(['grace', 'grace', 'grace', 'grace', 'grace']);
    await world.pass({ days: 1 });
    expect(await daysOf(kong)).toEqual([-30, 5]);
    expect(await world.one(kong)).toMatchObject({
      state: 'active',
      tossContract: {
        firstFailedAt: null,
        nextAttemptAt: new Date('2027-01-20T03:00:00Z'), // the anchor has not moved
      },
      tossOrders: [
        { state: 'paid' },
        { state: 'declined', declineCode: 'REJECT_CARD_PAYMENT', attempt: 0 },
        { state: 'declined', attempt: 1 },
        { state: 'declined', attempt: 2 },
        { state: 'paid', attempt: 3 },
      ],
    });
    expect(world.toss.declines.map(({ idempotencyKey }) => idempotencyKey)).toHaveLength(3);
    expect(new Set(world.toss.declines.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(3);
    const told = await world.toldOf(kong);
    expect(told.filter((title) => title === '프리미엄 결제에 실패했어요')).toHaveLength(3);
    expect(told.at(-1)).toBe('프리미엄이 결제되었어요');
  });

  it.each(['REJECT_CARD_PAYMENT', 'INVALID_CARD_LOST_OR_STOLEN'])(
    'by %s four times is the end, at once',
    async (code) => {
      const kong = await world.paying();
      world.toss.declineNext(code, { times: 4 });
      at(DUE);
      await world.slot();
      await world.pass({ days: 4, hours: 23 });
      expect(await world.one(kong)).toMatchObject({ state: 'grace' });
      await world.pass({ hours: 1 });
      expect(await world.one(kong)).toMatchObject({
        ...{ state: 'expired', renews: false },
        tossContract: { nextAttemptAt: null },
      });
      expect(await hasAccess(kong)).toBe(false);
      expect((await world.toldOf(kong)).at(-1)).toBe('프리미엄이 끝났어요');
      await world.pass({ days: 40 });
      expect(await daysOf(kong)).toEqual([-30]);
      expect(world.toss.billingKeys(await world.customerKeyOf(kong))).toEqual([]);
    },
  );

  it('is paid at once with a new card', async () => {
    const kong = await world.paying();
    world.toss.declineNext('INVALID_CARD_EXPIRATION');
    at(DUE);
    await world.slot();
    world.test.clock.advance({ hours: 6 });
    const { status, body } = await world.register(kong, {});
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'active', nextChargeAt: '2027-01-20T03:00:00.000Z' });
    expect(await daysOf(kong)).toEqual([-30, 0.25]);
  });

  it('with the new card as well takes none of the retries away', async () => {
    const kong = await world.paying();
    world.toss.declineNext('REJECT_CARD_PAYMENT', { times: 2 });
    at(DUE);
    await world.slot();
    world.test.clock.advance({ hours: 6 });
    expect((await world.register(kong, {})).body).toMatchObject({
      state: 'grace',
      nextChargeAt: '2026-12-21T03:00:00.000Z',
    });
    await world.pass({ days: 1 });
    expect(await daysOf(kong)).toEqual([-30, 1]);
  });
});

describe('a card that its owner took away', () => {
  const removed = async (person: Person) => {
    world.toss.removeCard(await world.customerKeyOf(person));
    const { id: billingMethodId } = await world.test.db.prisma.billingMethod.findFirstOrThrow({
      where: { userId: person.id, removedAt: null },
    });
    await world.test.db.transaction((tx) => world.test.queue.record(tx, cardRemoved, { billingMethodId }));
    await world.test.queue.drain();
  };

  it('keeps the date and is asked for; without one it is a decline that Toss is not asked about', async () => {
    const kong = await world.paying();
    await removed(kong);
    expect(await world.toldOf(kong)).toContain('결제할 카드가 없어요');
    expect(await world.one(kong)).toMatchObject({
      state: 'active',
      tossContract: { nextAttemptAt: new Date(DUE) },
    });
    at(DUE);
    await world.slot();
    expect(await world.one(kong)).toMatchObject({
      state: 'grace',
      tossOrders: [{ state: 'paid' }, { state: 'declined', declineCode: 'NO_CARD' }],
    });
    expect((await world.register(kong, {})).body).toMatchObject({ state: 'active' });
    expect(await daysOf(kong)).toEqual([-30, 0]);
  });

  it('is needed to resume', async () => {
    const kong = await world.paying();
    await ask(kong, 'cancel');
    await removed(kong);
    expect((await ask(kong, 'resume')).body).toMatchObject({ code: 'card-needed' });
    expect((await world.register(kong, {})).body).toMatchObject({ state: 'cancelled' });
    expect((await ask(kong, 'resume')).body).toMatchObject({ state: 'active', nextChargeAt: DUE });
  });
});

describe('S10 a charge in doubt', () => {
  it.each(['reset', 'timeout'] as const)(
    'made, its answer lost (%s): found by its order, and not made again',
    async (fault) => {
      const kong = await world.paying();
      at(DUE);
      world.toss.fault({ path: '/v1/billing/', method: 'POST', times: 1, afterWork: true }, fault);
      expect(await world.slot()).toMatchObject({ name: 'ChargeInDoubt' });
      expect(await world.one(kong)).toMatchObject({ tossOrders: [{ state: 'paid' }, { state: 'open' }] });
      expect(await hasAccess(kong)).toBe(true);
      await charge((await world.one(kong)).id);
      expect(await world.one(kong)).toMatchObject({
        state: 'active',
        tossOrders: [{ state: 'paid' }, { state: 'paid' }],
      });
      expect(await daysOf(kong)).toEqual([-30, 0]);
      expect((await ledgerOf(kong)).map(({ amountMilli }) => amountMilli)).toEqual([4_900_000, 4_900_000]);
    },
  );

  it('never made: asked again under the same order and key', async () => {
    const kong = await world.paying();
    const { id } = await world.one(kong);
    at(DUE);
    world.toss.fault({ path: '/v1/billing/', method: 'POST', times: 1 }, 'reset');
    expect(await world.slot()).toMatchObject({ name: 'ChargeInDoubt' });
    await charge(id);
    const [, made] = await world.chargesOf(kong);
    const [, order] = (await world.one(kong)).tossOrders;
    expect(made).toMatchObject({ orderId: order!.orderId, idempotencyKey: `charge:${id}:1:0:0` });
  });

  it('for days: access goes on, and it is not a decline', async () => {
    const kong = await world.paying();
    const { id } = await world.one(kong);
    at(DUE);
    world.toss.fault({ path: '/v1/billing/', method: 'POST', times: 1, afterWork: true }, 'reset');
    await world.slot();
    for (let day = 1; day <= 20; day++) {
      world.test.clock.advance({ hours: 12 });
      world.toss.fault({ path: '/v1/payments/orders/', times: 1 }, { status: 404, body: '{}' });
      await expect(charge(id)).rejects.toMatchObject({ kind: { code: 'provider-unavailable' } });
      expect(await hasAccess(kong)).toBe(true);
    }
    await charge(id);
    expect(await world.one(kong)).toMatchObject({ state: 'active', tossContract: { firstFailedAt: null } });
  });

  it('of which Toss repeats an error of its own: another key ten minutes later, for the same order', async () => {
    const kong = await world.paying();
    const { id } = await world.one(kong);
    at(DUE);
    world.toss.declineNext('FAILED_INTERNAL_SYSTEM_PROCESSING');
    expect(await world.slot()).toMatchObject({ name: 'ChargeInDoubt' });
    world.test.clock.advance({ minutes: 9 });
    await expect(charge(id)).rejects.toMatchObject({ name: 'ChargeInDoubt' }); // said again to the same key
    expect(await daysOf(kong)).toEqual([-30]);
    world.test.clock.advance({ minutes: 1 });
    await charge(id);
    const [, made] = await world.chargesOf(kong);
    const { state, tossOrders } = await world.one(kong);
    expect(state).toBe('active');
    expect(tossOrders.map((order) => order.state)).toEqual(['paid', 'paid']);
    expect(made).toMatchObject({
      orderId: tossOrders[1]!.orderId,
      idempotencyKey: `charge:${id}:1:0:1`,
    });
  });

  it('for weeks: access ends 15 days after what was paid for, and is back when it is found', async () => {
    const kong = await world.paying();
    const { id } = await world.one(kong);
    at(DUE);
    world.toss.fault({ path: '/v1/billing/', method: 'POST', times: 1, afterWork: true }, 'reset');
    await world.slot();
    const daysWithAccess: number[] = [];
    for (let day = 0.5; day <= 18; day += 0.5) {
      world.test.clock.advance({ hours: 12 });
      world.toss.fault({ path: '/v1/payments/orders/', times: 1 }, { status: 404, body: '{}' });
      await expect(charge(id)).rejects.toMatchObject({ kind: { code: 'provider-unavailable' } });
      if (await hasAccess(kong)) daysWithAccess.push(day);
    }
    expect(daysWithAccess).toEqual(Array.from({ length: 29 }, (_, i) => (i + 1) / 2));
    const { body } = await kong.send('GET', '/subscriptions/me');
    expect(body).toMatchObject({ isPremium: false });
    expect(body.subscriptions).toContainEqual(expect.objectContaining({ store: 'toss', state: 'on_hold' }));
    await charge(id);
    expect(await world.one(kong)).toMatchObject({ state: 'active' });
    expect(await daysOf(kong)).toEqual([-30, 0]);
  });

  it('at the first payment, and never made: given up after ten minutes, and nothing is charged later', async () => {
    const kong = await signIn(world.test);
    await world.withoutTrial(kong);
    world.toss.declineNext('FAILED_INTERNAL_SYSTEM_PROCESSING');
    expect((await world.subscribe(kong)).body).toMatchObject({ state: 'on_hold', accessUntil: null });
    const { id } = await world.one(kong);
    world.test.clock.advance({ minutes: 10 });
    await charge(id);
    expect(await world.one(kong)).toMatchObject({
      ...{ state: 'expired', renews: false, accessUntil: null },
      ...{ tossContract: { nextAttemptAt: null }, tossOrders: [{ state: 'void' }] },
    });
    expect(await world.toldOf(kong)).toEqual(['구독을 시작하지 못했어요']);
    await world.pass({ days: 40 });
    await world.test.queue.drain();
    expect(await world.chargesOf(kong)).toEqual([]);
    expect(world.toss.billingKeys(await world.customerKeyOf(kong))).toEqual([]);
  });

  it.each([
    ['made, its answer lost', true],
    ['never made', false],
  ])('and the card replaced meanwhile (%s): one charge', async (_, isMade) => {
    const kong = await world.paying();
    const { id } = await world.one(kong);
    const customerKey = await world.customerKeyOf(kong);
    const [first] = world.toss.billingKeys(customerKey);
    at(DUE);
    world.toss.fault({ path: '/v1/billing/', method: 'POST', times: 1, afterWork: isMade }, 'reset');
    await world.slot();
    // Of the request that may still be on its way Toss does not know yet.
    world.test.clock.advance({ minutes: 9 });
    const notFound = { status: 404, body: JSON.stringify({ code: 'NOT_FOUND_PAYMENT', message: '' }) };
    world.toss.fault({ path: '/v1/payments/orders/', times: 1 }, notFound);
    expect((await world.register(kong, {})).body).toMatchObject({ state: 'grace' });
    expect(await daysOf(kong)).toEqual(isMade ? [-30, 0] : [-30]);
    if (!isMade) {
      // It may have been asked for until the card was replaced.
      world.test.clock.advance({ minutes: 9 });
      await expect(charge(id)).rejects.toMatchObject({ code: 'STILL_UNKNOWN' });
    }
    world.test.clock.advance({ minutes: 1 });
    await charge(id);
    await charge(id);
    const charges = await world.chargesOf(kong);
    expect(charges).toHaveLength(2);
    expect(charges[1]!.billingKey === first).toBe(isMade);
    const { state, tossOrders } = await world.one(kong);
    expect(state).toBe('active');
    expect(tossOrders.map((order) => [order.state, order.period, order.attempt])).toEqual([
      ['paid', 0, 0],
      ...(isMade ? [['paid', 1, 0]] : [['void', 1, 0], ['paid', 1, 1]]), // prettier-ignore
    ]);
  });

  it('at the first payment: on hold without access, then what it came to', async () => {
    const kong = await signIn(world.test);
    await world.withoutTrial(kong);
    world.toss.fault({ path: '/v1/billing/simbilling', method: 'POST', times: 1, afterWork: true }, 'reset');
    const { status, body } = await world.subscribe(kong);
    expect({ status, ...body }).toMatchObject({ status: 200, state: 'on_hold', accessUntil: null });
    await world.test.queue.drain();
    expect(await world.one(kong)).toMatchObject({ state: 'active' });
    expect(await world.chargesOf(kong)).toHaveLength(1);
  });

  it('cancelled meanwhile: what was paid stays, and is the last', async () => {
    const kong = await world.paying();
    at(DUE);
    world.toss.fault({ path: '/v1/billing/', method: 'POST', times: 1, afterWork: true }, 'reset');
    await world.slot();
    expect((await ask(kong, 'cancel')).body).toMatchObject({
      ...{ state: 'cancelled', accessUntil: '2027-01-20T03:00:00.000Z' },
      nextChargeAt: null,
    });
    await world.pass({ days: 60 });
    expect(await daysOf(kong)).toEqual([-30, 0]);
  });

  it('cancelled meanwhile and never made: it is not made any more', async () => {
    const kong = await world.paying();
    const { id } = await world.one(kong);
    at(DUE);
    world.toss.fault({ path: '/v1/billing/', method: 'POST', times: 1 }, 'reset');
    await world.slot();
    expect((await ask(kong, 'cancel')).body).toMatchObject({ state: 'grace', nextChargeAt: null });
    world.test.clock.advance({ minutes: 10 });
    await charge(id);
    expect(await world.one(kong)).toMatchObject({
      state: 'expired',
      tossOrders: [{ state: 'paid' }, { state: 'void' }],
    });
    await world.test.queue.drain();
    expect(await daysOf(kong)).toEqual([-30]);
  });

  it('another payment under our order is not taken for ours', async () => {
    const kong = await world.paying();
    const { id } = await world.one(kong);
    at(DUE);
    world.toss.fault({ path: '/v1/billing/', method: 'POST', times: 1 }, 'reset');
    await world.slot();
    const [, order] = (await world.one(kong)).tossOrders;
    const paymentKey = world.toss.authorizePayment({ orderId: order!.orderId, amountKrw: 100 });
    const wrong = { ...world.toss.payment(paymentKey), status: 'DONE' };
    world.toss.fault(
      { path: '/v1/payments/orders/', times: 1 },
      { status: 200, body: JSON.stringify(wrong) },
    );
    await expect(charge(id)).rejects.toThrow('another payment');
    expect(await world.one(kong)).toMatchObject({ tossOrders: [{ state: 'paid' }, { state: 'open' }] });
    expect(await ledgerOf(kong)).toHaveLength(1);
  });

  it('refused because of our settings: no attempt, and made when they are mended', async () => {
    const kong = await world.paying();
    at(DUE);
    const refusal = { status: 401, body: JSON.stringify({ code: 'UNAUTHORIZED_KEY', message: '' }) };
    world.toss.fault({ path: '/v1/billing/', method: 'POST', times: 1 }, refusal);
    expect(await world.slot()).toBeNull();
    expect(await world.one(kong)).toMatchObject({
      tossContract: { firstFailedAt: null },
      tossOrders: [{ state: 'paid' }, { state: 'open' }],
    });
    world.test.clock.advance({ hours: 1 });
    expect(await world.slot()).toBeNull();
    expect(await daysOf(kong)).toEqual([-30, 1 / 24]);
  });
});

describe('every due period is charged once', () => {
  it(`${AT_ONCE} runs at once make one charge`, async () => {
    const kong = await world.paying();
    const { id } = await world.one(kong);
    for (const due of [DUE, '2027-01-20T03:00:00.000Z']) {
      at(due);
      const runs = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => charge(id)));
      expect(runs.some(({ status }) => status === 'fulfilled')).toBe(true);
      await charge(id);
    }
    expect(await daysOf(kong)).toEqual([-30, 0, 31]);
    expect(await ledgerOf(kong)).toHaveLength(3);
    expect((await world.toldOf(kong)).filter((title) => title === '프리미엄이 결제되었어요')).toHaveLength(3);
  });

  it('while one run waits for Toss, others find its order and make no second charge', async () => {
    const kong = await world.paying();
    const { id } = await world.one(kong);
    at(DUE);
    const held = world.toss.hold('/v1/billing/');
    const first = charge(id);
    await held.reached;
    await expect(charge(id)).rejects.toMatchObject({ name: 'ChargeInDoubt' });
    held.release();
    await first;
    await charge(id);
    expect(await daysOf(kong)).toEqual([-30, 0]);
  });

  it('also after the server was down for 40 days: each period in its turn', async () => {
    const [kong, dal] = [await world.paying(), await world.paying()];
    at('2027-01-29T03:00:00.000Z'); // the periods of 20 December and 20 January are due
    expect(await world.slot()).toBeNull();
    for (const person of [kong, dal]) {
      const { state, tossOrders, tossContract } = await world.one(person);
      expect(state).toBe('active');
      expect(tossOrders.map(({ period, periodFrom }) => [period, kstDate(periodFrom!)])).toEqual([
        [0, '2026-11-20'],
        [1, '2026-12-20'],
        [2, '2027-01-20'],
      ]);
      expect(tossContract!.nextAttemptAt).toEqual(new Date('2027-02-20T03:00:00Z'));
      expect(await world.chargesOf(person)).toHaveLength(3);
    }
  });

  it('a later period waits until the one before is paid; retries count from the first attempt', async () => {
    const kong = await world.paying();
    world.toss.declineNext('REJECT_CARD_PAYMENT');
    at('2027-01-29T03:00:00.000Z');
    await world.slot();
    expect(await hasAccess(kong)).toBe(true);
    expect((await world.one(kong)).tossContract).toMatchObject({
      ...{ nextPeriod: 1, firstFailedAt: new Date('2027-01-29T03:00:00Z') },
      nextAttemptAt: new Date('2027-01-30T03:00:00Z'),
    });
    await world.pass({ days: 1 });
    expect(await daysOf(kong)).toEqual([-30, 41, 41]);
  });

  it('S11 31 January, 28 February, 31 March: over a year', async () => {
    at('2027-01-31T03:00:00.000Z');
    const kong = await world.paying();
    await world.pass({ days: 366 });
    expect((await world.chargesOf(kong)).map((made) => kstDate(made.at))).toEqual(
      '2027-01-31 2027-02-28 2027-03-31 2027-04-30 2027-05-31 2027-06-30 2027-07-31 2027-08-31 2027-09-30 2027-10-31 2027-11-30 2027-12-31 2028-01-31'.split(
        ' ',
      ),
    );
  });

  it.each(['suspendedAt', 'deletionRequestedAt'])('nobody is charged with %s: it ends', async (why) => {
    const kong = await world.paying();
    const customerKey = await world.customerKeyOf(kong);
    const user = { where: { id: kong.id } };
    await world.test.db.prisma.user.update({ ...user, data: { [why]: world.test.clock.now() } });
    at(DUE);
    expect(await world.slot()).toBeNull();
    expect(await world.one(kong)).toMatchObject({
      ...{ state: 'expired', renews: false },
      ...{ tossContract: { nextAttemptAt: null }, tossOrders: [{ state: 'paid' }] },
    });
    expect(await world.toldOf(kong)).toContain('구독이 갱신되지 않았어요');
    expect(world.toss.billingKeys(customerKey)).toEqual([]);
    await world.test.db.prisma.user.update({ ...user, data: { [why]: null } });
    await world.pass({ days: 40 });
    expect(await daysOf(kong)).toEqual([-30]);
  });

  it('S12 the card of an erased account goes within the hour, and nothing renews', async () => {
    const [kong, dal] = [await world.paying(), await world.paying('yearly')];
    await ask(dal, 'cancel');
    const people = [kong, dal];
    const ids = await Promise.all(people.map(async (person) => (await world.one(person)).id));
    await world.test.db.prisma.billingMethod.updateMany({
      where: { userId: { in: people.map(({ id }) => id) } },
      data: { userId: null },
    });
    await world.test.db.prisma.subscription.updateMany({
      where: { id: { in: ids } },
      data: { userId: null },
    });
    expect(await world.slot()).toBeNull();
    for (const person of people)
      expect(world.toss.billingKeys(await world.customerKeyOf(person))).toEqual([]);
    const where = { id: { in: ids } };
    expect(await world.test.db.prisma.subscription.findMany({ where })).toMatchObject([
      { renews: false },
      { renews: false },
    ]);
    expect(
      await world.test.db.prisma.tossContract.count({
        where: { subscriptionId: { in: ids }, nextAttemptAt: { not: null } },
      }),
    ).toBe(0);
  });

  it('nobody is charged whose account is gone', async () => {
    const kong = await world.paying();
    const { id } = await world.one(kong);
    await world.test.db.prisma.subscription.update({ where: { id }, data: { userId: null } });
    at(DUE);
    expect(await world.slot()).toBeNull();
    expect(await daysOf(kong)).toEqual([-30]);
  });
});
