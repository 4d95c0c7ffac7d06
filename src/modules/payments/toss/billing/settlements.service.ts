import { Injectable, Logger } from '@nestjs/common';
import type { TossOrder } from '../../../../generated/prisma/client.js';
import { Clock } from '../../../../platform/clock/clock.js';
import type { Transaction } from '../../../../platform/database/database.js';
import { Queue } from '../../../../platform/queue/queue.js';
import { type Note, Notifications } from '../../../notifications/index.js';
import { isOurs, moveOrder, paidPeriod } from '../order-moves.js';
import type { DeclineKind, TossPayment } from '../outcome.js';
import { chargeSubscription } from './billing.jobs.js';
import * as texts from './billing-texts.js';
import { Contracts, type Held, renewal, renewing } from './contracts.service.js';
import { graceUnsettledMs, nextRetryAt } from './rules.js';

/** Of an attempt at a contract whose card was taken away. */
export const NO_CARD = 'NO_CARD';

/** What follows from an attempt, under the contract's lock. */
@Injectable()
export class Settlements {
  private readonly log = new Logger(Settlements.name);

  constructor(
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly notifications: Notifications,
    private readonly contracts: Contracts,
  ) {}

  /** The money was taken: the period is bought, also when nobody waits for it any more. Once for an order. */
  async paid(tx: Transaction, held: Held, order: TossOrder, payment: TossPayment): Promise<void> {
    const { contract } = held;
    if (order.state === 'paid') return;
    if (!isOurs(order, payment)) {
      const { orderId } = order;
      this.log.error({ alarm: 'toss-differs', orderId }, 'Toss has another payment under our order');
      throw new Error('Toss has another payment under our order');
    }
    if (order.period !== contract.nextPeriod) {
      this.log.error({ alarm: 'toss-paid-twice', orderId: order.orderId }, 'a period was paid for twice');
      throw new Error('A second payment for one period: to be refunded by hand');
    }
    const { renews } = held.row.standing;
    const now = this.clock.now();
    const { paymentKey, receiptUrl, approvedAt } = payment;
    const paidAt = approvedAt ?? now;
    await moveOrder(tx, order, 'paid', { paymentKey, receiptUrl, paidAt, declineCode: null, settledAt: now });
    const to = order.periodTo!;
    const isOtherPlan = order.plan !== contract.plan;
    await this.contracts.change(
      tx,
      held,
      {
        ...{ nextPeriod: order.period + 1, nextAttemptAt: renews ? to : null },
        ...{ firstFailedAt: null, priceKrw: order.amountKrw },
        ...(isOtherPlan && { plan: order.plan, anchorAt: order.periodFrom!, anchorPeriod: order.period }),
        ...(order.plan === contract.nextPlan && { nextPlan: null }),
        ...((isOtherPlan || order.amountKrw === contract.toldPriceKrw) && {
          toldPriceKrw: null,
          toldAt: null,
        }),
      },
      [paidPeriod(order), renews ? renewing(to) : renewal({})],
    );
    await this.tell(tx, held, `toss-paid:${order.id}`, texts.paid(order.amountKrw, to));
    const { subscriptionId } = order;
    if (renews && to <= now) await this.queue.enqueue(tx, chargeSubscription, { subscriptionId });
  }

  /** Nothing was taken: tried again, or the end. A first payment that is declined is not tried again. */
  async declined(
    tx: Transaction,
    held: Held,
    order: TossOrder,
    { decline, code }: { decline: DeclineKind; code: string },
  ): Promise<void> {
    const now = this.clock.now();
    const { standing } = held.row;
    await moveOrder(tx, order, 'declined', { declineCode: code, settledAt: now });
    this.log.log({ orderId: order.orderId, decline, code }, 'a charge was declined');
    const firstFailedAt = held.contract.firstFailedAt ?? now;
    const retryAt = nextRetryAt(firstFailedAt, now);
    const isFirst = standing.paidUntilMs === null;
    if (isFirst || !standing.renews || !retryAt) {
      await this.end(tx, held);
      const text = isFirst ? texts.notBegun : texts.gaveUp;
      if (standing.renews) await this.tell(tx, held, `toss-ended:${order.id}`, { ...text, urgent: true });
      return;
    }
    await this.contracts.change(tx, held, { firstFailedAt, nextAttemptAt: retryAt }, [
      renewal({
        renews: true,
        graceUntilMs: graceUnsettledMs(standing.paidUntilMs!, firstFailedAt.getTime()),
      }),
    ]);
    await this.tell(tx, held, `toss-declined:${order.id}`, {
      ...texts.declined(order.amountKrw, retryAt),
      urgent: true,
    });
  }

  /**
   * Toss knows nothing of it, and it is not asked for any more. A renewal whose card was replaced meanwhile is a new
   * attempt with the new one; a first payment is not made so late that it would come as a surprise.
   */
  async neverMade(tx: Transaction, held: Held, order: TossOrder): Promise<void> {
    const { contract, row } = held;
    const { renews, paidUntilMs } = row.standing;
    const isWanted = order.period === contract.nextPeriod && renews;
    const isFirst = paidUntilMs === null;
    const payer = await this.contracts.payerOf(tx, held);
    const isReplaced = contract.billingMethodId !== order.billingMethodId;
    if (isWanted && !isFirst && payer && !isReplaced)
      return this.declined(tx, held, order, { decline: 'hard', code: NO_CARD });
    await moveOrder(tx, order, 'void', { settledAt: this.clock.now() });
    if (order.period !== contract.nextPeriod) return;
    const { subscriptionId } = order;
    if (isWanted && !isFirst && payer) return this.queue.enqueue(tx, chargeSubscription, { subscriptionId });
    await this.end(tx, held);
    if (!renews) return;
    const text = payer ? texts.notMade : texts.notCharged;
    await this.tell(tx, held, `toss-ended:${order.id}`, { ...text, urgent: true });
  }

  /** Its owner is about to leave, or is suspended. */
  async notCharged(tx: Transaction, held: Held): Promise<void> {
    const { subscriptionId, nextPeriod } = held.contract;
    await this.end(tx, held);
    await this.tell(tx, held, `toss-not-charged:${subscriptionId}:${nextPeriod}`, {
      ...texts.notCharged,
      urgent: true,
    });
  }

  /** The price rose, and the owner did not say yes. */
  async notAgreed(tx: Transaction, held: Held): Promise<void> {
    const { subscriptionId, nextPeriod } = held.contract;
    await this.end(tx, held);
    await this.tell(tx, held, `toss-not-agreed:${subscriptionId}:${nextPeriod}`, {
      ...texts.notAgreed,
      urgent: true,
    });
  }

  /** What the owner is told of a charge; nobody is told of a subscription that has lost its owner. */
  async tell(
    tx: Transaction,
    { row }: Held,
    dedupeKey: string,
    note: Pick<Note, 'title' | 'body' | 'urgent' | 'staleAt'>,
  ): Promise<void> {
    if (!row.userId) return;
    const data = { subscriptionId: row.id };
    await this.notifications.notify(tx, {
      ...{ userId: row.userId, type: 'subscription', dedupeKey, data },
      ...note,
    });
  }

  private end(tx: Transaction, held: Held): Promise<Held> {
    const over = { nextAttemptAt: null, nextPlan: null, firstFailedAt: null };
    return this.contracts.change(tx, held, over, [renewal({ endedAtMs: this.clock.nowMs() })]);
  }
}
