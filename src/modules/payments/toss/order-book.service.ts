import { Injectable, Logger } from '@nestjs/common';
import type { TossOrder } from '../../../generated/prisma/client.js';
import { Clock } from '../../../platform/clock/clock.js';
import { addMonthsKst } from '../../../platform/clock/kst.js';
import { Database, type Transaction } from '../../../platform/database/database.js';
import { Queue } from '../../../platform/queue/queue.js';
import { type PeriodFact, premiumUntilOf, type SaleKey, Subscriptions } from '../../entitlement/index.js';
import { lockUser } from '../../users/index.js';
import { MONTHS_OF } from '../plans.js';
import { chargeSubscription } from './billing/billing.jobs.js';
import { Contracts } from './billing/contracts.service.js';
import { isOurs, moveOrder, paidPeriod } from './order-moves.js';
import { outcomeOf, type TossPayment } from './outcome.js';
import { TossApi } from './toss-api.js';

/** An order under the locks of its user and subscription: it stays so until the transaction ends. */
export interface LockedOrder {
  order: TossOrder;
  userId: string | null;
  sale: SaleKey;
}

const MILLI = 1_000;

/** Writes down what Toss says of our orders, whatever way it came: the same again changes nothing. */
@Injectable()
export class OrderBook {
  private readonly log = new Logger(OrderBook.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly toss: TossApi,
    private readonly subscriptions: Subscriptions,
    private readonly contracts: Contracts,
  ) {}

  /** @param id the row's */
  async lock(tx: Transaction, id: string): Promise<LockedOrder> {
    const { subscriptionId, subscription } = await tx.prisma.tossOrder.findUniqueOrThrow({
      where: { id },
      select: {
        subscriptionId: true,
        subscription: { select: { userId: true, storeKey: true, environment: true } },
      },
    });
    const { userId, ...key } = subscription;
    if (userId) await lockUser(tx, userId);
    const sale: SaleKey = { store: 'toss', ...key };
    await this.subscriptions.open(tx, sale);
    const order = await tx.prisma.tossOrder.findUniqueOrThrow({ where: { id, subscriptionId } });
    return { order, userId, sale };
  }

  /** Asks Toss, and writes it down. @throws provider-unavailable */
  async sync(id: string): Promise<void> {
    const { orderId, paymentKey } = await this.db.prisma.tossOrder.findUniqueOrThrow({ where: { id } });
    const payment = await (paymentKey ? this.toss.find(paymentKey) : this.toss.findByOrder(orderId));
    if (payment) await this.db.transaction((tx) => this.apply(tx, id, payment));
    else if (paymentKey) this.log.warn({ orderId }, 'Toss does not know the payment of an order');
  }

  /** @param payment as Toss gave it to us, not to anybody else */
  async apply(tx: Transaction, id: string, payment: TossPayment): Promise<TossOrder> {
    const locked = await this.lock(tx, id);
    const { order } = locked;
    if (!isOurs(order, payment)) {
      const { orderId } = order;
      this.log.error({ alarm: 'toss-differs', orderId }, 'Toss has another payment under our order');
      return order;
    }
    const outcome = outcomeOf(payment);
    const isPaid = order.state === 'paid';
    if (!isPaid && order.kind === 'renewal') {
      // The contract's next step hangs on it: its own job asks Toss as well.
      const { subscriptionId } = order;
      if (order.state === 'open') await this.queue.enqueue(tx, chargeSubscription, { subscriptionId });
      else if (outcome.kind === 'done')
        this.log.error({ alarm: 'toss-differs', orderId: order.orderId }, 'a given up charge was made');
      return order;
    }
    if (outcome.kind === 'done') {
      const paid = isPaid ? order : await this.writePaid(tx, locked, payment);
      return this.takeRefunds(tx, { ...locked, order: paid }, payment);
    }
    const isDeclined = outcome.kind === 'declined' && order.paymentKey === payment.paymentKey;
    return isDeclined && order.state === 'open' ? this.decline(tx, id, outcome.code) : order;
  }

  /** It was not paid and will not be. */
  async decline(tx: Transaction, id: string, code: string): Promise<TossOrder> {
    const { order } = await this.lock(tx, id);
    if (order.state !== 'open') return order;
    this.log.log({ orderId: order.orderId, code }, 'a payment was declined');
    return moveOrder(tx, order, 'declined', { declineCode: code, settledAt: this.clock.now() });
  }

  /** Nobody will pay it. */
  async giveUp(tx: Transaction, id: string): Promise<void> {
    const { order } = await this.lock(tx, id);
    if (order.state === 'open') await moveOrder(tx, order, 'void', { settledAt: this.clock.now() });
  }

  /** Toss was asked for nothing, or did nothing: another payment may be tried. */
  async release(tx: Transaction, id: string): Promise<TossOrder> {
    const { order } = await this.lock(tx, id);
    if (order.state !== 'open') return order;
    return tx.prisma.tossOrder.update({ where: { id }, data: { paymentKey: null } });
  }

  /** The fact of the period that an order paid for. */
  async periodOf(tx: Transaction, { orderId, subscriptionId }: TossOrder): Promise<PeriodFact> {
    const facts = await this.subscriptions.factsOf(tx, subscriptionId);
    const period = facts.find((fact): fact is PeriodFact => fact.key === `period:${orderId}`);
    if (!period) throw new Error('A paid order without its period');
    return period;
  }

  /** One-off: it begins when the premium there is ends, so that nothing that was paid for is lost. */
  private async writePaid(
    tx: Transaction,
    { order, sale, userId }: LockedOrder,
    { paymentKey, receiptUrl, approvedAt }: TossPayment,
  ): Promise<TossOrder> {
    const now = this.clock.now();
    const premiumUntil = userId && (await premiumUntilOf(tx, userId, now));
    const periodFrom = premiumUntil && premiumUntil > now ? premiumUntil : now;
    const periodTo = addMonthsKst(periodFrom, MONTHS_OF[order.plan]);
    const paidAt = approvedAt ?? now;
    const paid = { paymentKey, receiptUrl, paidAt, periodFrom, periodTo, declineCode: null, settledAt: now };
    await this.subscriptions.learn(tx, sale, [{ ...paidPeriod({ ...order, ...paid }), asOf: 1 }]);
    return moveOrder(tx, order, 'paid', paid);
  }

  /** A refund that we asked for, or of all, ends the period and the renewal; a part given back by hand is only money. */
  private async takeRefunds(
    tx: Transaction,
    { order, sale }: LockedOrder,
    { balanceAmountKrw, cancels }: TossPayment,
  ): Promise<TossOrder> {
    const refundedKrw = order.amountKrw - balanceAmountKrw;
    if (refundedKrw <= order.refundedKrw) return order;
    const isAskedFor = order.refundingKrw !== null && refundedKrw >= order.refundedKrw + order.refundingKrw;
    const isOver = isAskedFor || balanceAmountKrw === 0;
    const now = this.clock.now();
    const period = await this.periodOf(tx, order);
    const refunded: PeriodFact = {
      ...period,
      asOf: period.asOf + 1,
      refundedMilli: refundedKrw * MILLI,
      ...(isOver && { endedAtMs: (cancels.at(-1)?.canceledAt ?? now).getTime(), isRevoked: true }),
    };
    const held = await this.contracts.lock(tx, order.subscriptionId);
    if (held) {
      const after = await this.contracts.change(tx, held, {}, [refunded]);
      if (isOver && order.periodTo! > now) await this.contracts.stop(tx, after);
    } else await this.subscriptions.learn(tx, sale, [refunded]);
    return tx.prisma.tossOrder.update({
      where: { id: order.id },
      data: { refundedKrw, ...(isOver && { refundingKrw: null }) },
    });
  }
}
