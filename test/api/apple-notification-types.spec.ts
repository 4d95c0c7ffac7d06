import { goesOn, refundedNow, renewed, sold, trialWeek, unpaid, yearly } from '../builders/app-store.js';
import { day } from '../builders/facts.js';
import { accessUntilMs, stateAt, standingOf } from '../../src/modules/entitlement/standing.js';
import {
  periodFactOf,
  periodFactsOf,
  type RenewalInfo,
  renewalFactOf,
  type SubscriptionTransaction,
} from '../../src/modules/payments/apple/apple-facts.js';

interface Row {
  type: string;
  /** When it is signed and looked at, in days. */
  on: number;
  /** What was known before, and the transaction that comes along. */
  transactions: SubscriptionTransaction[];
  renewal?: Partial<RenewalInfo>;
  status: number;
  state: string;
  untilDay: number;
  renews?: boolean;
  plan?: string | null;
}

/** PROVIDERS.md §4.4, row by row. */
const rows: Row[] = [
  {
    type: 'SUBSCRIBED/INITIAL_BUY, trial',
    on: 0,
    transactions: [trialWeek],
    renewal: { renewalDate: day(7) },
    status: 1,
    state: 'trial',
    untilDay: 7,
  },
  { type: 'SUBSCRIBED/INITIAL_BUY', on: 0, transactions: [sold()], status: 1, state: 'active', untilDay: 30 },
  {
    type: 'SUBSCRIBED/RESUBSCRIBE',
    on: 50,
    transactions: [sold(), renewed({ purchaseDate: day(50), expiresDate: day(80) })],
    renewal: { renewalDate: day(80) },
    status: 1,
    state: 'active',
    untilDay: 80,
  },
  {
    type: 'DID_RENEW',
    on: 30,
    transactions: [sold(), renewed()],
    renewal: { renewalDate: day(60) },
    status: 1,
    state: 'active',
    untilDay: 60,
  },
  {
    type: 'DID_RENEW/BILLING_RECOVERY',
    on: 50,
    transactions: [sold(), renewed({ purchaseDate: day(50), expiresDate: day(80) })],
    renewal: { renewalDate: day(80) },
    status: 1,
    state: 'active',
    untilDay: 80,
  },
  {
    type: 'DID_CHANGE_RENEWAL_STATUS/AUTO_RENEW_DISABLED',
    on: 10,
    transactions: [sold()],
    renewal: { autoRenewStatus: 0 },
    status: 1,
    state: 'cancelled',
    untilDay: 30,
    renews: false,
  },
  {
    type: 'DID_CHANGE_RENEWAL_STATUS/AUTO_RENEW_ENABLED',
    on: 11,
    transactions: [sold()],
    status: 1,
    state: 'active',
    untilDay: 30,
  },
  {
    type: 'DID_CHANGE_RENEWAL_PREF/UPGRADE',
    on: 40,
    transactions: [sold(), renewed({ isUpgraded: true }), yearly],
    renewal: { renewalDate: day(405) },
    status: 1,
    state: 'active',
    untilDay: 405,
    plan: 'yearly',
  },
  {
    type: 'DID_CHANGE_RENEWAL_PREF/DOWNGRADE',
    on: 40,
    transactions: [yearly],
    renewal: { renewalDate: day(405) },
    status: 1,
    state: 'active',
    untilDay: 405,
    plan: 'yearly',
  },
  {
    type: 'DID_CHANGE_RENEWAL_PREF',
    on: 41,
    transactions: [yearly],
    renewal: { renewalDate: day(405) },
    status: 1,
    state: 'active',
    untilDay: 405,
    plan: 'yearly',
  },
  {
    type: 'DID_FAIL_TO_RENEW/GRACE_PERIOD',
    on: 30,
    transactions: [sold()],
    renewal: { ...unpaid, gracePeriodExpiresDate: day(46) },
    status: 4,
    state: 'grace',
    untilDay: 46,
  },
  {
    type: 'DID_FAIL_TO_RENEW',
    on: 30,
    transactions: [sold()],
    renewal: unpaid,
    status: 3,
    state: 'on_hold',
    untilDay: 30,
  },
  {
    type: 'GRACE_PERIOD_EXPIRED',
    on: 46,
    transactions: [sold()],
    renewal: { ...unpaid, gracePeriodExpiresDate: day(46) },
    status: 3,
    state: 'on_hold',
    untilDay: 46,
  },
  {
    type: 'EXPIRED/VOLUNTARY',
    on: 30,
    transactions: [sold()],
    renewal: { autoRenewStatus: 0, expirationIntent: 1 },
    status: 2,
    state: 'expired',
    untilDay: 30,
    renews: false,
  },
  {
    type: 'EXPIRED/BILLING_RETRY',
    on: 90,
    transactions: [sold()],
    renewal: { autoRenewStatus: 1, expirationIntent: 2 },
    status: 2,
    state: 'expired',
    untilDay: 30,
    renews: false,
  },
  {
    type: 'EXPIRED/PRICE_INCREASE',
    on: 30,
    transactions: [sold()],
    renewal: { autoRenewStatus: 0, expirationIntent: 3 },
    status: 2,
    state: 'expired',
    untilDay: 30,
    renews: false,
  },
  {
    type: 'EXPIRED/PRODUCT_NOT_FOR_SALE',
    on: 30,
    transactions: [sold()],
    renewal: { autoRenewStatus: 0, expirationIntent: 4 },
    status: 2,
    state: 'expired',
    untilDay: 30,
    renews: false,
  },
  {
    type: 'EXPIRED',
    on: 30,
    transactions: [sold()],
    renewal: { autoRenewStatus: 0, expirationIntent: 5 },
    status: 2,
    state: 'expired',
    untilDay: 30,
    renews: false,
  },
  {
    type: 'REFUND of the current period',
    on: 40,
    transactions: [sold(), renewed(refundedNow)],
    renewal: { autoRenewStatus: 0, renewalDate: day(60) },
    status: 5,
    state: 'refunded',
    untilDay: 40,
    renews: false,
  },
  {
    type: 'REFUND of an earlier period',
    on: 40,
    transactions: [renewed(), sold(refundedNow)],
    renewal: { renewalDate: day(60) },
    status: 1,
    state: 'active',
    untilDay: 60,
  },
  {
    type: 'REFUND of an earlier period in billing retry',
    on: 65,
    transactions: [renewed(), sold({ ...refundedNow, revocationDate: day(65) })],
    renewal: { ...unpaid, renewalDate: day(60) },
    status: 3,
    state: 'on_hold',
    untilDay: 60,
  },
  {
    type: 'REFUND_REVERSED',
    on: 41,
    transactions: [sold(), renewed({ signedDate: day(41) })],
    renewal: { renewalDate: day(60) },
    status: 1,
    state: 'active',
    untilDay: 60,
  },
  {
    type: 'REFUND_DECLINED',
    on: 41,
    transactions: [renewed()],
    renewal: { renewalDate: day(60) },
    status: 1,
    state: 'active',
    untilDay: 60,
  },
  {
    type: 'REVOKE',
    on: 20,
    transactions: [
      sold({ inAppOwnershipType: 'FAMILY_SHARED', revocationDate: day(20), revocationType: 'FAMILY_REVOKE' }),
    ],
    renewal: { autoRenewStatus: 0 },
    status: 5,
    state: 'refunded',
    untilDay: 20,
    renews: false,
  },
  {
    type: 'PRICE_INCREASE/PENDING',
    on: 20,
    transactions: [sold()],
    status: 1,
    state: 'active',
    untilDay: 30,
  },
  {
    type: 'PRICE_INCREASE/ACCEPTED',
    on: 21,
    transactions: [sold()],
    status: 1,
    state: 'active',
    untilDay: 30,
  },
  {
    type: 'OFFER_REDEEMED/INITIAL_BUY',
    on: 0,
    transactions: [sold({ offerDiscountType: 'PAY_UP_FRONT', price: 1_000_000 })],
    status: 1,
    state: 'active',
    untilDay: 30,
  },
  {
    type: 'OFFER_REDEEMED/RESUBSCRIBE',
    on: 50,
    transactions: [sold(), renewed({ purchaseDate: day(50), expiresDate: day(80) })],
    renewal: { renewalDate: day(80) },
    status: 1,
    state: 'active',
    untilDay: 80,
  },
  {
    type: 'OFFER_REDEEMED/UPGRADE',
    on: 40,
    transactions: [renewed({ isUpgraded: true }), yearly],
    renewal: { renewalDate: day(405) },
    status: 1,
    state: 'active',
    untilDay: 405,
    plan: 'yearly',
  },
  {
    type: 'OFFER_REDEEMED/DOWNGRADE',
    on: 41,
    transactions: [yearly],
    renewal: { renewalDate: day(405) },
    status: 1,
    state: 'active',
    untilDay: 405,
    plan: 'yearly',
  },
  {
    type: 'RENEWAL_EXTENDED',
    on: 20,
    transactions: [sold(), sold({ expiresDate: day(44), signedDate: day(20) })],
    renewal: { renewalDate: day(44) },
    status: 1,
    state: 'active',
    untilDay: 44,
  },
  { type: 'CONSUMPTION_REQUEST', on: 20, transactions: [sold()], status: 1, state: 'active', untilDay: 30 },
  { type: 'a type of tomorrow', on: 20, transactions: [sold()], status: 1, state: 'active', untilDay: 30 },
];

describe('PROVIDERS.md §4.4', () => {
  it.each(rows)('$type: $state until day $untilDay', (row) => {
    const { on, transactions, renewal, status, state, untilDay, renews = true, plan = 'monthly' } = row;
    const newest = new Map(
      periodFactsOf(transactions)
        .sort((a, b) => a.asOf - b.asOf)
        .map((fact) => [fact.key, fact]),
    );
    const standing = standingOf([
      ...newest.values(),
      renewalFactOf(goesOn({ ...renewal, signedDate: day(on) }), {
        status,
        expiresDate: transactions.at(-1)!.expiresDate,
      }),
    ]);
    expect(standing).toMatchObject({ plan, renews });
    expect(stateAt(standing, day(on))).toBe(state);
    expect(accessUntilMs(standing)).toBe(day(untilDay));
  });

  it('S04 hold lasts 60 days from the end of the period, then it has expired', () => {
    const facts = [
      periodFactOf(sold()),
      renewalFactOf(goesOn({ ...unpaid, signedDate: day(30) }), { status: 3 }),
    ];
    expect(stateAt(standingOf(facts), day(90) - 1)).toBe('on_hold');
    expect(stateAt(standingOf(facts), day(90))).toBe('expired');
  });
});
