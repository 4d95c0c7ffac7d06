import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CONFIG, type Config } from '../../../../config/config.js';
import type { Prisma, TossContract, TossOrder } from '../../../../generated/prisma/client.js';
import type { ChargeConsentKind, Plan } from '../../../../generated/prisma/enums.js';
import { Clock } from '../../../../platform/clock/clock.js';
import type { Connection, Transaction } from '../../../../platform/database/database.js';
import { Queue } from '../../../../platform/queue/queue.js';
import {
  isOver,
  lockSubscription,
  NOTHING_SAID,
  type PeriodFact,
  type RenewalFact,
  type SaleKey,
  stateAt,
  type SubscriptionRow,
  Subscriptions,
} from '../../../entitlement/index.js';
import { lockUser } from '../../../users/index.js';
import type { ChargeConsentIn } from '../../payments.schemas.js';
import { priceKrwOf } from '../../plans.js';
import { deleteBillingKey } from './billing.jobs.js';
import type { BilledSubscription } from './billing.schemas.js';
import { boundaryOf } from './periods.js';
import { graceUnaskedMs, type PriceFacts, renewalPrice } from './rules.js';

/** A contract with its subscription, under their locks: it stays so until the transaction ends. */
export interface Held {
  row: SubscriptionRow;
  contract: TossContract;
  sale: SaleKey;
}

/** What the next period is charged as, and for how much (`renewalPrice`). */
interface Price extends PriceFacts {
  plan: Plan;
  priceKrw: number | 'not-agreed';
}

/** A fact before the contract has numbered it. */
export type UnnumberedFact = Omit<PeriodFact, 'asOf'> | Omit<RenewalFact, 'asOf'>;

/** What our own billing knows of a subscription, and says of it: facts numbered by the contract's revision. */
@Injectable()
export class Contracts {
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly queue: Queue,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Locks user, subscription and contract, in this order. Null: the subscription is not of our own billing. */
  async lock(tx: Transaction, subscriptionId: string): Promise<Held | null> {
    const known = await tx.prisma.subscription.findUnique({
      where: { id: subscriptionId, store: 'toss' },
      select: { userId: true, storeKey: true, environment: true },
    });
    if (!known) return null;
    const { userId, ...key } = known;
    if (userId) await lockUser(tx, userId);
    const row = (await lockSubscription(tx, subscriptionId))!;
    const contract = await tx.prisma.tossContract.findUnique({ where: { subscriptionId } });
    return contract && { row, contract, sale: { store: 'toss', ...key } };
  }

  /** Changes the contract, and says what follows from it. */
  async change(
    tx: Transaction,
    { contract, sale }: Held,
    data: Prisma.TossContractUncheckedUpdateInput,
    facts: readonly UnnumberedFact[],
  ): Promise<Held> {
    const { subscriptionId, revision } = contract;
    const changed = await tx.prisma.tossContract.update({
      where: { subscriptionId },
      data: { ...data, revision: revision + facts.length },
    });
    const numbered = facts.map((fact, i) => ({ ...fact, asOf: revision + i + 1 }));
    return { row: await this.subscriptions.learn(tx, sale, numbered), contract: changed, sale };
  }

  /** No further charges. Access stays to the end of what was paid for; where that is over, it ends now. */
  async stop(tx: Transaction, held: Held): Promise<Held> {
    const nowMs = this.clock.nowMs();
    const { graceUntilMs, retriesUntilMs } = held.row.standing;
    // What became of a charge in doubt is found out first: then it ends, or the period that was paid stays.
    if (await this.isInDoubt(tx, held))
      return this.change(tx, held, {}, [renewal({ graceUntilMs, retriesUntilMs })]);
    const isOver = (held.row.standing.paidUntilMs ?? 0) <= nowMs;
    return this.change(tx, held, { nextAttemptAt: null, firstFailedAt: null }, [
      renewal({ endedAtMs: isOver ? nowMs : null }),
    ]);
  }

  /**
   * Who is charged. Null: nobody, as the account was erased, is about to be, or is suspended: nobody pays for what they
   * may not use.
   */
  async payerOf(tx: Transaction, { row }: Held): Promise<{ customerKey: string } | null> {
    if (!row.userId) return null;
    const user = await tx.prisma.user.findUnique({
      where: { id: row.userId, suspendedAt: null, deletionRequestedAt: null },
      select: { billingId: true },
    });
    return user && { customerKey: user.billingId };
  }

  isInDoubt(tx: Transaction, { row }: Held): Promise<boolean> {
    return openOrderOf(tx, row.id).then((order) => order !== null);
  }

  /** Whether there is anything left of it: access, or something to be charged. */
  isLive({ row, contract }: Held): boolean {
    if (contract.nextAttemptAt) return true;
    return !isOver(stateAt(row.standing, this.clock.nowMs()));
  }

  async consent(
    tx: Transaction,
    subscriptionId: string,
    kind: ChargeConsentKind,
    given: ChargeConsentIn & { plan: Plan; chargesFrom: Date },
  ): Promise<void> {
    const at = this.clock.now();
    await tx.prisma.chargeConsent.create({
      data: { id: uuidv7({ msecs: at.getTime() }), subscriptionId, kind, ...given, at },
    });
  }

  /** What the next period is charged as, and what its price hangs on. */
  async nextPrice(db: Connection, contract: TossContract): Promise<Price> {
    const { subscriptionId, nextPlan, toldPriceKrw: toldKrw, toldAt } = contract;
    const plan = nextPlan ?? contract.plan;
    const consents = await db.prisma.chargeConsent.findMany({
      where: { subscriptionId, plan, kind: { in: ['plan_change', 'price_raise'] } },
      orderBy: { at: 'desc' },
    });
    const change = nextPlan && consents.find(({ kind }) => kind === 'plan_change');
    const facts = {
      ...{ toldKrw, toldAt },
      agreedKrw: change?.priceKrw ?? contract.priceKrw,
      currentKrw: priceKrwOf(plan, this.config),
      raiseConsents: consents.filter(({ kind }) => kind === 'price_raise'),
      dueAt: boundaryOf(contract, contract.nextPeriod),
    };
    return { ...facts, plan, priceKrw: renewalPrice(facts) };
  }

  /** As its owner sees it. */
  async view(tx: Transaction, subscriptionId: string): Promise<BilledSubscription> {
    const { row, contract } = (await this.lock(tx, subscriptionId))!;
    const { standing, accessUntil } = row;
    const nowMs = this.clock.nowMs();
    const isCharged = standing.renews && contract.nextAttemptAt !== null;
    const next = isCharged ? await this.nextPrice(tx, contract) : null;
    return {
      ...{ subscriptionId, store: 'toss' as const, state: stateAt(standing, nowMs), accessUntil },
      ...{ plan: contract.plan, nextPlan: contract.nextPlan },
      trial: standing.trialUntilMs !== null && standing.trialUntilMs > nowMs,
      nextChargeAt: isCharged ? contract.nextAttemptAt : null,
      nextChargeKrw: next && (next.priceKrw === 'not-agreed' ? next.currentKrw : next.priceKrw),
    };
  }

  /** Takes a card out of use; a job deletes it at Toss. */
  async removeCard(tx: Transaction, billingMethodId: string): Promise<void> {
    const { count } = await tx.prisma.billingMethod.updateMany({
      where: { id: billingMethodId, removedAt: null },
      data: { removedAt: this.clock.now() },
    });
    if (count === 1) await this.queue.enqueue(tx, deleteBillingKey, { billingMethodId });
  }
}

/** It does not go on, but for what is said. */
export const renewal = (said: Partial<RenewalFact>): UnnumberedFact => ({ ...NOTHING_SAID, ...said });

/** It goes on with the period that begins then. */
export const renewing = (from: Date): UnnumberedFact =>
  renewal({ renews: true, graceUntilMs: graceUnaskedMs(from.getTime()) });

/** The order that was written down and not settled; there is at most one. */
export const openOrderOf = (tx: Transaction, subscriptionId: string): Promise<TossOrder | null> =>
  tx.prisma.tossOrder.findFirst({ where: { subscriptionId, kind: 'renewal', state: 'open' } });
