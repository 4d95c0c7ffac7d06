import { z } from 'zod';
import type { PeriodFact, RenewalFact } from '../../entitlement/index.js';
import { planOfProduct } from '../plans.js';

/** How long Apple tries to be paid after a period ended. */
const BILLING_RETRY_MS = 60 * 86_400_000;
/** `revocationPercentage` is in thousandths of a percent. */
const WHOLE_PERCENTAGE = 100_000;

/** `data.status`; PROVIDERS.md §4.4. */
const STATUS = { active: 1, expired: 2, billingRetry: 3, grace: 4, revoked: 5 } as const;

/** Of JWSTransactionDecodedPayload what we read, for subscriptions of ours. Times are ms since 1970. */
export const subscriptionTransaction = z.object({
  type: z.literal('Auto-Renewable Subscription'),
  originalTransactionId: z.string(),
  transactionId: z.string(),
  productId: z.string(),
  purchaseDate: z.number(),
  expiresDate: z.number(),
  signedDate: z.number(),
  /** Whom the app named to StoreKit: our `billingId`. */
  appAccountToken: z.uuid().toLowerCase().optional().catch(undefined),
  inAppOwnershipType: z.string().optional(),
  offerDiscountType: z.string().optional(),
  /** Thousandths of the currency. */
  price: z.int().optional(),
  currency: z.string().optional(),
  isUpgraded: z.boolean().optional(),
  revocationDate: z.number().optional(),
  revocationType: z.string().optional(),
  revocationPercentage: z.number().optional(),
});
export type SubscriptionTransaction = z.output<typeof subscriptionTransaction>;

/** Of JWSRenewalInfoDecodedPayload what we read. */
export const renewalInfo = z.object({
  originalTransactionId: z.string(),
  signedDate: z.number(),
  autoRenewStatus: z.number().optional(),
  expirationIntent: z.number().optional(),
  isInBillingRetryPeriod: z.boolean().optional(),
  gracePeriodExpiresDate: z.number().optional(),
  renewalDate: z.number().optional(),
});
export type RenewalInfo = z.output<typeof renewalInfo>;

/**
 * A period as the App Store signed it. A refund of another period does not concern it, and one of a past period moves
 * no end.
 * @param upgradedAtMs when the next product began, where that is known: an upgraded transaction does not tell
 */
export function periodFactOf(sold: SubscriptionTransaction, upgradedAtMs?: number): PeriodFact {
  const { purchaseDate, expiresDate, revocationDate = null, productId } = sold;
  const isTrial = sold.offerDiscountType === 'FREE_TRIAL';
  // Who has it by Family Sharing has not paid: the price is in the buyer's own transaction.
  const isFree = isTrial || sold.inAppOwnershipType === 'FAMILY_SHARED';
  const paidMilli = isFree ? 0 : (sold.price ?? 0);
  const upgradedAt = sold.isUpgraded ? (upgradedAtMs ?? revocationDate ?? sold.signedDate) : null;
  const ends = [revocationDate, upgradedAt].filter((ms) => ms !== null);
  const endedAtMs = ends.length > 0 ? Math.min(...ends) : null;
  return {
    key: `period:${sold.transactionId}`,
    asOf: sold.signedDate,
    startsAtMs: purchaseDate,
    endsAtMs: expiresDate,
    isTrial,
    plan: planOfProduct(productId),
    productId,
    paidMilli,
    refundedMilli: revocationDate === null ? 0 : refundOf(sold, paidMilli),
    currency: sold.currency ?? 'KRW',
    endedAtMs,
    isRevoked: revocationDate !== null,
  };
}

/** Each period, and of upgraded ones the end: where the next of them begins. */
export function periodFactsOf(all: readonly SubscriptionTransaction[]): PeriodFact[] {
  return all.map((sold) => {
    const later = all.map(({ purchaseDate }) => purchaseDate).filter((ms) => ms > sold.purchaseDate);
    return periodFactOf(sold, later.length > 0 ? Math.min(...later) : undefined);
  });
}

/**
 * How it goes on, as of the signing of the renewal info.
 * @param status Apple's word for the state; derived from the renewal info where it is missing or new
 * @param expiresDate of a transaction that came with it, for renewal info that does not tell the last period's end
 */
export function renewalFactOf(
  renewal: RenewalInfo,
  { status, expiresDate }: { status?: number; expiresDate?: number },
): RenewalFact {
  const { signedDate, gracePeriodExpiresDate: graceMs = null } = renewal;
  const paidUntilMs = renewal.renewalDate ?? expiresDate;
  const state = isKnown(status) ? status : statusOf(renewal, paidUntilMs);
  const isUnpaid = state === STATUS.grace || state === STATUS.billingRetry;
  const isOver = state === STATUS.expired || state === STATUS.revoked;
  return {
    key: 'renewal',
    asOf: signedDate,
    renews: renewal.autoRenewStatus === 1 && !isOver,
    // In billing retry there is none any more, whatever its end was meant to be.
    graceUntilMs:
      state === STATUS.grace
        ? graceMs
        : state === STATUS.billingRetry && graceMs
          ? Math.min(graceMs, signedDate)
          : null,
    retriesUntilMs: isUnpaid ? (paidUntilMs ?? signedDate) + BILLING_RETRY_MS : null,
    pausedUntilMs: null,
    // A refund ends its own period; what was bought before it, or is restored, is not over by this.
    endedAtMs: state === STATUS.expired ? Math.min(paidUntilMs ?? signedDate, signedDate) : null,
  };
}

const isKnown = (status: number | undefined): status is number =>
  status !== undefined && (Object.values(STATUS) as number[]).includes(status);

function statusOf(renewal: RenewalInfo, paidUntilMs: number | undefined): number {
  const { signedDate, gracePeriodExpiresDate: graceMs, isInBillingRetryPeriod } = renewal;
  if (graceMs !== undefined && signedDate < graceMs) return STATUS.grace;
  if (isInBillingRetryPeriod) return STATUS.billingRetry;
  const isOver = paidUntilMs !== undefined && paidUntilMs <= signedDate;
  const willNotRenew = renewal.expirationIntent !== undefined || renewal.autoRenewStatus !== 1;
  return isOver && willNotRenew ? STATUS.expired : STATUS.active;
}

function refundOf(
  { revocationType, revocationPercentage }: SubscriptionTransaction,
  paidMilli: number,
): number {
  if (revocationType === 'FAMILY_REVOKE') return 0;
  const share = Math.min(Math.max((revocationPercentage ?? WHOLE_PERCENTAGE) / WHOLE_PERCENTAGE, 0), 1);
  return Math.round(paidMilli * share);
}
