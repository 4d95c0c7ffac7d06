import { Injectable, Logger } from '@nestjs/common';
import type { TossOrder } from '../../../generated/prisma/client.js';
import { Clock } from '../../../platform/clock/clock.js';
import { Database, type Transaction } from '../../../platform/database/database.js';
import { failpoint } from '../../../platform/failpoint.js';
import { Problem } from '../../../platform/http/problem.js';
import { Queue } from '../../../platform/queue/queue.js';
import { storeUnavailable } from '../payments.errors.js';
import { paymentDeclined } from './billing/billing.errors.js';
import { isOurs } from './order-moves.js';
import { type DeclineKind, InDoubt, outcomeOf, type TossOutcome } from './outcome.js';
import { OrderBook } from './order-book.service.js';
import { patiently } from './orders-patience.js';
import * as errors from './orders.errors.js';
import { LOOKED_AT_AFTER_MS, settleTossOrder } from './orders.jobs.js';
import { isRenewing } from './orders.queries.js';
import type { Confirmation } from './orders.schemas.js';
import { TossApi } from './toss-api.js';
import { isAboutSettings, payingClassOf } from './toss-errors.js';

/** An order that nobody tried to pay, in Toss's window or ours. */
const GIVEN_UP_AFTER_MS = 86_400_000;

/**
 * Confirms what was authorized in Toss's window. The order keeps the payment key before Toss is asked, and a job is
 * enqueued with it; so whoever is killed, or gets no answer, leaves behind enough to find out. Toss takes one
 * confirmation for an order and a payment key, so asking again charges nothing twice.
 */
@Injectable()
export class Confirmations {
  private readonly log = new Logger(Confirmations.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly toss: TossApi,
    private readonly book: OrderBook,
  ) {}

  /**
   * The same again has the same answer.
   * @throws order-not-found, amount-mismatch, order-settled, already-subscribed
   * @throws payment-declined (402) with `decline`: soft, another time may do; hard, another card is needed
   * @throws payment-refused (422) when there is nothing to be confirmed
   * @throws payment-pending (503) when nobody knows: a job finds out
   */
  async confirm(userId: string, { paymentKey, orderId, amount }: Confirmation): Promise<TossOrder> {
    const order = await this.db.transaction((tx) => this.take(tx, userId, { paymentKey, orderId, amount }));
    if (order.state === 'paid') return order;
    if (order.state === 'declined') throw declinedAs(order);
    failpoint('toss.confirm-written');
    const asked = { paymentKey, orderId, amountKrw: order.amountKrw };
    let outcome = await patiently(() => this.toss.confirm(asked));
    failpoint('toss.confirmed');
    if (outcome.kind === 'unknown' || outcome.kind === 'refused')
      outcome = (await this.onRecord(order, paymentKey)) ?? outcome;
    const settled = await this.write(order, outcome);
    if (settled.state === 'paid') return settled;
    if (settled.state === 'declined') throw declinedAs(settled);
    if (outcome.kind !== 'refused') throw errors.paymentPending({ headers: { 'retry-after': '5' } });
    throw isAboutSettings(outcome.code) ? storeUnavailable() : errors.paymentRefused();
  }

  /** By the queue. @throws InDoubt, provider-unavailable: to be tried again */
  async settle(order: TossOrder): Promise<void> {
    const { orderId, amountKrw, paymentKey } = order;
    if (!paymentKey) return this.settleUntried(order);
    const payment = await this.toss.find(paymentKey);
    let outcome: TossOutcome = payment ? outcomeOf(payment) : { kind: 'refused', code: 'NOT_FOUND_PAYMENT' };
    // What the user asked for did not reach Toss, or is still under way.
    if (outcome.kind === 'unknown') outcome = await this.toss.confirm({ paymentKey, orderId, amountKrw });
    if (outcome.kind === 'unknown') throw new InDoubt(outcome.code);
    await this.write(order, outcome);
  }

  /** Checks that it is theirs and what was ordered, and keeps the payment key. */
  private async take(
    tx: Transaction,
    userId: string,
    { paymentKey, orderId, amount }: Confirmation,
  ): Promise<TossOrder> {
    const found = await tx.prisma.tossOrder.findFirst({
      where: { orderId, kind: 'one_off', subscription: { userId } },
      select: { id: true },
    });
    if (!found) throw errors.orderNotFound();
    const { order } = await this.book.lock(tx, found.id);
    if (order.amountKrw !== amount) {
      this.log.warn({ orderId }, 'a confirmation with another amount was refused');
      throw errors.amountMismatch();
    }
    if (order.paymentKey === paymentKey) return order;
    if (order.state !== 'open') throw errors.orderSettled({ members: { state: order.state } });
    // What became of the first one is not known yet.
    if (order.paymentKey) throw errors.paymentPending({ headers: { 'retry-after': '5' } });
    if ((await tx.prisma.tossOrder.count({ where: { paymentKey } })) > 0) throw errors.paymentRefused();
    if (await isRenewing(tx, userId, this.clock.now())) throw errors.alreadySubscribed();
    const runAt = new Date(this.clock.nowMs() + LOOKED_AT_AFTER_MS);
    await this.queue.enqueue(tx, settleTossOrder, { orderId: order.id }, { runAt });
    return tx.prisma.tossOrder.update({ where: { id: order.id }, data: { paymentKey } });
  }

  /** What Toss has recorded, if it says and it is decided. */
  private async onRecord(order: TossOrder, paymentKey: string): Promise<TossOutcome | null> {
    const payment = await this.toss.findOrNull(paymentKey);
    if (!payment || !isOurs(order, payment)) return null;
    const outcome = outcomeOf(payment);
    return outcome.kind === 'unknown' ? null : outcome;
  }

  private write(order: TossOrder, outcome: TossOutcome): Promise<TossOrder> {
    const { id, orderId } = order;
    return this.db.transaction(async (tx) => {
      if (outcome.kind === 'done') return this.book.apply(tx, id, outcome.payment);
      if (outcome.kind === 'declined') return this.book.decline(tx, id, outcome.code);
      if (outcome.kind === 'refused') {
        const { code } = outcome;
        if (code.startsWith('NOT_FOUND')) this.log.warn({ orderId, code }, 'nothing to be confirmed');
        else this.log.error({ alarm: 'toss-refuses', orderId, code }, 'Toss refuses a confirmation');
        return this.book.release(tx, id);
      }
      this.log.warn({ orderId, code: outcome.code }, 'a payment is in doubt');
      await this.queue.enqueue(tx, settleTossOrder, { orderId: id });
      return order;
    });
  }

  /** Nobody came back from Toss's window. */
  private async settleUntried({ id, createdAt }: TossOrder): Promise<void> {
    await this.book.sync(id);
    if (this.clock.nowMs() - createdAt.getTime() < GIVEN_UP_AFTER_MS) return;
    await this.db.transaction((tx) => this.book.giveUp(tx, id));
  }
}

function declinedAs({ declineCode }: TossOrder): Problem {
  const decline: DeclineKind = payingClassOf(declineCode ?? '') === 'hard' ? 'hard' : 'soft';
  return paymentDeclined({ members: { decline } });
}
