import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../../config/config.js';
import { Clock } from '../../../../platform/clock/clock.js';
import { Database, type Transaction } from '../../../../platform/database/database.js';
import { stateAt } from '../../../entitlement/index.js';
import { managedByStore, subscriptionNotFound } from '../../payments.errors.js';
import type { ChargeConsentIn } from '../../payments.schemas.js';
import { MANAGE_URLS, priceKrwOf } from '../../plans.js';
import * as errors from './billing.errors.js';
import { newestBilledOf, storeThatManages } from './billing.queries.js';
import type { BilledSubscription, PlanChange } from './billing.schemas.js';
import { Charges } from './charges.service.js';
import { Contracts, type Held, renewing } from './contracts.service.js';
import { checkConsent } from './enrolment.service.js';
import { boundaryFrom, boundaryOf } from './periods.js';
import { RAISE_NOTICE_MS } from './rules.js';

/** What a user does about a subscription of our own billing. */
@Injectable()
export class Billing {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly contracts: Contracts,
    private readonly charges: Charges,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * One call, no questions. Access stays to the end of what was paid for; in dunning it ends at once. A charge in doubt
   * is found out about first: what was paid stays, and what was not is not charged any more.
   * @throws managed-by-store, subscription-not-found
   */
  async cancel(userId: string): Promise<BilledSubscription> {
    const { id, isInDoubt } = await this.db.transaction(async (tx) => {
      const held = await this.find(tx, userId, { ended: true });
      if (this.contracts.isLive(held) && held.row.standing.renews) await this.contracts.stop(tx, held);
      return { id: held.row.id, isInDoubt: await this.contracts.isInDoubt(tx, held) };
    });
    if (isInDoubt) await this.charges.chargeNow(id);
    return this.db.transaction((tx) => this.contracts.view(tx, id));
  }

  /** Takes a cancellation back, before the access ends. @throws not-resumable, card-needed */
  async resume(userId: string): Promise<BilledSubscription> {
    return this.db.transaction(async (tx) => {
      const held = await this.find(tx, userId);
      const { contract, row } = held;
      const view = () => this.contracts.view(tx, row.id);
      if (row.standing.renews) return view();
      if (stateAt(row.standing, this.clock.nowMs()) !== 'cancelled') throw errors.notResumable();
      const card = contract.billingMethodId && { id: contract.billingMethodId, removedAt: null };
      if (!card || (await tx.prisma.billingMethod.count({ where: card })) === 0) throw errors.cardNeeded();
      const nextAttemptAt = boundaryOf(contract, contract.nextPeriod);
      await this.contracts.change(tx, held, { nextAttemptAt }, [renewing(nextAttemptAt)]);
      return view();
    });
  }

  /** From the next renewal on. Back to the present plan: as if nothing was asked. @throws not-renewing, price-changed, consent-outdated */
  async changePlan(userId: string, { plan, consent }: PlanChange): Promise<BilledSubscription> {
    return this.db.transaction(async (tx) => {
      const held = await this.find(tx, userId);
      const { contract, row } = held;
      if (!row.standing.renews) throw errors.notRenewing();
      const nextPlan = plan === contract.plan ? null : plan;
      if (nextPlan && nextPlan !== contract.nextPlan) {
        checkConsent(consent, priceKrwOf(plan, this.config));
        const chargesFrom = boundaryOf(contract, contract.nextPeriod);
        await this.contracts.consent(tx, row.id, 'plan_change', { plan, chargesFrom, ...consent });
      }
      await this.contracts.change(tx, held, { nextPlan }, []);
      return this.contracts.view(tx, row.id);
    });
  }

  /** A yes to a raised price. @throws not-renewing, no-consent-asked, price-changed, consent-outdated */
  async consentToPrice(userId: string, consent: ChargeConsentIn): Promise<BilledSubscription> {
    return this.db.transaction(async (tx) => {
      const held = await this.find(tx, userId);
      const { contract, row } = held;
      if (!row.standing.renews) throw errors.notRenewing();
      const { plan, agreedKrw, currentKrw } = await this.contracts.nextPrice(tx, contract);
      const { toldAt, toldPriceKrw, nextPeriod } = contract;
      if (!toldAt || currentKrw <= agreedKrw || toldPriceKrw !== currentKrw) throw errors.noConsentAsked();
      checkConsent(consent, currentKrw);
      const appliesAt = boundaryFrom(contract, nextPeriod, new Date(toldAt.getTime() + RAISE_NOTICE_MS));
      const from = new Date(appliesAt.getTime() - RAISE_NOTICE_MS);
      if (this.clock.now() < from) throw errors.noConsentAsked({ members: { from: from.toISOString() } });
      await this.contracts.consent(tx, row.id, 'price_raise', { plan, chargesFrom: appliesAt, ...consent });
      return this.contracts.view(tx, row.id);
    });
  }

  /**
   * The user's live subscription of our own billing; with `ended` also the last one that is over, so that cancelling
   * twice is cancelling.
   * @throws managed-by-store, subscription-not-found
   */
  private async find(tx: Transaction, userId: string, { ended = false } = {}): Promise<Held> {
    const id = await newestBilledOf(tx, userId);
    const held = id ? await this.contracts.lock(tx, id) : null;
    if (held && this.contracts.isLive(held)) return held;
    const store = await storeThatManages(tx, userId, this.clock.now());
    if (store) throw managedByStore({ members: { store, manageUrl: MANAGE_URLS[store] } });
    if (held && ended) return held;
    throw subscriptionNotFound();
  }
}
