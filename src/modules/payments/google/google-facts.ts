import { type Fact, NOTHING_SAID, type PeriodFact, type RenewalFact } from '../../entitlement/index.js';
import { planOfProduct } from '../plans.js';
import { asOfReading, PRICED, startOfPeriod, TIMED, TRIAL } from './google-orders.js';
import type { GoogleSnapshot, LineItem } from './google-snapshot.js';

const DAY_MS = 86_400_000;
/** Google keeps trying for at most so long after access ended (grace and hold together); PROVIDERS.md names no end. */
const HOLD_MAX_MS = 60 * DAY_MS;
/** Play lets users pause for up to three months. */
const PAUSE_MAX_MS = 93 * DAY_MS;
/** Cash at a shop: long enough to be paid, so that one that never is does not wait for ever. */
const PENDING_MAX_MS = 7 * DAY_MS;
/** A licence tester's purchase is given back within minutes (unconfirmed: PROVIDERS.md §5.5). */
const TEST_ACKNOWLEDGE_MS = 5 * 60_000;
const ACKNOWLEDGE_MS = 3 * DAY_MS;
const NO_ORDER = 'no-order';
/** In these, what was paid for ends when Google says that access does. */
const TIMED_BY = new Set([
  'SUBSCRIPTION_STATE_ACTIVE',
  'SUBSCRIPTION_STATE_CANCELED',
  'SUBSCRIPTION_STATE_PAUSED',
]);

/** One asking of Google. */
export interface Reading {
  /** Drawn before the question went out, so that a slow answer never passes for newer than a quicker one asked later. */
  number: number;
  askedAtMs: number;
}

/**
 * What a snapshot says (PROVIDERS.md §5.5). All but a subscription in its grace period say until when its latest order
 * gives access; in grace `expiryTime` is the grace's end, so that what was paid for is only taken from a snapshot of
 * another time, if there is one.
 * @returns null for a state that we do not know
 */
export function factsOfSnapshot(snapshot: GoogleSnapshot, reading: Reading): Fact[] | null {
  const { askedAtMs } = reading;
  const item = mainItemOf(snapshot);
  const expiryMs = item?.expiryTime ?? askedAtMs;
  const endMs = Math.min(expiryMs, askedAtMs);
  const says = (renewal: Partial<RenewalFact>) => renewalFact(reading, renewal);
  const period = (endsAtMs: number) => (item ? [periodFact(snapshot, item, reading, endsAtMs)] : []);

  switch (snapshot.subscriptionState) {
    case 'SUBSCRIPTION_STATE_PENDING':
      return [says({ retriesUntilMs: (snapshot.startTime ?? askedAtMs) + PENDING_MAX_MS })];
    case 'SUBSCRIPTION_STATE_PENDING_PURCHASE_CANCELED':
      return [says({ endedAtMs: askedAtMs })];
    case 'SUBSCRIPTION_STATE_ACTIVE':
      return [...period(expiryMs), says({ renews: item?.autoRenewingPlan?.autoRenewEnabled ?? false })];
    case 'SUBSCRIPTION_STATE_CANCELED':
      return [...period(expiryMs), says({ endedAtMs: isReplaced(snapshot) ? endMs : null })];
    case 'SUBSCRIPTION_STATE_IN_GRACE_PERIOD': {
      const grace = { renews: true, graceUntilMs: expiryMs, retriesUntilMs: expiryMs + HOLD_MAX_MS };
      return [...(item ? [unpaidPeriod(snapshot, item, reading)] : []), says(grace)];
    }
    case 'SUBSCRIPTION_STATE_ON_HOLD':
      return [...period(endMs), says({ renews: true, retriesUntilMs: endMs + HOLD_MAX_MS })];
    case 'SUBSCRIPTION_STATE_PAUSED': {
      const pausedUntilMs = snapshot.pausedStateContext?.autoResumeTime ?? expiryMs + PAUSE_MAX_MS;
      return [...period(expiryMs), says({ renews: true, pausedUntilMs })];
    }
    case 'SUBSCRIPTION_STATE_EXPIRED':
      return [...period(endMs), says({ endedAtMs: endMs })];
    default:
      return null;
  }
}

/** Google knows the token no more, or never did: over, at the latest now. */
export const endedFact = (reading: Reading, endedAtMs = reading.askedAtMs): RenewalFact =>
  renewalFact(reading, { endedAtMs });

/** Until when it wants to be acknowledged, or Google gives the money back; null: it does not. */
export function acknowledgeByMs({
  subscriptionState,
  acknowledgementState,
  startTime,
  testPurchase,
}: GoogleSnapshot): number | null {
  const isOpen = acknowledgementState === 'ACKNOWLEDGEMENT_STATE_PENDING';
  if (!isOpen || startTime === undefined || !isBought(subscriptionState)) return null;
  if (subscriptionState === 'SUBSCRIPTION_STATE_EXPIRED') return null;
  return startTime + (testPurchase ? TEST_ACKNOWLEDGE_MS : ACKNOWLEDGE_MS);
}

/** The token that this one took the place of. A replacement that waits for its payment leaves the old one alone. */
export const replacedTokenOf = ({ linkedPurchaseToken, subscriptionState }: GoogleSnapshot): string | null =>
  (isBought(subscriptionState) && linkedPurchaseToken) || null;

/** `units` and `nanos` in thousandths. */
function milliOf({ units, nanos }: { units: string; nanos: number }): number {
  return Number(units) * 1_000 + Math.floor(nanos / 1_000_000);
}

/**
 * Unconfirmed: Google names no "trial". `offerPhase` tells it where it is sent; else it is an offer of ours that is
 * called so, as long as nothing was renewed: renewals have a number behind the order's id.
 */
export function isTrialItem(item: LineItem): boolean {
  if (isRenewal(item)) return false;
  const { offerPhase, offerDetails } = item;
  if (offerPhase) return 'freeTrial' in offerPhase;
  return /trial/i.test(offerDetails?.offerId ?? '');
}

const isRenewal = ({ latestSuccessfulOrderId }: LineItem): boolean =>
  latestSuccessfulOrderId?.includes('..') ?? false;

/** The item that gives access longest: a plan that replaces another at its end has two, one of them without an order. */
function mainItemOf({ lineItems }: GoogleSnapshot): LineItem | undefined {
  const owned = lineItems.filter(({ latestSuccessfulOrderId }) => latestSuccessfulOrderId);
  const items = owned.length > 0 ? owned : lineItems;
  return items.toSorted((a, b) => (b.expiryTime ?? 0) - (a.expiryTime ?? 0))[0];
}

function periodFact(
  { startTime, subscriptionState }: GoogleSnapshot,
  item: LineItem,
  { number, askedAtMs }: Reading,
  endsAtMs: number,
): PeriodFact {
  const { productId, offerDetails, autoRenewingPlan, latestSuccessfulOrderId = NO_ORDER } = item;
  const isTrial = isTrialItem(item);
  const isFirst = !isRenewal(item);
  const isTimed = isFirst || TIMED_BY.has(subscriptionState);
  const price = autoRenewingPlan?.recurringPrice;
  const plan = planOfProduct(offerDetails?.basePlanId) ?? planOfProduct(productId);
  const beganAtMs = startTime ?? askedAtMs;
  return {
    key: `period:${latestSuccessfulOrderId}`,
    asOf: asOfReading(number) + (price ? PRICED : 0) + (isTrial ? TRIAL : 0) + (isTimed ? TIMED : 0),
    startsAtMs: isFirst ? beganAtMs : Math.max(beganAtMs, startOfPeriod(endsAtMs, plan)),
    endsAtMs,
    isTrial,
    plan,
    productId,
    paidMilli: price && !isTrial ? milliOf(price) : 0,
    refundedMilli: 0,
    currency: price?.currencyCode ?? 'KRW',
    endedAtMs: null,
    isRevoked: false,
  };
}

/** Weaker than whatever another reading says of the order, and no access by it: the grace alone gives that. */
function unpaidPeriod(snapshot: GoogleSnapshot, item: LineItem, { askedAtMs }: Reading): PeriodFact {
  const period = periodFact(snapshot, item, { number: 0, askedAtMs }, item.expiryTime ?? askedAtMs);
  return { ...period, endedAtMs: period.startsAtMs };
}

const renewalFact = ({ number }: Reading, renewal: Partial<RenewalFact>): RenewalFact => ({
  ...NOTHING_SAID,
  asOf: asOfReading(number),
  ...renewal,
});

const isReplaced = ({ canceledStateContext }: GoogleSnapshot): boolean =>
  canceledStateContext?.replacementCancellation !== undefined;

const isBought = (state: string): boolean =>
  state !== 'SUBSCRIPTION_STATE_PENDING' && state !== 'SUBSCRIPTION_STATE_PENDING_PURCHASE_CANCELED';
