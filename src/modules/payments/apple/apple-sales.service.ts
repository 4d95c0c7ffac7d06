import { Injectable, Logger } from '@nestjs/common';
import type { StoreEnvironment } from '../../../generated/prisma/enums.js';
import { Database } from '../../../platform/database/database.js';
import { OutboundError } from '../../../platform/outbound/http-client.js';
import { type Fact, type SaleKey, Subscriptions } from '../../entitlement/index.js';
import { purchaseRefused, storeUnavailable } from '../payments.errors.js';
import { planOfProduct } from '../plans.js';
import { AppStoreApi, AppStoreError } from './app-store-api.js';
import {
  periodFactsOf,
  renewalFactOf,
  renewalInfo,
  subscriptionTransaction,
  type SubscriptionTransaction,
} from './apple-facts.js';
import { AppleVerifier, NotAuthentic } from './apple-verifier.js';

/** What Apple signed about one subscription: a notification, or an answer of its API. */
export interface AppleSays {
  sale: SaleKey;
  facts: Fact[];
}

interface Signed {
  signedTransaction: string;
  signedRenewal?: string | null;
  status?: number;
}

/** From what Apple signed to what we know of a subscription. */
@Injectable()
export class AppleSales {
  private readonly log = new Logger(AppleSales.name);

  constructor(
    private readonly db: Database,
    private readonly verifier: AppleVerifier,
    private readonly api: AppStoreApi,
    private readonly subscriptions: Subscriptions,
  ) {}

  /**
   * A purchase as the app got it from StoreKit. What it says may be of last year, so Apple is asked as well.
   * @throws purchase-refused, purchase-of-another-account, transferred-recently, provider-unavailable
   */
  async report(
    userId: string,
    { signedTransaction, transfer }: { signedTransaction: string; transfer: boolean },
  ) {
    const said = await this.arrived(signedTransaction);
    const present = await this.present(said.sale, { withHistory: true }).catch(asUnavailable);
    return this.db.transaction(async (tx) => {
      const row = await this.subscriptions.learn(tx, { ...said.sale, userId }, [...said.facts, ...present]);
      const { id, state, accessUntil } = await this.subscriptions.claim(tx, row, userId, { transfer });
      return { subscriptionId: id, store: said.sale.store, state, accessUntil, plan: row.standing.plan };
    });
  }

  /** @returns null when it is about something that is no subscription. @throws NotAuthentic */
  async verified({ signedTransaction, signedRenewal, status }: Signed): Promise<AppleSays | null> {
    const { payload, environment } = await this.verifier.transaction(signedTransaction);
    const sold = subscriptionTransaction.safeParse(payload).data;
    if (!sold) return null;
    const renewal = signedRenewal && renewalInfo.parse((await this.verifier.renewal(signedRenewal)).payload);
    return {
      sale: saleOf(sold, environment),
      facts: [
        ...this.periods([sold]),
        ...(renewal && renewal.originalTransactionId === sold.originalTransactionId
          ? [renewalFactOf(renewal, { status, expiresDate: sold.expiresDate })]
          : []),
      ],
    };
  }

  /**
   * What Apple says of the subscription now; with its history also what became of former periods.
   * @throws OutboundError, AppStoreError, NotAuthentic
   */
  async present(
    { storeKey, environment }: Pick<SaleKey, 'storeKey' | 'environment'>,
    { withHistory = false } = {},
  ): Promise<Fact[]> {
    const state = await this.api.presentState(storeKey, environment);
    if (!state) {
      this.log.error(
        { alarm: 'apple-unknown', environment },
        'the App Store does not know a subscription that it told us of',
      );
      return [];
    }
    try {
      const now = (await this.verified(state))?.facts ?? [];
      return withHistory ? [...(await this.history(storeKey, environment)), ...now] : now;
    } catch (error) {
      if (error instanceof NotAuthentic)
        this.log.error(
          { alarm: 'apple-not-authentic', reason: error.reason },
          'the App Store answers with what is not authentic',
        );
      throw error;
    }
  }

  private async arrived(signedTransaction: string): Promise<AppleSays> {
    try {
      const { payload, environment } = await this.verifier.transaction(signedTransaction, { arriving: true });
      const sold = subscriptionTransaction.safeParse(payload).data;
      if (!sold) throw new NotAuthentic('NO_SUBSCRIPTION');
      return { sale: saleOf(sold, environment), facts: this.periods([sold]) };
    } catch (error) {
      if (!(error instanceof NotAuthentic)) throw error;
      this.log.warn(
        { reason: error.reason },
        'a purchase that the App Store did not sign for us was refused',
      );
      throw purchaseRefused();
    }
  }

  private async history(storeKey: string, environment: StoreEnvironment): Promise<Fact[]> {
    const all = await this.api.history(storeKey, environment);
    const sold: SubscriptionTransaction[] = [];
    for (const signed of all) {
      const { data } = subscriptionTransaction.safeParse((await this.verifier.transaction(signed)).payload);
      // It holds whatever the same Apple account bought in our app.
      if (data?.originalTransactionId === storeKey) sold.push(data);
    }
    return this.periods(sold);
  }

  private periods(sold: SubscriptionTransaction[]): Fact[] {
    for (const { productId } of sold)
      if (!planOfProduct(productId))
        this.log.error({ alarm: 'apple-unknown', productId }, 'Apple sold a product that we do not know');
    return periodFactsOf(sold);
  }
}

const saleOf = (
  { originalTransactionId, appAccountToken }: SubscriptionTransaction,
  environment: StoreEnvironment,
): SaleKey => ({
  store: 'apple',
  storeKey: originalTransactionId,
  environment,
  billingId: appAccountToken ?? null,
});

function asUnavailable(error: unknown): never {
  if (error instanceof OutboundError || error instanceof AppStoreError) throw storeUnavailable();
  throw error;
}
