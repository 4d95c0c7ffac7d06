import { Injectable, Logger } from '@nestjs/common';
import type { TossOrder } from '../../../generated/prisma/client.js';
import { Clock } from '../../../platform/clock/clock.js';
import { Database, type Transaction } from '../../../platform/database/database.js';
import { failpoint } from '../../../platform/failpoint.js';
import { Problem } from '../../../platform/http/problem.js';
import { Queue } from '../../../platform/queue/queue.js';
import { Contracts } from './billing/contracts.service.js';
import type { TossPayment } from './outcome.js';
import { OrderBook } from './orders-book.service.js';
import { PaymentInDoubt } from './orders-confirm.service.js';
import { patiently } from './orders-patience.js';
import * as errors from './orders.errors.js';
import { settleTossOrder } from './orders.jobs.js';
import { refundKrw } from './refund-policy.js';
import { TossApi } from './toss-api.js';

/** When a job looks at a refund whose process may have died: after Toss's timeout. */
const LOOKED_AT_AFTER_MS = 60_000;
const REASON = '고객 환불 요청';

/**
 * Refunds of what was paid through Toss, renewal or one-off, while its period runs or is still to come. How much:
 * `refundKrw`. The access by that period ends with the refund; renewal stops when it is asked for, also if Toss then
 * refuses it. Of several periods that follow each other the latest is refunded first, or else the time of a later one
 * would have been given for nothing.
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
    const order = await this.db.transaction((tx) => this.begin(tx, userId, orderId));
    if (order.refundingKrw === null) return order;
    failpoint('toss.refund-written');
    const { settled, code, isRefused } = await this.giveBack(order);
    if (settled) return settled;
    if (isRefused) throw errors.refundRefused();
    this.log.warn({ orderId, code }, 'a refund is in doubt');
    await this.db.transaction((tx) => this.queue.enqueue(tx, settleTossOrder, { orderId: order.id }));
    throw errors.refundPending({ headers: { 'retry-after': '5' } });
  }

  /** By the queue, for an order with a refund that was asked for. @throws PaymentInDoubt: to be tried again */
  async settle(order: TossOrder): Promise<void> {
    const onRecord = await this.toss.find(order.paymentKey!);
    if (onRecord && isGivenBack(order, onRecord)) {
      await this.db.transaction((tx) => this.book.apply(tx, order.id, onRecord));
      return;
    }
    const { settled, code, isRefused } = await this.giveBack(order);
    if (!settled && !isRefused) throw new PaymentInDoubt(code);
  }

  /** Writes down what will be given back, before Toss is asked. */
  private async begin(tx: Transaction, userId: string, orderId: string): Promise<TossOrder> {
    const found = await tx.prisma.tossOrder.findFirst({
      where: { orderId, subscription: { userId } },
      select: { id: true },
    });
    if (!found) throw errors.orderNotFound();
    const { order } = await this.book.lock(tx, found.id);
    if (order.state !== 'paid') throw errors.notRefundable({ members: { reason: 'not-paid' } });
    if (order.refundingKrw !== null || (await this.book.periodOf(tx, order)).isRevoked) return order;
    const refundingKrw = await this.amountOf(tx, userId, order);
    const held = await this.contracts.lock(tx, order.subscriptionId);
    if (held?.row.standing.renews) await this.contracts.stop(tx, held);
    const runAt = new Date(this.clock.nowMs() + LOOKED_AT_AFTER_MS);
    await this.queue.enqueue(tx, settleTossOrder, { orderId: order.id }, { runAt });
    return tx.prisma.tossOrder.update({ where: { id: order.id }, data: { refundingKrw } });
  }

  private async amountOf(tx: Transaction, userId: string, order: TossOrder): Promise<number> {
    const { amountKrw, refundedKrw } = order;
    const [paidAt, periodFrom, periodTo] = [order.paidAt!, order.periodFrom!, order.periodTo!];
    const now = this.clock.now();
    if (now >= periodTo) throw errors.notRefundable({ members: { reason: 'period-over' } });
    const later = await tx.prisma.tossOrder.findMany({
      where: { subscription: { userId }, state: 'paid', periodFrom: { gte: periodTo } },
    });
    for (const other of later)
      if (!(await this.book.periodOf(tx, other)).isRevoked)
        throw errors.notRefundable({ members: { reason: 'later-period-first' } });
    const krw = Math.min(
      refundKrw({ amountKrw, paidAt, periodFrom, periodTo }, now),
      amountKrw - refundedKrw,
    );
    if (krw <= 0) throw errors.notRefundable({ members: { reason: 'nothing-left' } });
    return krw;
  }

  private async giveBack(
    order: TossOrder,
  ): Promise<{ settled: TossOrder | null; code: string; isRefused: boolean }> {
    const { id, orderId, refundingKrw } = order;
    const paymentKey = order.paymentKey!;
    const asked = { paymentKey, amountKrw: refundingKrw!, reason: REASON, idempotencyKey: `refund:${id}` };
    const outcome = await patiently(() => this.toss.cancel(asked));
    failpoint('toss.refunded');
    const code = outcome.kind === 'done' ? outcome.payment.status : outcome.code;
    const payment = outcome.kind === 'done' ? outcome.payment : await this.onRecord(paymentKey);
    if (payment && isGivenBack(order, payment))
      return {
        settled: await this.db.transaction((tx) => this.book.apply(tx, id, payment)),
        ...{ code, isRefused: false },
      };
    if (outcome.kind !== 'refused') return { settled: null, code, isRefused: false };
    this.log.error({ alarm: 'refund-refused', orderId, code }, 'Toss refuses a refund');
    await this.db.transaction((tx) =>
      tx.prisma.tossOrder.updateMany({ where: { id, refundingKrw }, data: { refundingKrw: null } }),
    );
    return { settled: null, code, isRefused: true };
  }

  private onRecord(paymentKey: string): Promise<TossPayment | null> {
    return this.toss.find(paymentKey).catch((error: unknown) => {
      if (error instanceof Problem) return null;
      throw error;
    });
  }
}

const isGivenBack = ({ amountKrw, refundedKrw, refundingKrw }: TossOrder, payment: TossPayment): boolean =>
  amountKrw - payment.balanceAmountKrw >= refundedKrw + refundingKrw!;
