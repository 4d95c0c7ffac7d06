import { randomBytes, randomInt } from 'node:crypto';
import { secret } from '../support/leaks.js';

/** What Pub/Sub posts. */
export interface Push {
  message: { attributes: object; data: string; messageId: string; publishTime: string };
  subscription: string;
}

export interface BuyOptions {
  /** `obfuscatedExternalAccountId`: what the app names its user by. */
  accountId?: string;
  basePlan?: 'monthly' | 'yearly';
  /** 0: paid from the first day. */
  trialDays?: number;
  isTest?: boolean;
}

export interface Bought {
  purchaseToken: string;
  push: Push;
}

export interface Purchase extends Required<Omit<BuyOptions, 'accountId'>> {
  token: string;
  accountId?: string;
  productId: string;
  orderBase: string;
  /** -1: the first order, which has no number. */
  renewal: number;
  startMs: number | null;
  expiryMs: number;
  state: State;
  isAutoRenewing: boolean;
  isAcknowledged: boolean;
  isReplaced: boolean;
  isForgotten: boolean;
  autoResumeMs: number | null;
  linkedToken: string | null;
}

type State =
  | 'PENDING'
  | 'ACTIVE'
  | 'PAUSED'
  | 'IN_GRACE_PERIOD'
  | 'ON_HOLD'
  | 'CANCELED'
  | 'EXPIRED'
  | 'PENDING_PURCHASE_CANCELED'
  | 'SOMETHING_NEW';

const DAY_MS = 86_400_000;
const ACKNOWLEDGE_MS = 3 * DAY_MS;
export const PRICES_KRW = { monthly: 4_900, yearly: 39_000 };

/** The store as its customers and Google's systems move it; PROVIDERS.md §5.4 and §5.5. What tells the app of it is returned. */
export class PlayStore {
  /** As the list of voided purchases shows them. */
  readonly voided: Record<'purchaseToken' | 'orderId' | 'voidedTimeMillis', string>[] = [];
  /** Tokens, in order. */
  readonly acknowledged: string[] = [];
  private readonly purchases = new Map<string, Purchase>();

  constructor(
    private readonly now: () => number,
    private readonly names: { packageName: string; subscription: string },
  ) {}

  buy(options: BuyOptions = {}): Bought {
    const purchase = this.add(options);
    this.grant(purchase);
    return { purchaseToken: purchase.token, push: this.tell(4, purchase) };
  }

  /** Cash, to be paid at a shop. */
  buyPending(options: BuyOptions = {}): Bought {
    const { token } = this.add(options);
    return { purchaseToken: token, push: this.tell(4, this.get(token)) };
  }

  completePending = (token: string): Push => this.tell(4, this.grant(this.get(token)));

  cancelPending = (token: string): Push =>
    this.tell(20, this.move(token, { state: 'PENDING_PURCHASE_CANCELED', isAutoRenewing: false }));

  renew(token: string): Push {
    const purchase = this.get(token);
    return this.tell(2, this.pay(purchase, purchase.expiryMs));
  }

  graceStarts(token: string, days = 7): Push {
    const { expiryMs } = this.get(token);
    return this.tell(6, this.move(token, { state: 'IN_GRACE_PERIOD', expiryMs: expiryMs + days * DAY_MS }));
  }

  holdStarts(token: string): Push {
    const expiryMs = Math.min(this.get(token).expiryMs, this.now());
    return this.tell(5, this.move(token, { state: 'ON_HOLD', expiryMs }));
  }

  /** Paid after all, or back from a pause: a period from now on. */
  recover = (token: string): Push => this.tell(1, this.pay(this.get(token), this.now()));
  resume = this.recover;

  cancel = (token: string): Push =>
    this.tell(3, this.move(token, { state: 'CANCELED', isAutoRenewing: false }));

  restart = (token: string): Push =>
    this.tell(7, this.move(token, { state: 'ACTIVE', isAutoRenewing: true }));

  pauseScheduled = (token: string): Push => this.tell(11, this.get(token));

  pause = (token: string, days = 30): Push =>
    this.tell(10, this.move(token, { state: 'PAUSED', autoResumeMs: this.now() + days * DAY_MS }));

  expire(token: string): Push {
    return this.tell(13, this.end(token));
  }

  /** Stops now. */
  revoke(token: string): Push {
    return this.tell(12, this.end(token));
  }

  /** The money of an order, the latest unless told, goes back; without `revoke` the subscription goes on. */
  refund(token: string, { orderId, revoke = false }: { orderId?: string; revoke?: boolean } = {}): Push[] {
    const voided = { purchaseToken: token, orderId: orderId ?? this.orderOf(token) };
    this.voided.push({ ...voided, voidedTimeMillis: String(this.now()) });
    const push = this.push({
      voidedPurchaseNotification: { ...voided, productType: 1, refundType: 1 },
    });
    return revoke ? [push, this.revoke(token)] : [push];
  }

  /** Another plan at once: a new token takes the place of the old one. */
  upgrade(token: string, basePlan: 'monthly' | 'yearly' = 'yearly'): Bought & { pushes: Push[] } {
    const { accountId, isTest } = this.get(token);
    this.move(token, { isReplaced: true });
    const ended = this.tell(13, this.end(token));
    const purchase = this.add({ accountId, isTest, basePlan, trialDays: 0 }, token);
    const push = this.tell(4, this.grant(purchase));
    return { purchaseToken: purchase.token, push, pushes: [ended, push] };
  }

  /** Signs up again before the old one is over. */
  resubscribe = (token: string): Bought & { pushes: Push[] } => this.upgrade(token, this.get(token).basePlan);

  /** What nobody acknowledged within three days is given back and stopped. */
  passTime(): Push[] {
    const late = [...this.purchases.values()].filter(
      ({ startMs, isAcknowledged, state }) =>
        startMs !== null && !isAcknowledged && state !== 'EXPIRED' && this.now() >= startMs + ACKNOWLEDGE_MS,
    );
    return late.flatMap(({ token }) => this.refund(token, { revoke: true }));
  }

  /** 60 days after its end Google knows a token no more. */
  forget(token: string): void {
    this.move(token, { isForgotten: true });
  }

  /** A state that was not there when the app was written. */
  becomeStrange(token: string): Push {
    return this.tell(99, this.move(token, { state: 'SOMETHING_NEW' }));
  }

  /** Any notification, as `DeveloperNotification`; `packageName` and time are the app's own unless given. */
  push(notification: object): Push {
    const inner = { version: '1.0', packageName: this.names.packageName, ...notification };
    const eventTimeMillis = String(this.now());
    return this.envelope(Buffer.from(JSON.stringify({ eventTimeMillis, ...inner })).toString('base64'));
  }

  /** A push with anything for its data. */
  envelope(data: string): Push {
    return {
      message: {
        attributes: {},
        data,
        messageId: String(randomInt(2 ** 47)),
        publishTime: new Date(this.now()).toISOString(),
      },
      subscription: this.names.subscription,
    };
  }

  find = (token: string): Purchase | undefined => this.purchases.get(token);

  get(token: string): Purchase {
    const purchase = this.purchases.get(token);
    if (!purchase) throw new Error('The Play simulator sold no such thing');
    return purchase;
  }

  /** The latest order. */
  orderOf(token: string): string {
    const { orderBase, renewal } = this.get(token);
    return renewal < 0 ? orderBase : `${orderBase}..${renewal}`;
  }

  /** @returns false when there is nothing to acknowledge any more */
  acknowledge(purchase: Purchase): boolean {
    if (purchase.startMs === null || purchase.state === 'EXPIRED') return false;
    if (!purchase.isAcknowledged) this.acknowledged.push(purchase.token);
    purchase.isAcknowledged = true;
    return true;
  }

  /** SubscriptionPurchaseV2. A subscription that is over has lost its price and its offer. */
  snapshotOf(purchase: Purchase): object {
    const { token, state, startMs, expiryMs, basePlan, trialDays, linkedToken, accountId } = purchase;
    const isOver = state === 'EXPIRED';
    const iso = (ms: number) => new Date(ms).toISOString();
    const price = { currencyCode: 'KRW', units: String(PRICES_KRW[basePlan]) };
    return {
      kind: 'androidpublisher#subscriptionPurchaseV2',
      regionCode: 'KR',
      ...(startMs !== null && { startTime: iso(startMs) }),
      subscriptionState: `SUBSCRIPTION_STATE_${state}`,
      acknowledgementState: `ACKNOWLEDGEMENT_STATE_${purchase.isAcknowledged ? 'ACKNOWLEDGED' : 'PENDING'}`,
      ...(linkedToken && { linkedPurchaseToken: linkedToken }),
      ...(purchase.isTest && { testPurchase: {} }),
      ...(accountId && { externalAccountIdentifiers: { obfuscatedExternalAccountId: accountId } }),
      ...(state === 'PAUSED' && { pausedStateContext: { autoResumeTime: iso(purchase.autoResumeMs!) } }),
      ...(purchase.isReplaced && { canceledStateContext: { replacementCancellation: {} } }),
      lineItems: [
        {
          productId: purchase.productId,
          ...(startMs !== null && {
            expiryTime: iso(expiryMs),
            latestSuccessfulOrderId: this.orderOf(token),
          }),
          autoRenewingPlan: {
            ...(purchase.isAutoRenewing && { autoRenewEnabled: true }),
            ...(!isOver && { recurringPrice: price }),
          },
          offerDetails: { basePlanId: basePlan, ...(trialDays > 0 && !isOver && { offerId: 'trial7' }) },
        },
      ],
    };
  }

  private add(
    { accountId, basePlan = 'monthly', trialDays = 0, isTest = false }: BuyOptions,
    linkedToken: string | null = null,
  ): Purchase {
    const token = secret(randomBytes(96).toString('base64url'));
    const digits = (count: number) => String(randomInt(10 ** count)).padStart(count, '0');
    const purchase: Purchase = {
      ...{ token, accountId, basePlan, trialDays, isTest, linkedToken },
      ...{ productId: 'premium', orderBase: `GPA.${digits(4)}-${digits(4)}-${digits(4)}-${digits(5)}` },
      ...{ renewal: -1, startMs: null, expiryMs: 0, state: 'PENDING', isAutoRenewing: true },
      ...{ isAcknowledged: false, isReplaced: false, isForgotten: false, autoResumeMs: null },
    };
    this.purchases.set(token, purchase);
    return purchase;
  }

  private grant(purchase: Purchase): Purchase {
    const startMs = this.now();
    const { trialDays, basePlan } = purchase;
    const expiryMs = trialDays > 0 ? startMs + trialDays * DAY_MS : periodFrom(startMs, basePlan);
    return Object.assign(purchase, { startMs, expiryMs, state: 'ACTIVE' });
  }

  private pay(purchase: Purchase, fromMs: number): Purchase {
    return Object.assign(purchase, {
      ...{ renewal: purchase.renewal + 1, expiryMs: periodFrom(fromMs, purchase.basePlan) },
      ...{ state: 'ACTIVE', autoResumeMs: null },
    });
  }

  private end(token: string): Purchase {
    const expiryMs = Math.min(this.get(token).expiryMs, this.now());
    return this.move(token, { state: 'EXPIRED', expiryMs, isAutoRenewing: false });
  }

  private move(token: string, change: Partial<Purchase>): Purchase {
    return Object.assign(this.get(token), change);
  }

  private tell(notificationType: number, { token: purchaseToken }: Purchase): Push {
    return this.push({ subscriptionNotification: { version: '1.0', notificationType, purchaseToken } });
  }
}

function periodFrom(startMs: number, basePlan: 'monthly' | 'yearly'): number {
  const end = new Date(startMs);
  end.setUTCMonth(end.getUTCMonth() + (basePlan === 'monthly' ? 1 : 12));
  return end.getTime();
}
