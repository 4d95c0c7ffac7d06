import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { TossContract } from '../../generated/prisma/client.js';
import { Plan } from '../../generated/prisma/enums.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { isOver, stateAt, UNLOCKS } from '../entitlement/index.js';
import { consentTextOf } from './consent-text.js';
import { billingAccountOf, type OwnSubscription, type PaymentRow, paymentsPage } from './payments.queries.js';
import type { MySubscriptions, SubscriptionView } from './payments.schemas.js';
import {
  CONSENT_TEXT_VERSION,
  MANAGE_URLS,
  MONTHS_OF,
  priceKrwOf,
  PRODUCT_IDS,
  TRIAL_DAYS,
} from './plans.js';
import { Contracts } from './toss/billing/contracts.service.js';
import { boundaryFrom } from './toss/billing/periods.js';
import { type PriceFacts, RAISE_NOTICE_MS, renewalPrice } from './toss/billing/rules.js';
import { Trials } from './toss/billing/trials.service.js';
import { payingClassOf } from './toss/toss-errors.js';

/** A purchase is a subscription of its own at Google, so that there may be some; nobody has as many as this. */
const SUBSCRIPTIONS_SHOWN = 50;

type LiveContract = TossContract & { billingMethod: { label: string; removedAt: Date | null } | null };
type Billed = Pick<SubscriptionView, 'nextCharge' | 'cardLabel' | 'needsCard' | 'priceRaise'>;
const NOT_BILLED: Billed = {
  nextCharge: null,
  cardLabel: null,
  needsCard: false,
  priceRaise: null,
};

/** What somebody may buy, has, and has paid: whatever the store. */
@Injectable()
export class PaymentsOverview {
  constructor(
    private readonly db: Database,
    private readonly contracts: Contracts,
    private readonly trials: Trials,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  plans() {
    const items = Object.values(Plan).map((plan) => {
      const priceKrw = priceKrwOf(plan, this.config);
      return {
        ...{ plan, priceKrw, months: MONTHS_OF[plan], trialDays: TRIAL_DAYS, unlocks: [...UNLOCKS] },
        productIds: PRODUCT_IDS[plan],
        consentTextVersion: CONSENT_TEXT_VERSION,
        consentText: consentTextOf(plan, priceKrw),
      };
    });
    return { items };
  }

  async of(userId: string): Promise<MySubscriptions> {
    const now = this.clock.now();
    const { billingId, subscriptions } = await billingAccountOf(this.db, userId, SUBSCRIPTIONS_SHOWN);
    const billed = await this.billedOf(subscriptions);
    const views = subscriptions
      .map((own) => this.view(own, billed.get(own.id) ?? NOT_BILLED, now.getTime()))
      .filter(({ state, accessUntil }) => accessUntil || !isOver(state));
    const [longest] = subscriptions;
    const premiumUntil = longest?.accessUntil && longest.accessUntil > now ? longest.accessUntil : null;
    return {
      ...{ isPremium: premiumUntil !== null, premiumUntil, subscriptions: views },
      warnings: warningsOf(views, now.getTime()),
      trialAvailable: await this.trials.isOpenTo(this.db, userId),
      checkout: { customerKey: billingId, clientKey: this.config.toss?.clientKey ?? null },
      appAccountToken: billingId,
    };
  }

  async payments(userId: string, { cursor, limit }: PageQuery) {
    const rows = await paymentsPage(this.db, { userId, after: readCursor(cursor), count: limit + 1 });
    const { items, nextCursor } = page(rows, limit, ({ at, id }) => ({ at, id }));
    return { items: items.map(paymentView), nextCursor };
  }

  /** What our own billing does next, of those that it will charge. */
  private async billedOf(subscriptions: readonly OwnSubscription[]): Promise<Map<string, Billed>> {
    const ids = subscriptions
      .filter(({ store, standing }) => store === 'toss' && standing.renews)
      .map(({ id }) => id);
    if (ids.length === 0) return new Map();
    const contracts = await this.db.prisma.tossContract.findMany({
      where: { subscriptionId: { in: ids }, nextAttemptAt: { not: null } },
      include: { billingMethod: { select: { label: true, removedAt: true } } },
    });
    const billed = contracts.map(
      async (contract) => [contract.subscriptionId, await this.billed(contract)] as const,
    );
    return new Map(await Promise.all(billed));
  }

  private async billed(contract: LiveContract): Promise<Billed> {
    const { nextAttemptAt, billingMethod } = contract;
    const { priceKrw, ...pricing } = await this.contracts.nextPrice(this.db, contract);
    const card = billingMethod && !billingMethod.removedAt ? billingMethod : null;
    return {
      nextCharge: priceKrw === 'not-agreed' ? null : { at: nextAttemptAt!, amountKrw: priceKrw },
      cardLabel: card && card.label,
      needsCard: !card || (await this.isCardRefused(contract)),
      priceRaise: priceRaiseOf(contract, pricing),
    };
  }

  /** Trying again will not do: the card is expired, stopped or lost. */
  private async isCardRefused({
    subscriptionId,
    nextPeriod: period,
    firstFailedAt,
  }: LiveContract): Promise<boolean> {
    if (!firstFailedAt) return false;
    const declined = await this.db.prisma.tossOrder.findFirst({
      where: { subscriptionId, kind: 'renewal', period, state: 'declined' },
      orderBy: { attempt: 'desc' },
      select: { declineCode: true },
    });
    return declined?.declineCode != null && payingClassOf(declined.declineCode) === 'hard';
  }

  private view(own: OwnSubscription, billed: Billed, nowMs: number): SubscriptionView {
    const { standing, ...shown } = own;
    const state = stateAt(standing, nowMs);
    return {
      ...{ ...shown, state, renews: standing.renews && !isOver(state), ...billed },
      manageUrl: MANAGE_URLS[own.store],
    };
  }
}

/** A raise that its owner was told of; see `renewalPrice`. */
function priceRaiseOf(contract: LiveContract, pricing: PriceFacts): SubscriptionView['priceRaise'] {
  const { toldAt, toldKrw, agreedKrw, currentKrw } = pricing;
  if (!toldAt || toldKrw !== currentKrw || currentKrw <= agreedKrw) return null;
  const noticeEndsAt = new Date(toldAt.getTime() + RAISE_NOTICE_MS);
  const appliesFrom = boundaryFrom(contract, contract.nextPeriod, noticeEndsAt);
  const consented = renewalPrice({ ...pricing, dueAt: appliesFrom }) === currentKrw;
  return { priceKrw: currentKrw, appliesFrom, consented };
}

function warningsOf(views: readonly SubscriptionView[], nowMs: number): MySubscriptions['warnings'] {
  const asksForConsent = ({ priceRaise }: SubscriptionView) =>
    priceRaise && !priceRaise.consented && nowMs >= priceRaise.appliesFrom.getTime() - RAISE_NOTICE_MS;
  return [
    ...(views.filter(({ renews }) => renews).length > 1 ? ['several-subscriptions' as const] : []),
    ...(views.some(({ needsCard }) => needsCard) ? ['card-needed' as const] : []),
    ...(views.some(asksForConsent) ? ['price-consent-needed' as const] : []),
  ];
}

function paymentView({ amountMilli, fromMs, toMs, ...row }: PaymentRow) {
  const dateOf = (ms: number | null) => (ms === null ? null : new Date(ms));
  return { ...row, amount: amountMilli / 1_000, periodFrom: dateOf(fromMs), periodTo: dateOf(toMs) };
}
