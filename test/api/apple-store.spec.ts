import type { StoreNotification } from '../simulators/app-store.js';
import { seededRandom } from '../builders/tracks.js';
import { expectProblem } from '../support/api.js';
import {
  type AppleTest,
  buyer,
  makeDue,
  moneyOf,
  premiumUntil,
  rowOf,
  signInBuyer,
  startAppleTest,
} from '../support/app-store.js';

const MONTH = 4_900_000;
const YEAR = 39_000_000;

let apple: AppleTest;
beforeAll(async () => {
  apple = await startAppleTest();
});
afterAll(() => apple.close());
beforeEach(() => apple.clock.set('2026-11-20T03:00:00Z'));
afterEach(() => apple.store.clearFaults());

const on = (date: string) => apple.clock.set(`${date}T03:00:00Z`);
const at = (date: string) => new Date(`${date}T03:00:00Z`);
async function deliver(...notifications: StoreNotification[]) {
  for (const notification of notifications)
    expect(await apple.store.deliver(notification, apple.test.url)).toBe(200);
  await apple.test.queue.drain();
}
const report = (person: { send: AppleSend }, signedTransaction: string, more: object = {}) =>
  person.send('POST', '/payments/apple/transactions', { signedTransaction, ...more });
type AppleSend = Awaited<ReturnType<typeof signInBuyer>>['send'];
const errors = () => apple.test.log.errors.map(({ msg }) => msg);

async function bought(purchase: Parameters<typeof buyer>[1] = {}) {
  const { person, sold } = await buyer(apple, purchase);
  await deliver(sold.notifications[0]!);
  return { person, sold };
}

describe('S01', () => {
  it('each notification six times over five days, in any order: what the store says', async () => {
    const seed = 5_001;
    const random = seededRandom(seed);
    const { person, sold } = await buyer(apple, { trialDays: 7 });
    on('2026-11-27');
    sold.renew();
    on('2026-12-01');
    sold.cancelRenewal();
    const waiting = sold.notifications.flatMap(
      (notification) => Array(6).fill(notification) as typeof sold.notifications,
    );
    const order = waiting.map((one) => ({ one, place: random() })).sort((a, b) => a.place - b.place);
    const hours = [0, 1, 12, 24, 48, 35];
    for (const [i, { one }] of order.entries()) {
      if (i % 3 === 0) apple.clock.advance({ hours: hours[i / 3]! });
      await deliver(one);
    }
    expect(await rowOf(apple.test, sold)).toMatchObject({
      ...{ state: 'cancelled', renews: false, plan: 'monthly', userId: person.id, environment: 'production' },
      accessUntil: at('2026-12-27'),
    });
    expect(await moneyOf(apple.test, sold)).toEqual([
      [0, 0],
      [MONTH, 0],
    ]);
  });
});

describe('S02', () => {
  it('an older event after a newer one changes nothing, also while Apple cannot be asked', async () => {
    const { person, sold } = await buyer(apple, { trialDays: 7 });
    on('2026-11-27');
    sold.renew();
    const [started, renewed] = sold.notifications;
    apple.store.fault({ path: '/inApps/v1/subscriptions' }, { status: 500 });
    for (const late of [renewed!, started!]) {
      expect(await apple.store.deliver(late, apple.test.url)).toBe(200);
      await expect(apple.test.queue.drain()).rejects.toThrow('app-store: status 500');
      expect(await premiumUntil(apple.test, person)).toEqual(at('2026-12-27'));
      expect(await rowOf(apple.test, sold)).toMatchObject({ state: 'active', accessUntil: at('2026-12-27') });
    }
    const where = { processedAt: null, store: 'apple' as const };
    expect(
      await apple.test.db.prisma.storeEvent.findMany({ where, select: { attempts: true, lastError: true } }),
    ).toEqual(
      Array(2).fill({ attempts: expect.any(Number), lastError: expect.stringContaining('status 500') }),
    );
    apple.store.clearFaults();
    await makeDue(apple.test);
    await apple.test.queue.drain();
    expect(await apple.test.db.prisma.storeEvent.count({ where })).toBe(0);
    expect(await moneyOf(apple.test, sold)).toEqual([
      [0, 0],
      [MONTH, 0],
    ]);
  });

  it('the refund of an earlier period does not end the current one', async () => {
    const { person, sold } = await bought();
    on('2026-12-20');
    await deliver(sold.renew());
    on('2026-12-25');
    await deliver(sold.refund(sold.transactionIds[0]));
    expect(await rowOf(apple.test, sold)).toMatchObject({ state: 'active', accessUntil: at('2027-01-20') });
    expect(await premiumUntil(apple.test, person)).toEqual(at('2027-01-20'));
    expect(await moneyOf(apple.test, sold)).toEqual([
      [MONTH, -MONTH],
      [MONTH, 0],
    ]);
  });

  it('Apple asks to wait: the job fails, and the event’s own facts hold meanwhile', async () => {
    const { person, sold } = await buyer(apple);
    apple.store.fault({ path: '/inApps/v1/subscriptions', times: 1 }, 429);
    expect(await apple.store.deliver(sold.notifications[0]!, apple.test.url)).toBe(200);
    await expect(apple.test.queue.drain()).rejects.toThrow('app-store: status 429');
    expect(await premiumUntil(apple.test, person)).toEqual(at('2026-12-20'));
    await makeDue(apple.test);
    await apple.test.queue.drain();
  });

  it('an answer that is no JSON fails the job, and nothing of it is kept', async () => {
    const { sold } = await buyer(apple);
    apple.store.fault({ path: '/inApps/v1/subscriptions', times: 1 }, 'truncatedJson');
    expect(await apple.store.deliver(sold.notifications[0]!, apple.test.url)).toBe(200);
    await expect(apple.test.queue.drain()).rejects.toThrow('The App Store answers nonsense');
    await makeDue(apple.test);
    await apple.test.queue.drain();
  });
});

describe('S03', () => {
  it('cancelled: access to the end of the period; taken back; refunded after; refund reversed', async () => {
    const { person, sold } = await bought();
    on('2026-11-25');
    await deliver(sold.cancelRenewal());
    expect(await rowOf(apple.test, sold)).toMatchObject({ state: 'cancelled', renews: false });
    expect(await premiumUntil(apple.test, person)).toEqual(at('2026-12-20'));
    await deliver(sold.resumeRenewal());
    expect(await rowOf(apple.test, sold)).toMatchObject({ state: 'active', renews: true });
    await deliver(sold.cancelRenewal());
    on('2026-11-28');
    await deliver(sold.refund());
    expect(await rowOf(apple.test, sold)).toMatchObject({ state: 'refunded', accessUntil: at('2026-11-28') });
    expect(await premiumUntil(apple.test, person)).toBeNull();
    on('2026-11-30');
    await deliver(sold.reverseRefund());
    expect(await rowOf(apple.test, sold)).toMatchObject({
      state: 'cancelled',
      accessUntil: at('2026-12-20'),
    });
    expect(await premiumUntil(apple.test, person)).toEqual(at('2026-12-20'));
    expect(await moneyOf(apple.test, sold)).toEqual([[MONTH, 0]]);
    const kinds = await apple.test.db.prisma.ledgerEntry.findMany({
      where: { periodId: sold.transactionIds[0] },
      orderBy: { id: 'asc' },
      select: { kind: true, amountMilli: true },
    });
    expect(kinds).toEqual([
      { kind: 'charge', amountMilli: MONTH },
      { kind: 'refund', amountMilli: -MONTH },
      { kind: 'refund_reversed', amountMilli: MONTH },
    ]);
  });

  it('a part of the money given back ends the access, and is a part in the ledger', async () => {
    const { person, sold } = await bought();
    on('2026-12-05');
    await deliver(sold.refund(undefined, 50));
    expect(await premiumUntil(apple.test, person)).toBeNull();
    expect(await moneyOf(apple.test, sold)).toEqual([[MONTH, -MONTH / 2]]);
  });

  it('Family Sharing withdrawn ends it now; the member never paid', async () => {
    const { person, sold } = await bought({ familyShared: true });
    expect(await premiumUntil(apple.test, person)).toEqual(at('2026-12-20'));
    on('2026-11-25');
    await deliver(sold.revoke());
    expect(await rowOf(apple.test, sold)).toMatchObject({ state: 'refunded', accessUntil: at('2026-11-25') });
    expect(await premiumUntil(apple.test, person)).toBeNull();
    expect(await moneyOf(apple.test, sold)).toEqual([[0, 0]]);
  });
});

describe('S04', () => {
  it('grace keeps access, hold removes it, recovery restores it without another trial', async () => {
    const { person, sold } = await bought({ trialDays: 7 });
    expect(await rowOf(apple.test, sold)).toMatchObject({ state: 'trial', accessUntil: at('2026-11-27') });
    on('2026-11-27');
    await deliver(sold.failToRenew({ graceDays: 6 }));
    expect(await rowOf(apple.test, sold)).toMatchObject({ state: 'grace', accessUntil: at('2026-12-03') });
    expect(await premiumUntil(apple.test, person)).toEqual(at('2026-12-03'));
    on('2026-12-03');
    await deliver(sold.graceExpires());
    expect(await rowOf(apple.test, sold)).toMatchObject({ state: 'on_hold', accessUntil: at('2026-12-03') });
    expect(await premiumUntil(apple.test, person)).toBeNull();
    on('2026-12-10');
    await deliver(sold.recover());
    expect(await rowOf(apple.test, sold)).toMatchObject({ state: 'active', accessUntil: at('2027-01-10') });
    expect(await moneyOf(apple.test, sold)).toEqual([
      [0, 0],
      [MONTH, 0],
    ]);
  });

  it('without a grace period there is no access from the end on', async () => {
    const { person, sold } = await bought();
    on('2026-12-20');
    await deliver(sold.failToRenew({ graceDays: null }));
    expect(await rowOf(apple.test, sold)).toMatchObject({ state: 'on_hold' });
    expect(await premiumUntil(apple.test, person)).toBeNull();
    on('2027-02-18');
    await deliver(sold.expire('BILLING_RETRY'));
    expect(await rowOf(apple.test, sold)).toMatchObject({ state: 'expired', renews: false });
    on('2027-03-01');
    await deliver(sold.resubscribe('premium_yearly'));
    expect(await rowOf(apple.test, sold)).toMatchObject({
      state: 'active',
      plan: 'yearly',
      accessUntil: at('2028-03-01'),
    });
  });
});

describe('S05', () => {
  it('an upgrade ends the period it replaces, wherever the new one ends', async () => {
    const { sold } = await bought({ productId: 'premium_yearly' });
    on('2026-12-01');
    await deliver(sold.upgrade('premium_monthly'));
    expect(await rowOf(apple.test, sold)).toMatchObject({
      state: 'active',
      plan: 'monthly',
      accessUntil: at('2027-01-01'),
    });
    expect(await moneyOf(apple.test, sold)).toEqual([
      [YEAR, 0],
      [MONTH, 0],
    ]);
  });

  it('a downgrade waits for the next renewal', async () => {
    const { sold } = await bought();
    await deliver(sold.downgrade('premium_yearly'), sold.cancelDowngrade(), sold.downgrade('premium_yearly'));
    expect(await rowOf(apple.test, sold)).toMatchObject({ plan: 'monthly' });
    on('2026-12-20');
    await deliver(sold.renew());
    expect(await rowOf(apple.test, sold)).toMatchObject({ plan: 'yearly', accessUntil: at('2027-12-20') });
    await deliver(sold.extend(10));
    expect(await rowOf(apple.test, sold)).toMatchObject({ accessUntil: at('2027-12-30') });
  });

  it('a product that we do not know gives premium without a plan, and an alarm', async () => {
    const { person, sold } = await bought({ productId: 'premium_lifetime' });
    expect(await rowOf(apple.test, sold)).toMatchObject({ plan: null, productId: 'premium_lifetime' });
    expect(await premiumUntil(apple.test, person)).toEqual(at('2026-12-20'));
    expect(errors()).toContain('Apple sold a product that we do not know');
  });
});

describe('S07 one Apple account, two accounts of ours', () => {
  it('only one of them has it: the buyer, until it is moved on purpose', async () => {
    const { person: bori, sold } = await bought();
    const choco = await signInBuyer(apple.test);
    expectProblem(await report(choco, sold.signedTransaction()), 409, 'purchase-of-another-account');
    expect(await premiumUntil(apple.test, choco)).toBeNull();

    const moved = await report(choco, sold.signedTransaction(), { transfer: true });
    expect(moved.body).toEqual({
      ...{ subscriptionId: expect.any(String), store: 'apple', state: 'active', plan: 'monthly' },
      accessUntil: at('2026-12-20').toISOString(),
    });
    expect(await premiumUntil(apple.test, bori)).toBeNull();
    expect(await premiumUntil(apple.test, choco)).toEqual(at('2026-12-20'));

    // What Apple says later still names the first buyer.
    on('2026-12-20');
    await deliver(sold.renew());
    expect(await premiumUntil(apple.test, bori)).toBeNull();
    expect(await premiumUntil(apple.test, choco)).toEqual(at('2027-01-20'));
    expectProblem(await report(bori, sold.signedTransaction()), 409, 'purchase-of-another-account');
    on('2026-12-19');
    expectProblem(
      await report(bori, sold.signedTransaction(), { transfer: true }),
      409,
      'transferred-recently',
    );
    expect((await report(choco, sold.signedTransaction())).status).toBe(200);
    on('2027-01-05');
    expect((await report(bori, sold.signedTransaction(), { transfer: true })).status).toBe(200);
    expect(await premiumUntil(apple.test, bori)).toEqual(at('2027-01-20'));
    expect(await premiumUntil(apple.test, choco)).toBeNull();
    await apple.test.queue.drain();
  });

  it('a purchase that names nobody is whose app reports it first, however often', async () => {
    const { person: bori, sold } = await buyer(apple, { appAccountToken: undefined });
    const choco = await signInBuyer(apple.test);
    await deliver(sold.notifications[0]!);
    expect((await rowOf(apple.test, sold)).userId).toBeNull();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => report(bori, sold.signedTransaction())),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    expectProblem(await report(choco, sold.signedTransaction()), 409, 'purchase-of-another-account');
    expect((await rowOf(apple.test, sold)).userId).toBe(bori.id);
    await apple.test.queue.drain();
  });

  it('reported before Apple tells, and by an old transaction, it is what Apple says now', async () => {
    const { person, sold } = await buyer(apple, { trialDays: 7 });
    const atFirst = sold.signedTransaction();
    on('2026-11-27');
    sold.renew();
    on('2026-12-05');
    sold.refund();
    const { status, body } = await report(person, atFirst);
    expect({ status, state: body.state, accessUntil: body.accessUntil }).toEqual({
      ...{ status: 200, state: 'refunded' },
      accessUntil: at('2026-12-05').toISOString(),
    });
    expect(await premiumUntil(apple.test, person)).toBeNull();
    expect(await moneyOf(apple.test, sold)).toEqual([
      [0, 0],
      [MONTH, -MONTH],
    ]);
    await apple.test.queue.drain();
  });

  it('while Apple cannot be asked a purchase waits', async () => {
    const { person, sold } = await buyer(apple);
    apple.store.fault({ path: '/inApps/', times: 1 }, { status: 503 });
    expectProblem(await report(person, sold.signedTransaction()), 503, 'provider-unavailable');
    expect(await premiumUntil(apple.test, person)).toBeNull();
    expect((await report(person, sold.signedTransaction())).status).toBe(200);
    expect(await premiumUntil(apple.test, person)).toEqual(at('2026-12-20'));
    await apple.test.queue.drain();
  });
});

it('S08 a purchase of the sandbox, where testers are let in, is of the sandbox in all that follows', async () => {
  const { person, sold } = await bought({ environment: 'Sandbox' });
  expect(await rowOf(apple.test, sold)).toMatchObject({ environment: 'sandbox', state: 'active' });
  expect(await premiumUntil(apple.test, person)).toEqual(at('2026-12-20'));
  expect(apple.store.requests.map(({ path }) => path)).toContain(
    `/sandbox/inApps/v1/subscriptions/${sold.originalTransactionId}`,
  );
  const entry = await apple.test.db.prisma.ledgerEntry.findFirstOrThrow({
    where: { periodId: sold.originalTransactionId },
  });
  expect(entry.environment).toBe('sandbox');
});
