const DAY_MS = 86_400_000;
const RETRY_DAYS = 60;
const GRACE_DAYS = 16;
/** KRW, in thousandths. */
const PRICES_MILLI: Record<string, number> = { premium_monthly: 4_900_000, premium_yearly: 39_000_000 };
const OTHER_PRICE_MILLI = 9_900_000;
export const GROUP = '21000001';

export type AppStoreEnvironment = 'Production' | 'Sandbox';

export interface Purchase {
  productId: string;
  /** The UUID that the app hands to StoreKit: our `billingId`. */
  appAccountToken?: string;
  trialDays?: number;
  environment?: AppStoreEnvironment;
  /** It came by Family Sharing: somebody else paid. */
  familyShared?: boolean;
}

interface Sold {
  transactionId: string;
  productId: string;
  purchaseDate: number;
  expiresDate: number;
  isTrial: boolean;
  reason: 'PURCHASE' | 'RENEWAL';
  isUpgraded?: boolean;
  revocation?: { date: number; type: string; percentage?: number };
}

/** One subscription as the App Store keeps it. It says what is asked for now; signing is for the store to do. */
export class AppStoreLife {
  readonly environment: AppStoreEnvironment;
  readonly sold: Sold[] = [];
  private readonly bought: Purchase;
  private renewsAs: string;
  private renews = true;
  private isRetried = false;
  private graceUntilMs?: number;
  private expirationIntent?: number;
  /** What the refund of the current period switched off. */
  private renewedBeforeRefund = true;

  constructor(
    purchase: Purchase,
    private readonly now: () => number,
    private readonly newId: () => string,
  ) {
    this.bought = purchase;
    this.environment = purchase.environment ?? 'Production';
    this.renewsAs = purchase.productId;
    const { trialDays = 0 } = purchase;
    this.sell(now(), 'PURCHASE', trialDays);
  }

  get originalTransactionId(): string {
    return this.sold[0]!.transactionId;
  }

  get latest(): Sold {
    return this.sold.at(-1)!;
  }

  /** 1 active, 2 expired, 3 billing retry, 4 grace period, 5 revoked. */
  status(): number {
    const now = this.now();
    const { expiresDate, revocation } = this.latest;
    if (revocation) return 5;
    if (now < expiresDate) return 1;
    if (!this.isRetried || now >= expiresDate + RETRY_DAYS * DAY_MS) return 2;
    return this.graceUntilMs !== undefined && now < this.graceUntilMs ? 4 : 3;
  }

  renew(): void {
    this.sell(this.latest.expiresDate, 'RENEWAL');
  }

  failToRenew(graceDays: number | undefined): void {
    this.isRetried = true;
    this.expirationIntent = 2;
    this.graceUntilMs = graceDays ? this.latest.expiresDate + graceDays * DAY_MS : undefined;
  }

  /** Within the grace period it goes on where it ended, and later from now. */
  recover(): void {
    this.sell(this.status() === 4 ? this.latest.expiresDate : this.now(), 'RENEWAL');
  }

  buyAgain(productId: string): void {
    this.renewsAs = productId;
    this.sell(this.now(), 'PURCHASE');
  }

  upgrade(productId: string): void {
    this.latest.isUpgraded = true;
    this.renewsAs = productId;
    this.sell(this.now(), 'PURCHASE');
  }

  renewAs(productId: string): void {
    this.renewsAs = productId;
  }

  setRenewal(renews: boolean): void {
    this.renews = renews;
    this.expirationIntent = renews ? undefined : 1;
  }

  expire(): void {
    this.isRetried = false;
    this.renews = false;
    this.expirationIntent ??= 1;
  }

  extend(days: number): void {
    this.latest.expiresDate += days * DAY_MS;
  }

  revoke(sold: Sold, type: string, percent?: number): void {
    sold.revocation = {
      date: this.now(),
      type,
      percentage: percent === undefined ? undefined : percent * 1_000,
    };
    if (sold !== this.latest) return;
    this.renewedBeforeRefund = this.renews;
    this.renews = false;
  }

  restore(sold: Sold): void {
    delete sold.revocation;
    if (sold === this.latest) this.renews = this.renewedBeforeRefund;
  }

  find(transactionId = this.latest.transactionId): Sold {
    const sold = this.sold.find((one) => one.transactionId === transactionId);
    if (!sold) throw new Error(`${this.originalTransactionId} has no transaction ${transactionId}`);
    return sold;
  }

  /** JWSTransactionDecodedPayload, without what the store adds to all that it signs. */
  transaction({ isTrial, revocation, reason, ...sold }: Sold) {
    const { appAccountToken, familyShared = false } = this.bought;
    return {
      originalTransactionId: this.originalTransactionId,
      webOrderLineItemId: `9${sold.transactionId}`,
      subscriptionGroupIdentifier: GROUP,
      originalPurchaseDate: this.sold[0]!.purchaseDate,
      quantity: 1,
      type: 'Auto-Renewable Subscription',
      appAccountToken,
      inAppOwnershipType: familyShared ? 'FAMILY_SHARED' : 'PURCHASED',
      storefront: 'KOR',
      storefrontId: '143466',
      transactionReason: reason,
      currency: 'KRW',
      price: isTrial ? 0 : priceOf(sold.productId),
      ...(isTrial && { offerType: 1, offerDiscountType: 'FREE_TRIAL', offerPeriod: 'P1W' }),
      ...(revocation && {
        revocationDate: revocation.date,
        revocationReason: 0,
        revocationType: revocation.type,
        revocationPercentage: revocation.percentage,
      }),
      ...sold,
    };
  }

  /** JWSRenewalInfoDecodedPayload, likewise. */
  renewal() {
    const status = this.status();
    return {
      originalTransactionId: this.originalTransactionId,
      productId: this.latest.productId,
      autoRenewProductId: this.renewsAs,
      autoRenewStatus: this.renews ? 1 : 0,
      expirationIntent: status === 1 ? undefined : this.expirationIntent,
      isInBillingRetryPeriod: status === 3 || status === 4,
      gracePeriodExpiresDate: this.isRetried ? this.graceUntilMs : undefined,
      renewalDate: this.latest.expiresDate,
      renewalPrice: priceOf(this.renewsAs),
      currency: 'KRW',
      recentSubscriptionStartDate: this.sold[0]!.purchaseDate,
      appAccountToken: this.bought.appAccountToken,
    };
  }

  private sell(purchaseDate: number, reason: Sold['reason'], trialDays = 0): void {
    const productId = this.renewsAs;
    this.sold.push({
      transactionId: this.newId(),
      productId,
      purchaseDate,
      expiresDate: trialDays > 0 ? purchaseDate + trialDays * DAY_MS : monthsLater(purchaseDate, productId),
      isTrial: trialDays > 0,
      reason,
    });
    this.renews = true;
    this.isRetried = false;
    this.graceUntilMs = undefined;
    this.expirationIntent = undefined;
  }
}

export const DEFAULT_GRACE_DAYS = GRACE_DAYS;

const priceOf = (productId: string): number => PRICES_MILLI[productId] ?? OTHER_PRICE_MILLI;

function monthsLater(fromMs: number, productId: string): number {
  const from = new Date(fromMs);
  const month = from.getUTCMonth() + (productId.includes('yearly') ? 12 : 1);
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return new Date(fromMs).setUTCMonth(month, Math.min(from.getUTCDate(), lastDay));
}
