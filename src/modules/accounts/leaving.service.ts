import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import type { Viewer } from '../../platform/auth/viewer.js';
import { endSessions } from '../auth/index.js';
import { Invitations } from '../invitations/index.js';
import { Meetups } from '../meetups/index.js';
import { PaymentsOverview } from '../payments/index.js';
import { accountBeingErased, deletionScheduledAt, isBeingErased, lockUser } from '../users/index.js';
import type { Leaving } from './accounts.schemas.js';

/** Somebody asks for the deletion of their account, and may take it back for 30 days. */
@Injectable()
export class Leavings {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly meetups: Meetups,
    private readonly invitations: Invitations,
    private readonly payments: PaymentsOverview,
  ) {}

  /**
   * From the commit on the user does not exist for others; live rooms follow within a second. Asking again changes
   * nothing. The session that asks stays, so that the user can export and come back; the others end.
   */
  async leave({ userId, sessionId }: Viewer): Promise<Leaving> {
    const requestedAt = await this.db.transaction((tx) => this.hide(tx, userId, sessionId));
    const { subscriptions } = await this.payments.of(userId);
    const storeSubscriptions = subscriptions.flatMap(({ store, renews, accessUntil, manageUrl }) =>
      store !== 'toss' && renews ? [{ store, accessUntil, manageUrl: manageUrl! }] : [],
    );
    return { deletionScheduledAt: deletionScheduledAt(requestedAt)!, storeSubscriptions };
  }

  /** For somebody who cannot ask any more: the account that they logged in with is gone. */
  async leaveFor(userId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      await lockUser(tx, userId); // a login that is being linked is seen
      const linked = await tx.prisma.identity.count({ where: { userId, unlinkedAt: null } });
      const isThere = await tx.prisma.user.count({ where: { id: userId } });
      if (isThere && linked === 0) await this.hide(tx, userId);
    });
  }

  /** Brings everything back but what others were told is off: meetups and invitations. @throws account-being-erased */
  async restore(userId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      await lockUser(tx, userId);
      const { deletionRequestedAt } = await tx.prisma.user.findUniqueOrThrow({
        where: { id: userId },
        select: { deletionRequestedAt: true },
      });
      const until = deletionScheduledAt(deletionRequestedAt);
      if (!until) return;
      if (until <= this.clock.now() || (await isBeingErased(tx, userId))) throw accountBeingErased();
      await tx.prisma.user.update({ where: { id: userId }, data: { deletionRequestedAt: null } });
    });
  }

  private async hide(tx: Transaction, userId: string, sessionId?: string): Promise<Date> {
    await lockUser(tx, userId);
    const { deletionRequestedAt } = await tx.prisma.user.findUniqueOrThrow({
      where: { id: userId },
      select: { deletionRequestedAt: true },
    });
    if (deletionRequestedAt) return deletionRequestedAt;
    const now = this.clock.now();
    await tx.prisma.user.update({ where: { id: userId }, data: { deletionRequestedAt: now } });
    await endSessions(tx, { userId, exceptId: sessionId }, 'leaving', now);
    await tx.prisma.pushToken.deleteMany({ where: { userId } });
    await this.meetups.withdrawComing(tx, userId);
    await this.invitations.cancelAllOf(tx, userId);
    return now;
  }
}
