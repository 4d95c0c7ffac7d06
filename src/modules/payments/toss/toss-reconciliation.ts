import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import type { TossOrder } from '../../../generated/prisma/client.js';
import { Clock } from '../../../platform/clock/clock.js';
import { Database } from '../../../platform/database/database.js';
import { Handles } from '../../../platform/queue/job.js';
import { Queue } from '../../../platform/queue/queue.js';
import { chargeSubscription } from './billing/billing.jobs.js';
import { OrderBook } from './order-book.service.js';
import { settleTossOrder } from './orders.jobs.js';
import { reconcileToss } from './toss-reconciliation.jobs.js';
import { TossApi } from './toss-api.js';
import type { TossTransaction } from './toss-wire.js';

const OPEN_TOO_LONG_MS = 10 * 60_000;
const LOOK_BACK_MS = 3 * 86_400_000;
/** Toss lists a payment some time after it was made, and our clocks differ. */
const LISTED_AFTER_MS = 60 * 60_000;
const PAGE = 500;

interface Listed {
  paidKrw: number | null;
  givenBackKrw: number;
}

/** Every night: orders that nobody settled, and what Toss lists of the last three days, compared with our orders. */
@Injectable()
export class TossReconciliation {
  private readonly log = new Logger(TossReconciliation.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly toss: TossApi,
    private readonly book: OrderBook,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * What differs is an error in the log, and repaired where the order is ours.
   * @throws provider-unavailable, or Error for orders that failed, after the others had their turn: tried again
   */
  @Handles(reconcileToss)
  async reconcile(): Promise<void> {
    if (!this.config.toss) return;
    const unsettled = await this.settleOpen();
    const to = this.clock.now();
    const listed = await this.listedSince(new Date(to.getTime() - LOOK_BACK_MS), to);
    let [differences, failed] = [0, 0];
    for (const [orderId, sums] of listed) {
      try {
        if (await this.differs(orderId, sums)) differences++;
      } catch (err) {
        failed++;
        this.log.error({ alarm: 'reconcile-failed', err, orderId }, 'an order was not compared with Toss');
      }
    }
    differences += await this.countUnlisted(listed, to);
    this.log.log({ unsettled, listed: listed.size, differences, failed }, 'orders compared with Toss');
    if (failed > 0) throw new Error(`${failed} orders were not compared with Toss`);
  }

  /** A job for each order and refund that is not settled. */
  private async settleOpen(): Promise<number> {
    const createdAt = { lt: new Date(this.clock.nowMs() - OPEN_TOO_LONG_MS) };
    let count = 0;
    for (let after: string | undefined; ;) {
      const page: TossOrder[] = await this.db.prisma.tossOrder.findMany({
        where: { OR: [{ state: 'open', createdAt }, { refundingKrw: { not: null } }], id: { gt: after } },
        orderBy: { id: 'asc' },
        take: PAGE,
      });
      await this.db.transaction(async (tx) => {
        for (const order of page) await this.enqueueSettling(tx, order);
      });
      count += page.length;
      if (page.length < PAGE) return count;
      after = page.at(-1)!.id;
    }
  }

  private enqueueSettling(
    tx: Parameters<Queue['enqueue']>[0],
    { id, kind, state, subscriptionId }: TossOrder,
  ): Promise<void> {
    return kind === 'renewal' && state === 'open'
      ? this.queue.enqueue(tx, chargeSubscription, { subscriptionId })
      : this.queue.enqueue(tx, settleTossOrder, { orderId: id });
  }

  private async listedSince(from: Date, to: Date): Promise<Map<string, Listed>> {
    const listed = new Map<string, Listed>();
    for (let after: string | undefined; ;) {
      const { items, next } = await this.toss.transactions({ from, to }, after);
      for (const item of items) listed.set(item.orderId, add(listed.get(item.orderId), item));
      if (!next) return listed;
      after = next;
    }
  }

  /** Asks about an order of which Toss lists something else than we have written down. */
  private async differs(orderId: string, { paidKrw, givenBackKrw }: Listed): Promise<boolean> {
    const order = await this.db.prisma.tossOrder.findUnique({ where: { orderId } });
    if (!order) return this.report(orderId, 'a payment that is none of our orders');
    // The payment itself may be older than the list.
    const hasPaid = order.state === 'paid' && (paidKrw ?? order.amountKrw) === order.amountKrw;
    if (hasPaid && givenBackKrw <= order.refundedKrw) return false;
    this.report(orderId, hasPaid ? 'a refund that we do not have' : 'a payment that we do not have so');
    await this.book.sync(order.id);
    return true;
  }

  private async countUnlisted(listed: Map<string, Listed>, to: Date): Promise<number> {
    const paidAt = {
      gt: new Date(to.getTime() - LOOK_BACK_MS + LISTED_AFTER_MS),
      lt: new Date(to.getTime() - LISTED_AFTER_MS),
    };
    const paid = await this.db.prisma.tossOrder.findMany({ where: { paidAt }, select: { orderId: true } });
    const unlisted = paid.filter(({ orderId }) => listed.get(orderId)?.paidKrw == null);
    for (const { orderId } of unlisted) this.report(orderId, 'a payment of ours that Toss does not list');
    return unlisted.length;
  }

  private report(orderId: string, what: string): true {
    this.log.error({ alarm: 'toss-differs', orderId, what }, 'Toss and we do not agree about a payment');
    return true;
  }
}

function add(
  sums: Listed = { paidKrw: null, givenBackKrw: 0 },
  { status, amountKrw }: TossTransaction,
): Listed {
  const krw = Math.abs(amountKrw);
  if (status === 'DONE') return { ...sums, paidKrw: krw };
  return status.endsWith('CANCELED') ? { ...sums, givenBackKrw: sums.givenBackKrw + krw } : sums;
}
