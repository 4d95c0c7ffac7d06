import {
  accessUntilMs,
  type Fact,
  type PeriodFact,
  type RenewalFact,
  standingOf,
  stateAt,
} from '../../entitlement/index.js';
import { acknowledgeByMs, factsOfSnapshot, isTrialItem, replacedTokenOf } from './google-facts.js';
import { asOfReading } from './google-orders.js';
import { type GoogleSnapshot, googleSnapshot } from './google-snapshot.js';

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2026-11-20T03:00:00.000Z');
const START_MS = NOW_MS - 40 * DAY_MS;
const PAST_MS = NOW_MS - DAY_MS;
const FUTURE_MS = NOW_MS + 5 * DAY_MS;
const RESUME_MS = NOW_MS + 40 * DAY_MS;
const READING = { number: 7, askedAtMs: NOW_MS };
const ORDER = 'GPA.1111-2222-3333-44444..0';

const iso = (ms: number) => new Date(ms).toISOString();
const item = (expiryMs: number, more: object = {}) => ({
  productId: 'premium',
  expiryTime: iso(expiryMs),
  latestSuccessfulOrderId: ORDER,
  autoRenewingPlan: { autoRenewEnabled: true, recurringPrice: { currencyCode: 'KRW', units: '4900' } },
  offerDetails: { basePlanId: 'monthly' },
  ...more,
});
const snapshotOf = (state: string, expiryMs: number, more: object = {}): GoogleSnapshot =>
  googleSnapshot.parse({
    kind: 'androidpublisher#subscriptionPurchaseV2',
    subscriptionState: `SUBSCRIPTION_STATE_${state}`,
    startTime: iso(START_MS),
    lineItems: [item(expiryMs)],
    ...more,
  });
const factsOf = (state: string, expiryMs: number, more?: object) =>
  factsOfSnapshot(snapshotOf(state, expiryMs, more), READING)!;
const renewalIn = (facts: Fact[]) => facts.find((fact): fact is RenewalFact => fact.key === 'renewal');
const periodIn = (facts: Fact[]) => facts.find((fact): fact is PeriodFact => fact.key !== 'renewal');
const standsAs = (facts: Fact[]) => {
  const standing = standingOf(facts);
  return [stateAt(standing, NOW_MS), accessUntilMs(standing)];
};

describe('every state of Google’s, with the end of access behind and ahead', () => {
  const paused = { pausedStateContext: { autoResumeTime: iso(RESUME_MS) } };
  const pending = { startTime: undefined, lineItems: [{ productId: 'premium' }] };
  const replaced = { canceledStateContext: { replacementCancellation: {} } };
  const PAID_UP = { autoRenewingPlan: { autoRenewEnabled: false } };
  it.each<[string, 'past' | 'future', string, number | null, object?]>([
    ['PENDING', 'past', 'on_hold', null, pending],
    ['PENDING', 'future', 'on_hold', null, { startTime: undefined }],
    ['PENDING', 'past', 'expired', null], // nobody came to pay
    ['PENDING_PURCHASE_CANCELED', 'past', 'expired', null],
    ['PENDING_PURCHASE_CANCELED', 'future', 'expired', null],
    ['ACTIVE', 'past', 'expired', PAST_MS],
    ['ACTIVE', 'future', 'active', FUTURE_MS],
    ['ACTIVE', 'future', 'cancelled', FUTURE_MS, { lineItems: [item(FUTURE_MS, PAID_UP)] }],
    ['CANCELED', 'past', 'expired', PAST_MS],
    ['CANCELED', 'future', 'cancelled', FUTURE_MS],
    ['CANCELED', 'past', 'expired', PAST_MS, replaced],
    ['CANCELED', 'future', 'expired', NOW_MS, replaced],
    ['IN_GRACE_PERIOD', 'past', 'on_hold', PAST_MS],
    ['IN_GRACE_PERIOD', 'future', 'grace', FUTURE_MS],
    ['ON_HOLD', 'past', 'on_hold', PAST_MS],
    ['ON_HOLD', 'future', 'on_hold', NOW_MS],
    ['PAUSED', 'past', 'paused', PAST_MS, paused],
    ['PAUSED', 'future', 'active', FUTURE_MS, paused],
    ['PAUSED', 'past', 'paused', PAST_MS],
    ['EXPIRED', 'past', 'expired', PAST_MS],
    ['EXPIRED', 'future', 'expired', NOW_MS],
  ])('%s, %s → %s', (state, when, expected, accessUntil, more = {}) => {
    expect(standsAs(factsOf(state, when === 'past' ? PAST_MS : FUTURE_MS, more))).toEqual([
      expected,
      accessUntil,
    ]);
  });

  it.each(['UNSPECIFIED', 'SOMETHING_NEW', ''])('%j is not guessed at', (state) => {
    for (const expiryMs of [PAST_MS, FUTURE_MS])
      expect(factsOfSnapshot(snapshotOf(state, expiryMs), READING)).toBeNull();
  });

  it('S04: a pause ends access at the period’s end, not when it is announced', () => {
    const standing = standingOf(factsOf('PAUSED', FUTURE_MS, paused));
    expect([NOW_MS, FUTURE_MS - 1, FUTURE_MS, RESUME_MS - 1].map((at) => stateAt(standing, at))).toEqual([
      'active',
      'active',
      'paused',
      'paused',
    ]);
  });

  it('S04: after its grace comes the hold, by time alone', () => {
    const standing = standingOf(factsOf('IN_GRACE_PERIOD', FUTURE_MS));
    expect([FUTURE_MS - 1, FUTURE_MS, FUTURE_MS + 60 * DAY_MS].map((at) => stateAt(standing, at))).toEqual([
      'grace',
      'on_hold',
      'expired',
    ]);
  });
});

describe('facts', () => {
  it('name the order, its end, plan and price, under the reading’s number', () => {
    const [period, renewal] = factsOf('ACTIVE', FUTURE_MS);
    expect(period).toEqual({
      key: `period:${ORDER}`,
      asOf: expect.any(Number),
      startsAtMs: Date.parse('2026-10-25T03:00:00.000Z'), // a month before its end
      endsAtMs: FUTURE_MS,
      isTrial: false,
      plan: 'monthly',
      productId: 'premium',
      paidMilli: 4_900_000,
      refundedMilli: 0,
      currency: 'KRW',
      endedAtMs: null,
      isRevoked: false,
    });
    expect(renewal).toMatchObject({ key: 'renewal', asOf: asOfReading(7), renews: true });
    expect(Math.floor(period!.asOf / asOfReading(1))).toBe(7);
  });

  it('in grace do not move what was paid for, which another reading tells', () => {
    const before = factsOfSnapshot(snapshotOf('ACTIVE', PAST_MS), { number: 3, askedAtMs: START_MS })!;
    const grace = factsOf('IN_GRACE_PERIOD', FUTURE_MS);
    expect(periodIn(grace)!.asOf).toBeLessThan(periodIn(before)!.asOf);
    expect(renewalIn(grace)).toMatchObject({ graceUntilMs: FUTURE_MS });
    expect(standingOf(grace)).toMatchObject({ plan: 'monthly', productId: 'premium' });
  });

  it('of a product that we do not sell have no plan; parts of a unit are counted', () => {
    const recurringPrice = { currencyCode: 'USD', units: '4', nanos: 990_000_000 };
    const other = {
      productId: 'other',
      offerDetails: {},
      autoRenewingPlan: { autoRenewEnabled: true, recurringPrice },
    };
    expect(periodIn(factsOf('ACTIVE', FUTURE_MS, { lineItems: [item(FUTURE_MS, other)] }))).toMatchObject({
      plan: null,
      paidMilli: 4_990,
      currency: 'USD',
    });
  });

  it('of a plan that another one will follow are those of the item that has an order', () => {
    const following = { ...item(FUTURE_MS), productId: 'next', latestSuccessfulOrderId: undefined };
    const facts = factsOf('ACTIVE', FUTURE_MS, { lineItems: [following, item(FUTURE_MS)] });
    expect(periodIn(facts)).toMatchObject({ key: `period:${ORDER}`, productId: 'premium' });
  });

  it('of a trial cost nothing', () => {
    const trial = {
      latestSuccessfulOrderId: 'GPA.1',
      offerDetails: { basePlanId: 'monthly', offerId: 'trial7' },
    };
    expect(periodIn(factsOf('ACTIVE', FUTURE_MS, { lineItems: [item(FUTURE_MS, trial)] }))).toMatchObject({
      isTrial: true,
      paidMilli: 0,
    });
  });
});

describe('a trial', () => {
  const trial = { latestSuccessfulOrderId: 'GPA.1', offerDetails: { offerId: 'trial7' } };
  it.each<[string, object, boolean]>([
    ['is the first order of an offer called so', trial, true],
    ['is over with the first renewal', { ...trial, latestSuccessfulOrderId: 'GPA.1..0' }, false],
    ['is no other offer', { ...trial, offerDetails: { offerId: 'winter' } }, false],
    ['is no plain purchase', { ...trial, offerDetails: undefined }, false],
    ['is what Google calls so', { ...trial, offerDetails: undefined, offerPhase: { freeTrial: {} } }, true],
    ['is not what Google calls otherwise', { ...trial, offerPhase: { basePrice: {} } }, false],
  ])('%s', (_, more, expected) => {
    const { lineItems } = snapshotOf('ACTIVE', FUTURE_MS, { lineItems: [item(FUTURE_MS, more)] });
    expect(isTrialItem(lineItems[0]!)).toBe(expected);
  });
});

describe('a purchase', () => {
  const open = { acknowledgementState: 'ACKNOWLEDGEMENT_STATE_PENDING' };
  it('is acknowledged within three days of its start, a tester’s at once', () => {
    const by = (state: string, more: object = {}) =>
      acknowledgeByMs(snapshotOf(state, FUTURE_MS, { ...open, ...more }));
    expect(by('ACTIVE')).toBe(START_MS + 3 * DAY_MS);
    expect(by('ACTIVE', { testPurchase: {} })).toBe(START_MS + 300_000);
    expect(by('CANCELED')).toBe(START_MS + 3 * DAY_MS);
    expect(by('EXPIRED')).toBeNull();
    expect(by('PENDING')).toBeNull();
    expect(by('ACTIVE', { acknowledgementState: 'ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED' })).toBeNull();
  });

  it('S05: takes the place of another one only once it is paid', () => {
    const linked = { linkedPurchaseToken: 'old' };
    expect(replacedTokenOf(snapshotOf('ACTIVE', FUTURE_MS, linked))).toBe('old');
    expect(replacedTokenOf(snapshotOf('EXPIRED', PAST_MS, linked))).toBe('old');
    expect(replacedTokenOf(snapshotOf('PENDING', FUTURE_MS, linked))).toBeNull();
    expect(replacedTokenOf(snapshotOf('PENDING_PURCHASE_CANCELED', FUTURE_MS, linked))).toBeNull();
    expect(replacedTokenOf(snapshotOf('ACTIVE', FUTURE_MS))).toBeNull();
  });
});
