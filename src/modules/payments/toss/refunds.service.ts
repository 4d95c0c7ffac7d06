import { Injectable, Logger } from '@nestjs/common';
import type { TossOrder } from '../../../generated/prisma/client.js';
import { Clock } from '../../../platform/clock/clock.js';
import { Database, type Transaction } from '../../../platform/database/database.js';
import { failpoint } from '../../../platform/failpoint.js';
import { Queue } from '../../../platform/queue/queue.js';
import { Contracts } from './billing/contracts.service.js';
import { InDoubt, type TossPayment } from './outcome.js';
import { OrderBook } from './order-book.service.js';
import { patiently } from './orders-patience.js';
import * as errors from './orders.errors.js';
import { LOOKED_AT_AFTER_MS, settleTossOrder } from './orders.jobs.js';
import { refundKrw } from './refund-policy.js';
import { TossApi } from './toss-api.js';

const REASON = '고객 환불 요청';

/** What became of a refund; neither settled nor refused: nobody knows. */
interface Given {
  settled: TossOrder | null;
  code: string;
  isRefused: boolean;
}

/**
 * Refunds of what was paid through Toss, renewal or one-off. How much: `refundKrw`. The access by that period ends with
 * the refund; renewal stops when it is asked for, also if Toss then refuses it. Of several periods that follow each
 * other the latest is refunded first, or else the time of a later one would have been given for nothing.
 *
 * Each attempt has an idempotency key of its own, as Toss repeats also an error for 15 days. The next attempt begins
 * only after an error of Toss and a lookup without the refund; without an answer it stays the same attempt. And whoever
 * goes on with a refund looks it up first.
 */
@Injectable()
export class Refunds {
  private readonly log = new Logger(Refunds.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly toss: TossApi,
    private readonly book: OrderBook,
    private readonly contracts: Contracts,
  ) {}

  /**
   * The same again has the same answer.
   * @throws order-not-found, not-refundable, refund-refused
   * @throws refund-pending (503) when nobody knows: a job finds out
   */
  async refund(userId: string, orderId: string): Promise<TossOrder> {
    const { order, isNew } = await this.db.transaction((tx) => this.begin(tx, userId, orderId));
    if (order.refundingKrw === null) return order;
    failpoint('toss.refund-written');
    const { settled, code, isRefused } = await (isNew ? this.giveBack(order) : this.goOn(order));
    if (settled) return settled;
    if (isRefused) throw errors.refundRefused();
    this.log.warn({ orderId, code }, 'a refund is in doubt');
    await this.db.transaction((tx) => this.queue.enqueue(tx, settleTossOrder, { orderId: order.id }));
    throw errors.refundPending({ headers: { 'retry-after': '5' } });
  }

  /** By the queue, for an order with a refund that was asked for. @throws InDoubt: to be tried again */
  async settle(order: TossOrder): Promise<void> {
    const { settled, code, isRefused } = await this.goOn(order);
    if (!settled && !isRefused) throw new InDoubt(code);
  }

  /** Writes down what will be given back, before Toss is asked. */
  private async begin(
    tx: Transaction,
    userId: string,
    orderId: string,
  ): Promise<{ order: TossOrder; isNew: boolean }> {
    const found = await tx.prisma.tossOrder.findFirst({
      where: { orderId, subscription: { userId } },
      select: { id: true },
    });
    if (!found) throw errors.orderNotFound();
    const { order } = await this.book.lock(tx, found.id);
    if (order.state !== 'paid') throw errors.notRefundable({ members: { reason: 'not-paid' } });
    if (order.refundingKrw !== null || (await this.book.periodOf(tx, order)).isRevoked)
      return { order, isNew: false };
    const refundingKrw = await this.amountOf(tx, userId, order);
    const held = await this.contracts.lock(tx, order.subscriptionId);
    if (held?.row.standing.renews) await this.contracts.stop(tx, held);
    const runAt = new Date(this.clock.nowMs() + LOOKED_AT_AFTER_MS);
    await this.queue.enqueue(tx, settleTossOrder, { orderId: order.id }, { runAt });
    const data = { refundingKrw, refundAttempts: { increment: 1 } };
    return { order: await tx.prisma.tossOrder.update({ where: { id: order.id }, data }), isNew: true };
  }

  private async amountOf(tx: Transaction, userId: string, order: TossOrder): Promise<number> {
    const { id, amountKrw, refundedKrw } = order;
    const [paidAt, periodFrom, periodTo] = [order.paidAt!, order.periodFrom!, order.periodTo!];
    const now = this.clock.now();
    const others = await tx.prisma.tossOrder.findMany({
      where: { subscription: { userId }, state: 'paid', id: { not: id } },
    });
    const hasWithdrawn = others.some(
      (other) => other.refundedKrw + (other.refundingKrw ?? 0) >= other.amountKrw,
    );
    const krw = Math.min(
      refundKrw({ amountKrw, paidAt, periodFrom, periodTo, hasWithdrawn }, now),
      amountKrw - refundedKrw,
    );
    if (krw <= 0)
      throw errors.notRefundable({ members: { reason: now >= periodTo ? 'period-over' : 'nothing-left' } });
    for (const other of others)
      if (other.periodFrom! >= periodTo && !(await this.book.periodOf(tx, other)).isRevoked)
        throw errors.notRefundable({ members: { reason: 'later-period-first' } });
    return krw;
  }

  /** With a refund that somebody began before: it may be made. */
  private async goOn(order: TossOrder): Promise<Given> {
    const onRecord = await this.toss.findOrNull(order.paymentKey!);
    if (!onRecord) return { settled: null, code: 'NOT_LOOKED_UP', isRefused: false };
    return isGivenBack(order, onRecord) ? this.settled(order, onRecord) : this.giveBack(order);
  }

  private async giveBack(order: TossOrder): Promise<Given> {
    const { id, orderId, refundingKrw, refundAttempts } = order;
    const paymentKey = order.paymentKey!;
    const idempotencyKey = `refund:${id}:${refundAttempts}`;
    const asked = { paymentKey, amountKrw: refundingKrw!, reason: REASON, idempotencyKey };
    const outcome = await patiently(() => this.toss.cancel(asked));
    failpoint('toss.refunded');
    const onRecord = outcome.kind === 'done' ? outcome.payment : await this.toss.findOrNull(paymentKey);
    if (onRecord && isGivenBack(order, onRecord)) return this.settled(order, onRecord);
    const code = outcome.kind === 'done' ? outcome.payment.status : outcome.code;
    const isRefused = outcome.kind === 'refused';
    if (isRefused) this.log.error({ alarm: 'refund-refused', orderId, code }, 'Toss refuses a refund');
    const isError = isRefused || (outcome.kind === 'unknown' && outcome.isError);
    if (!onRecord || !isError) return { settled: null, code, isRefused: false };
    await this.db.transaction((tx) =>
      tx.prisma.tossOrder.updateMany({
        where: { id, refundingKrw, refundAttempts },
        data: isRefused ? { refundingKrw: null } : { refundAttempts: { increment: 1 } },
      }),
    );
    return { settled: null, code, isRefused };
  }

  private async settled({ id }: TossOrder, payment: TossPayment): Promise<Given> {
    const settled = await this.db.transaction((tx) => this.book.apply(tx, id, payment));
    return { settled, code: payment.status, isRefused: false };
  }
}

const isGivenBack = ({ amountKrw, refundedKrw, refundingKrw }: TossOrder, payment: TossPayment): boolean =>
  amountKrw - payment.balanceAmountKrw >= refundedKrw + refundingKrw!;
