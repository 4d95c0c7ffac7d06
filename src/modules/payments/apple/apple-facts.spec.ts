import { goesOn, renewed, sold, unpaid, yearly } from '../../../../test/builders/app-store.js';
import { day, DAY_MS } from '../../../../test/builders/facts.js';
import {
  periodFactOf,
  periodFactsOf,
  type RenewalInfo,
  renewalFactOf,
  subscriptionTransaction,
} from './apple-facts.js';

describe('a period', () => {
  it('is what was paid for it', () => {
    expect(periodFactOf(sold())).toEqual({
      key: 'period:100',
      asOf: day(0),
      startsAtMs: day(0),
      endsAtMs: day(30),
      isTrial: false,
      plan: 'monthly',
      productId: 'premium_monthly',
      paidMilli: 4_900_000,
      refundedMilli: 0,
      currency: 'KRW',
      endedAtMs: null,
      isRevoked: false,
    });
  });

  it.each([
    ['a trial, whatever price stands on it', { offerDiscountType: 'FREE_TRIAL', price: 4_900_000 }, 0],
    ['somebody of the family', { inAppOwnershipType: 'FAMILY_SHARED' }, 0],
    ['a reduced price', { offerDiscountType: 'PAY_AS_YOU_GO', price: 2_450_000 }, 2_450_000],
    ['an old transaction that names no price', { price: undefined }, 0],
  ])('%s', (_, changes, paidMilli) => {
    expect(periodFactOf(sold(changes)).paidMilli).toBe(paidMilli);
  });

  it.each([
    [{ revocationType: 'REFUND_FULL' }, 4_900_000],
    [{ revocationType: 'REFUND_PRORATED', revocationPercentage: 50_000 }, 2_450_000],
    [{ revocationType: 'REFUND_PRORATED', revocationPercentage: 33_333 }, 1_633_317],
    [{ revocationType: 'REFUND_PRORATED', revocationPercentage: 250_000 }, 4_900_000],
    [{ revocationType: 'FAMILY_REVOKE' }, 0],
    [{}, 4_900_000],
  ])('S03 given back as %j: %i', (revocation, refundedMilli) => {
    const fact = periodFactOf(sold({ ...revocation, revocationDate: day(10) }));
    expect(fact).toMatchObject({ isRevoked: true, endedAtMs: day(10), refundedMilli, endsAtMs: day(30) });
  });

  it('S05 that was upgraded ends where the next one begins', () => {
    const [first, month, year] = periodFactsOf([
      sold(),
      renewed({ isUpgraded: true, signedDate: day(70) }),
      yearly,
    ]);
    expect([first, month, year].map((fact) => fact!.endedAtMs)).toEqual([null, day(40), null]);
    expect(month!.isRevoked).toBe(false);
  });

  it('S05 that was upgraded, seen alone, ends when that was seen at the latest', () => {
    expect(periodFactOf(renewed({ isUpgraded: true, signedDate: day(45) })).endedAtMs).toBe(day(45));
    const paidBack = { revocationDate: day(40), signedDate: day(45) };
    expect(periodFactOf(renewed({ isUpgraded: true, ...paidBack })).endedAtMs).toBe(day(40));
  });

  it('of a product that we do not know has no plan', () => {
    expect(periodFactOf(sold({ productId: 'premium_lifetime' }))).toMatchObject({
      plan: null,
      productId: 'premium_lifetime',
    });
  });
});

describe('without a status', () => {
  const stateOf = (renewal: Partial<RenewalInfo>, status?: number) =>
    renewalFactOf(goesOn({ signedDate: day(35), ...renewal }), { status, expiresDate: day(30) });
  const nothing = { renews: true, graceUntilMs: null, retriesUntilMs: null, endedAtMs: null };

  it.each([
    [
      'grace',
      { ...unpaid, gracePeriodExpiresDate: day(46) },
      { graceUntilMs: day(46), retriesUntilMs: day(90) },
    ],
    [
      'hold, after a grace period',
      { ...unpaid, gracePeriodExpiresDate: day(34) },
      { graceUntilMs: day(34), retriesUntilMs: day(90) },
    ],
    ['hold', unpaid, { retriesUntilMs: day(90) }],
    ['the end', { autoRenewStatus: 0, expirationIntent: 1 }, { renews: false, endedAtMs: day(30) }],
    ['paid', { renewalDate: day(60) }, {}],
    ['cancelled, and paid', { renewalDate: day(60), autoRenewStatus: 0 }, { renews: false }],
    ['about to be renewed', {}, {}],
  ])('the renewal info tells %s', (_, renewal, expected) => {
    for (const status of [undefined, 77])
      expect(stateOf(renewal, status)).toEqual({
        ...{ key: 'renewal', asOf: day(35), pausedUntilMs: null },
        ...nothing,
        ...expected,
      });
  });

  it('an old one that names no end takes that of its transaction, and one in the future is no end', () => {
    const old = { renewalDate: undefined, autoRenewStatus: 0, expirationIntent: 1 };
    expect(stateOf(old).endedAtMs).toBe(day(30));
    expect(
      renewalFactOf(goesOn({ ...old, signedDate: day(20) }), { expiresDate: day(30) }).endedAtMs,
    ).toBeNull();
  });

  it('Apple’s word counts more: over is over, also before what was paid for ends', () => {
    const fact = renewalFactOf(goesOn({ signedDate: day(20) }), { status: 2, expiresDate: day(30) });
    expect(fact).toMatchObject({ endedAtMs: day(20), renews: false });
    const held = goesOn({ ...unpaid, signedDate: day(31), gracePeriodExpiresDate: day(30) + 16 * DAY_MS });
    expect(renewalFactOf(held, { status: 3 }).graceUntilMs).toBe(day(31));
  });
});

it.each(['Consumable', 'Non-Consumable', 'Non-Renewing Subscription', 'Something New'])(
  'a %s is no subscription',
  (type) => {
    expect(subscriptionTransaction.safeParse({ ...sold(), type }).success).toBe(false);
  },
);

it('an account token that is no UUID names nobody', () => {
  const token = '8B4A1F0E-5E9D-4B7C-9C1F-0A2B3C4D5E6F';
  const of = (appAccountToken: unknown) => subscriptionTransaction.parse({ ...sold(), appAccountToken });
  expect(of(token).appAccountToken).toBe(token.toLowerCase());
  expect(of('me').appAccountToken).toBeUndefined();
  expect(of(undefined).appAccountToken).toBeUndefined();
});
