import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '../../platform/clock/clock.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { notWithYourself } from '../people/index.js';
import { reportTargetNotFound } from './moderation.errors.js';
import { addReport } from './moderation.queries.js';
import type { ReportIn } from './moderation.schemas.js';
import { contentOf, OWNER_OF_VISIBLE } from './reported-content.js';

const REPORT = {
  id: true,
  targetKind: true,
  targetId: true,
  reason: true,
  note: true,
  createdAt: true,
} as const;

@Injectable()
export class Reports {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
  ) {}

  /**
   * While a report is open, reporting the same again answers the first one.
   * @throws report-target-not-found, not-with-yourself
   */
  async report(reporterId: string, { note, ...about }: ReportIn, once: Once | null) {
    const { targetKind, targetId } = about;
    return this.idempotency.run(once, async (tx) => {
      const createdAt = this.clock.now();
      const targetUserId = await OWNER_OF_VISIBLE[targetKind](tx, reporterId, targetId, createdAt);
      if (targetUserId === reporterId) throw notWithYourself();
      const snapshot = targetUserId && (await contentOf(tx, targetKind, targetId));
      if (!targetUserId || !snapshot) throw reportTargetNotFound();
      const id = uuidv7({ msecs: createdAt.getTime() });
      await addReport(tx, {
        id,
        reporterId,
        ...about,
        note: note ?? null,
        targetUserId,
        snapshot,
        createdAt,
      });
      const report = await tx.prisma.report.findFirstOrThrow({
        where: { reporterId, targetKind, targetId, state: 'open' },
        select: REPORT,
      });
      if (report.id === id) tx.tally('report-filed');
      return report;
    });
  }
}
