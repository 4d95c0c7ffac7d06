import type { RenewalInfo, SubscriptionTransaction } from '../../src/modules/payments/apple/apple-facts.js';
import { day } from './facts.js';

/** The first month, days 0 to 30, as Apple signed it on day 0. */
export const sold = (changes: Partial<SubscriptionTransaction> = {}): SubscriptionTransaction => ({
  type: 'Auto-Renewable Subscription',
  originalTransactionId: '100',
  transactionId: '100',
  productId: 'premium_monthly',
  purchaseDate: day(0),
  expiresDate: day(30),
  signedDate: day(0),
  price: 4_900_000,
  currency: 'KRW',
  ...changes,
});
/** The second one. */
export const renewed = (changes: Partial<SubscriptionTransaction> = {}) =>
  sold({
    transactionId: '101',
    purchaseDate: day(30),
    expiresDate: day(60),
    signedDate: day(30),
    ...changes,
  });
export const goesOn = (changes: Partial<RenewalInfo> = {}): RenewalInfo => ({
  originalTransactionId: '100',
  signedDate: day(0),
  autoRenewStatus: 1,
  renewalDate: day(30),
  ...changes,
});
export const unpaid = { autoRenewStatus: 1, isInBillingRetryPeriod: true, expirationIntent: 2 };

export const trialWeek = sold({ expiresDate: day(7), offerDiscountType: 'FREE_TRIAL', price: 0 });
export const refundedNow = { revocationDate: day(40), revocationType: 'REFUND_FULL', signedDate: day(40) };
export const yearly = sold({
  transactionId: '102',
  productId: 'premium_yearly',
  purchaseDate: day(40),
  expiresDate: day(405),
  signedDate: day(40),
  price: 39_000_000,
});
