import { Injectable } from '@nestjs/common';
import type { Viewer } from '../../platform/auth/viewer.js';
import { Clock } from '../../platform/clock/clock.js';
import { type Connection, Database, type Transaction } from '../../platform/database/database.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { page, readCursor } from '../../platform/http/pagination.js';
import { FileLinks } from '../../platform/storage/file-links.js';
import { Meetups } from '../meetups/index.js';
import { Notifications } from '../notifications/index.js';
import { releaseEvidence } from '../photos/index.js';
import { lockPair, setSuspended } from '../users/index.js';
import { writeDown } from './audit.js';
import { Hiding } from './hiding.js';
import { warning } from './moderation-texts.js';
import { actionDoesNotFit, reportNotFound, reportSettled } from './moderation.errors.js';
import { findReportFor, type ReportRow, reportsFor } from './moderation.queries.js';
import type { ModeratedReport, ReportActionIn, ReportsQuery } from './moderation.schemas.js';
import { type ReportAction, STEPS } from './report-states.js';
import { withPresent } from './reported-content.js';

/** Where moderators read reports and act on them. */
@Injectable()
export class Desk {
  constructor(
    private readonly db: Database,
    private readonly idempotency: Idempotency,
    private readonly notifications: Notifications,
    private readonly meetups: Meetups,
    private readonly hiding: Hiding,
    private readonly clock: Clock,
    private readonly links: FileLinks,
  ) {}

  async list(moderator: Viewer, { state, cursor, limit }: ReportsQuery) {
    const rows = await reportsFor(this.db, moderator.role, state, readCursor(cursor), limit + 1);
    const { items, nextCursor } = page(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }));
    return { items: await withPresent(this.db, items, this.photosFor(moderator)), nextCursor };
  }

  /**
   * One act settles every open report on the same thing, and is written down with its reason.
   * @throws report-not-found (also for one about an equal), report-settled, action-does-not-fit
   */
  async act(
    moderator: Viewer,
    reportId: string,
    { action, reason }: ReportActionIn,
    once: Once | null,
  ): Promise<ModeratedReport> {
    return this.idempotency.run(once, async (tx) => {
      const { targetUserId } = await getReport(tx, moderator, reportId);
      // Not the row: an edit of the walk holds the walk first, and its owner after it.
      await lockPair(tx, targetUserId, targetUserId);
      const report = await getReport(tx, moderator, reportId);
      const { targetKind, targetId, state } = report;
      const { from, to } = STEPS[action];
      if (state !== from) throw reportSettled({ members: { state } });
      const at = this.clock.now();
      await tx.prisma.report.updateMany({
        where: { targetKind, targetId, OR: [{ id: reportId, state: from }, { state: 'open' }] },
        data: { state: to, settledAt: at },
      });
      if (!(await this.take(tx, action, report, at))) throw actionDoesNotFit();
      if (targetKind === 'photo') await releaseEvidence(tx, targetId);
      const target =
        action === 'suspend'
          ? ({ targetKind: 'user', targetId: targetUserId } as const)
          : { targetKind, targetId };
      await writeDown(tx, { actorId: moderator.userId, action, ...target, reportId, reason, at });
      const [view] = await withPresent(
        tx,
        [await getReport(tx, moderator, reportId)],
        this.photosFor(moderator),
      );
      return view!;
    });
  }

  private photosFor({ userId }: Viewer) {
    return (fileId: string) => this.links.urlOf({ fileId, viewerId: userId, sizePx: 1080 });
  }

  /** @returns false when it cannot be done */
  private async take(
    tx: Transaction,
    action: ReportAction,
    { id, targetKind, targetId, targetUserId, owner }: ReportRow,
    at: Date,
  ): Promise<boolean> {
    switch (action) {
      case 'dismiss':
        return true;
      case 'hide':
      case 'unhide':
        return this.hiding.change(tx, action, targetKind, targetId);
      case 'warn':
        return this.notifications.notify(tx, {
          ...{ userId: targetUserId, type: 'social', dedupeKey: `warning:${id}` },
          ...warning(targetKind),
          data: { targetKind, targetId },
        });
      case 'suspend':
        // Who is suspended already stays so.
        if (await setSuspended(tx, targetUserId, at)) await this.meetups.withdrawComing(tx, targetUserId);
        return owner !== null;
    }
  }
}

async function getReport(db: Connection, { role }: Viewer, id: string): Promise<ReportRow> {
  const report = await findReportFor(db, role, id);
  if (!report) throw reportNotFound();
  return report;
}
