import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { Reacts } from '../../platform/queue/job.js';
import { Notifications } from '../notifications/index.js';
import { subscriptionChanged } from './entitlement.events.js';
import { lockSubscription, type SubscriptionRow } from './entitlement.queries.js';
import { type NoticeKind, noticeOf } from './notice-rules.js';
import { type NoteText, paidTwice, recovered, textOf } from './subscription-texts.js';

const FAILING: readonly NoticeKind[] = ['grace', 'on_hold'];

/** Tells the user what became of a subscription, as it is by then. */
@Injectable()
export class SubscriptionNotices {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly notifications: Notifications,
  ) {}

  @Reacts('notices', subscriptionChanged)
  async tell({ subscriptionId }: { subscriptionId: string }): Promise<void> {
    await this.db.transaction(async (tx) => {
      const row = await lockSubscription(tx, subscriptionId);
      // A store's test purchase without access is nobody's news, nor is a purchase that has yet to be paid.
      if (!row?.userId || !row.accessUntil) return;
      const own = { ...row, userId: row.userId, accessUntil: row.accessUntil };
      await this.tellChange(tx, own);
      if (own.accessUntil <= this.clock.now()) return;
      await this.tellRecovery(tx, own);
      await this.warnOfPayingTwice(tx, own);
    });
  }

  private async tellChange(tx: Transaction, row: OwnRow): Promise<void> {
    const notice = noticeOf(row.standing, this.clock.nowMs());
    if (!notice || isToldByBilling(row, notice.kind)) return;
    await this.notify(tx, row, {
      key: `${row.id}:${notice.kind}:${notice.sinceMs}`,
      urgent: FAILING.includes(notice.kind),
      text: textOf(notice.kind, row.store, row.standing),
    });
  }

  /** Only who was told that a payment failed is told that it no longer does. */
  private async tellRecovery(tx: Transaction, row: OwnRow): Promise<void> {
    const told = await tx.prisma.notification.findMany({
      where: {
        userId: row.userId,
        OR: FAILING.map((kind) => ({ dedupeKey: { startsWith: `subscription:${row.id}:${kind}:` } })),
      },
      select: { dedupeKey: true },
    });
    const paidUntilMs = row.standing.paidUntilMs!;
    const failedAtMs = Math.max(...told.map(({ dedupeKey }) => Number(dedupeKey.split(':').at(-1))));
    if (told.length === 0 || paidUntilMs <= failedAtMs || paidUntilMs <= this.clock.nowMs()) return;
    await this.notify(tx, row, { key: `${row.id}:recovered:${failedAtMs}`, text: recovered(row.store) });
  }

  /** Both would be charged again; what was cancelled at one store already is not. */
  private async warnOfPayingTwice(tx: Transaction, row: OwnRow): Promise<void> {
    if (!row.standing.renews) return;
    const others = await tx.prisma.subscription.findMany({
      where: {
        ...{ userId: row.userId, store: { not: row.store }, renews: true },
        accessUntil: { gt: this.clock.now() },
      },
      select: { id: true, store: true },
    });
    for (const other of others) {
      await this.notify(tx, row, {
        key: `twice:${[row.id, other.id].sort().join(':')}`,
        text: paidTwice(row.store, other.store),
      });
    }
  }

  private async notify(
    tx: Transaction,
    { userId, store }: OwnRow,
    { key, text, urgent }: { key: string; text: NoteText; urgent?: boolean },
  ): Promise<void> {
    const dedupeKey = `subscription:${key}`;
    await this.notifications.notify(tx, {
      ...{ userId, type: 'subscription', dedupeKey, urgent, data: { store } },
      ...text,
    });
  }
}

/**
 * Our own billing tells of its charges itself, and ends a subscription with a word of its own; and between the end of a
 * period and the hourly charge nothing has failed.
 */
const isToldByBilling = ({ store, standing }: OwnRow, kind: NoticeKind): boolean =>
  store === 'toss' && (FAILING.includes(kind) || (kind === 'expired' && standing.endedAtMs !== null));

type OwnRow = SubscriptionRow & { userId: string; accessUntil: Date };
