import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { defineJob, Handles, Reacts } from '../../platform/queue/job.js';
import { Queue } from '../../platform/queue/queue.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { privacyZonesChanged } from '../users/index.js';
import { judgeWalk } from './judge.js';
import { LATE_POINTS_MS } from './recording.service.js';
import { walkChanged, walkCompleted, type WalkFact } from './walks.events.js';
import { lockWalkRow, walksOverlapping } from './walks.queries.js';
import { Walks } from './walks.service.js';

export const SILENT_WALK_MS = 12 * 3_600_000;
export const RAW_POINTS_KEPT_MS = 30 * 86_400_000;
const BATCH = 500;

export const abandonSilentWalks = defineJob<Slot>('walks.abandon-silent');
export const settleAwaitingWalks = defineJob<Slot>('walks.settle-awaiting');
export const purgeRawPoints = defineJob<Slot>('walks.purge-raw-points');

@Injectable()
export class WalkJobs {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly walks: Walks,
    private readonly clock: Clock,
  ) {}

  @Handles(abandonSilentWalks)
  async abandonSilent(): Promise<void> {
    await this.db.prisma.walk.updateMany({
      where: { state: 'recording', lastHeardAt: { lt: this.before(SILENT_WALK_MS) } },
      data: { state: 'abandoned' },
    });
  }

  /** Points that did not come in time do not come: the walk is judged by what there is. */
  @Handles(settleAwaitingWalks)
  async settleAwaiting(): Promise<void> {
    const walks = await this.db.prisma.walk.findMany({
      where: { awaitingPoints: true, state: 'completed', completedAt: { lt: this.before(LATE_POINTS_MS) } },
      select: { id: true },
      take: BATCH,
    });
    for (const { id } of walks) await this.judgeAndTell(id, { awaitingPoints: false });
  }

  @Handles(purgeRawPoints)
  async purgeRaw(): Promise<void> {
    const old = this.before(RAW_POINTS_KEPT_MS);
    for (;;) {
      const walks = await this.db.prisma.walk.findMany({
        where: {
          rawPurgedAt: null,
          awaitingPoints: false,
          OR: [
            { completedAt: { lt: old } },
            { completedAt: null, state: 'abandoned', lastHeardAt: { lt: old } },
          ],
        },
        select: { id: true },
        take: BATCH,
      });
      const ids = walks.map(({ id }) => id);
      if (ids.length === 0) return;
      await this.db.transaction(async (tx) => {
        await tx.prisma.walkChunk.deleteMany({ where: { walkId: { in: ids } } });
        await tx.prisma.walk.updateMany({
          where: { id: { in: ids } },
          data: { rawPurgedAt: this.clock.now() },
        });
      });
    }
  }

  /** A walk that overlapped with the changed one may count now, or no more. */
  @Reacts('overlaps', walkCompleted, walkChanged)
  async rejudgeOverlapping({ walkId }: WalkFact): Promise<void> {
    for (const id of await walksOverlapping(this.db, walkId)) await this.judgeAndTell(id);
  }

  @Reacts('safe-previews', privacyZonesChanged)
  async refreshSafePreviews({ userId }: { userId: string }): Promise<void> {
    await this.walks.refreshSafePreviews(userId);
  }

  private async judgeAndTell(walkId: string, change?: { awaitingPoints: boolean }): Promise<void> {
    await this.db.transaction(async (tx) => {
      const walk = await lockWalkRow(tx, walkId);
      if (walk?.state !== 'completed') return;
      if (change) await tx.prisma.walk.update({ where: { id: walkId }, data: change });
      if (await judgeWalk(tx, walkId, this.clock.now()))
        await this.queue.record(tx, walkChanged, { walkId, userId: walk.userId });
    });
  }

  private before(ms: number): Date {
    return new Date(this.clock.nowMs() - ms);
  }
}
