import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CONFIG, type Config } from '../../../../config/config.js';
import type { Plan } from '../../../../generated/prisma/enums.js';
import { Clock } from '../../../../platform/clock/clock.js';
import { keyedHash, keyedHashes, keysOf, seal } from '../../../../platform/crypto/secrets.js';
import { Database, type Transaction } from '../../../../platform/database/database.js';
import { type FieldError, Problem, validationFailed } from '../../../../platform/http/problem.js';
import { type SaleKey, Subscriptions } from '../../../entitlement/index.js';
import { lockUser } from '../../../users/index.js';
import { billingKeyRefused } from '../../payments.errors.js';
import type { ChargeConsentIn } from '../../payments.schemas.js';
import { CONSENT_TEXT_VERSION, priceKrwOf } from '../../plans.js';
import { type BillingKey, TossApi } from '../toss-api.js';
import * as errors from './billing.errors.js';
import { newestBilledOf } from './billing.queries.js';
import type { BilledSubscription, BillingKeyIn } from './billing.schemas.js';
import * as texts from './billing-texts.js';
import { Charges } from './charges.service.js';
import { Contracts, type Held, renewal, renewing, type UnnumberedFact } from './contracts.service.js';
import { trialEndOf } from './periods.js';
import { graceUnsettledMs } from './rules.js';
import { Settlements } from './settlements.service.js';
import { Trials } from './trials.service.js';

/** What somebody agreed to buy. */
interface Bought {
  plan: Plan;
  consent: ChargeConsentIn;
}

type Wish = Pick<BillingKeyIn, 'plan' | 'consent' | 'expectsTrial'>;

/** Cards: the first one begins a subscription, another one takes its place. */
@Injectable()
export class Enrolment {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly toss: TossApi,
    private readonly subscriptions: Subscriptions,
    private readonly contracts: Contracts,
    private readonly charges: Charges,
    private readonly settlements: Settlements,
    private readonly trials: Trials,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * The same `authKey` gives the same billing key at Toss, and a billing key is taken in once: sent five times, it
   * begins one subscription, and the answers are alike.
   * Who was shown a trial is not charged at once instead: nothing begins then, and the card is not kept.
   * @throws customer-mismatch, validation-failed, price-changed, consent-outdated, trial-used, billing-key-refused,
   *   provider-unavailable, provider-not-configured, payment-declined
   */
  async register(
    userId: string,
    { authKey, customerKey, ...wish }: BillingKeyIn,
  ): Promise<BilledSubscription> {
    const { billingId } = await this.db.prisma.user.findUniqueOrThrow({
      where: { id: userId },
      select: { billingId: true },
    });
    if (customerKey !== billingId) throw errors.customerMismatch();
    // Before the authKey is used up.
    const isTrialUsed = await this.db.transaction(async (tx) => {
      if (await this.liveOf(tx, userId)) return false;
      this.check(wish);
      return wish.expectsTrial && (await this.trials.wasUsedBy(tx, userId));
    });
    if (isTrialUsed) throw errors.trialUsed();
    const key = await this.toss.issueBillingKey({ authKey, customerKey });
    const subscriptionId = await this.db.transaction((tx) => this.takeIn(tx, userId, key, wish));
    // After the commit, which leaves the card to be deleted at Toss.
    if (subscriptionId instanceof Problem) throw subscriptionId;
    await this.charges.chargeNow(subscriptionId);
    return this.db.transaction(async (tx) => {
      await this.refuseDeclined(tx, subscriptionId);
      return this.contracts.view(tx, subscriptionId);
    });
  }

  /** @returns the subscription that the card pays for, or why it pays for none */
  private async takeIn(
    tx: Transaction,
    userId: string,
    key: BillingKey,
    wish: Wish,
  ): Promise<string | Problem> {
    await lockUser(tx, userId);
    const known = await tx.prisma.billingMethod.findFirst({
      where: { billingKeyHash: { in: keyedHashes(key.billingKey, keysOf(this.config)) } },
      select: { contracts: { select: { subscriptionId: true } } },
    });
    const live = await this.liveOf(tx, userId);
    // One that was replaced or not taken pays for nothing.
    if (known)
      return (
        known.contracts[0]?.subscriptionId ??
        live?.row.id ??
        (wish.expectsTrial ? errors.trialUsed() : billingKeyRefused())
      );
    const now = this.clock.now();
    const { id: billingMethodId } = await tx.prisma.billingMethod.create({
      data: {
        ...{ id: uuidv7({ msecs: now.getTime() }), userId, label: key.cardLabel, createdAt: now },
        billingKeyHash: keyedHash(key.billingKey, this.config.encryptionKey!),
        billingKeySealed: seal(key.billingKey, this.config.encryptionKey!),
      },
      select: { id: true },
    });
    if (live) {
      await this.replaceCard(tx, live, billingMethodId);
      return live.row.id;
    }
    const bought = this.check(wish);
    const isTrial = await this.trials.take(tx, userId, key.cardIdentity);
    if (isTrial || !wish.expectsTrial) return this.begin(tx, { userId, billingMethodId, isTrial, ...bought });
    await this.contracts.removeCard(tx, billingMethodId);
    return errors.trialUsed();
  }

  private async begin(
    tx: Transaction,
    {
      userId,
      billingMethodId,
      isTrial,
      plan,
      consent,
    }: Bought & { userId: string; billingMethodId: string; isTrial: boolean },
  ): Promise<string> {
    const now = this.clock.now();
    const subscriptionId = uuidv7({ msecs: now.getTime() });
    const sale: SaleKey = {
      store: 'toss',
      storeKey: subscriptionId,
      environment: this.toss.environment,
      userId,
    };
    const row = await this.subscriptions.open(tx, sale);
    const anchorAt = isTrial ? trialEndOf(now) : now;
    const { priceKrw } = consent;
    const contract = await tx.prisma.tossContract.create({
      data: { subscriptionId, billingMethodId, plan, priceKrw, anchorAt, nextAttemptAt: anchorAt },
    });
    const agreed = { plan, chargesFrom: anchorAt, ...consent };
    await this.contracts.consent(tx, subscriptionId, isTrial ? 'trial_to_paid' : 'purchase', agreed);
    const nowMs = now.getTime();
    const facts = isTrial
      ? [trialPeriod(now, plan), renewing(anchorAt)]
      : [renewal({ renews: true, retriesUntilMs: graceUnsettledMs(nowMs, nowMs) })];
    const held = await this.contracts.change(tx, { row, contract, sale }, {}, facts);
    if (isTrial)
      await this.settlements.tell(
        tx,
        held,
        `toss-trial:${subscriptionId}`,
        texts.trialStarted(anchorAt, priceKrw),
      );
    return subscriptionId;
  }

  /** What is asked for in vain is asked for at once. */
  private async replaceCard(tx: Transaction, held: Held, billingMethodId: string): Promise<void> {
    const { subscriptionId, billingMethodId: former, firstFailedAt } = held.contract;
    await tx.prisma.tossContract.update({
      where: { subscriptionId },
      data: { billingMethodId, ...(firstFailedAt && { nextAttemptAt: this.clock.now() }) },
    });
    if (former) await this.contracts.removeCard(tx, former);
  }

  private async liveOf(tx: Transaction, userId: string): Promise<Held | null> {
    const id = await newestBilledOf(tx, userId);
    const held = id ? await this.contracts.lock(tx, id) : null;
    return held && this.contracts.isLive(held) ? held : null;
  }

  /** @throws validation-failed, price-changed, consent-outdated */
  private check({ plan, consent }: Wish): Bought {
    if (!plan || !consent) {
      const missing = { plan, consent };
      const paths = (['plan', 'consent'] as const).filter((path) => !missing[path]);
      throw validationFailed({ errors: paths.map(required) });
    }
    checkConsent(consent, priceKrwOf(plan, this.config));
    return { plan, consent };
  }

  /** @throws payment-declined when the first payment was, so that nothing has begun */
  private async refuseDeclined(tx: Transaction, subscriptionId: string): Promise<void> {
    const { row } = (await this.contracts.lock(tx, subscriptionId))!;
    if (row.standing.paidUntilMs === null && row.standing.endedAtMs !== null) throw errors.paymentDeclined();
  }
}

/** @throws price-changed, consent-outdated */
export function checkConsent({ priceKrw, textVersion }: ChargeConsentIn, currentKrw: number): void {
  if (priceKrw !== currentKrw) throw errors.priceChanged({ members: { priceKrw: currentKrw } });
  if (textVersion !== CONSENT_TEXT_VERSION)
    throw errors.consentOutdated({ members: { textVersion: CONSENT_TEXT_VERSION } });
}

const trialPeriod = (from: Date, plan: Plan): UnnumberedFact => ({
  key: 'period:trial',
  ...{ startsAtMs: from.getTime(), endsAtMs: trialEndOf(from).getTime() },
  ...{ isTrial: true, plan, productId: null, currency: 'KRW' },
  ...{ paidMilli: 0, refundedMilli: 0, endedAtMs: null, isRevoked: false },
});

const required = (path: string): FieldError => ({
  path,
  code: 'required',
  message: { ko: '꼭 필요해요.', en: 'This is required.' },
});
