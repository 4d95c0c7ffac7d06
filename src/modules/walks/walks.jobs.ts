import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { defineJob, Handles, Reacts } from '../../platform/queue/job.js';
import { Queue } from '../../platform/queue/queue.js';
import { statesBefore } from '../../platform/rules/transitions.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { privacyZonesChanged } from '../users/index.js';
import { MAX_SILENCE_MS } from './track/constants.js';
import { judgeOverlap, judgeWalk } from './judge.js';
import { LATE_POINTS_MS } from './recording.service.js';
import { walkTransitions } from './walk-states.js';
import { walkChanged, walkCompleted, type WalkFact } from './walks.events.js';
import { walksOverlapping } from './judging.queries.js';
import { lockWalkRow, purgeRawOfWalks } from './walks.queries.js';
import { Walks } from './walks.service.js';

export const RAW_POINTS_KEPT_MS = 30 * 86_400_000;
const BATCH = 500;

export const abandonSilentWalks = defineJob<Slot>('walks.abandon-silent');
export const settleAwaitingWalks = defineJob<Slot>('walks.settle-awaiting');
const settleWalk = defineJob<{ walkId: string }>('walks.settle');
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
      where: {
        state: { in: statesBefore(walkTransitions, 'abandoned') },
        lastHeardAt: { lt: this.before(MAX_SILENCE_MS) },
      },
      data: { state: 'abandoned' },
    });
  }

  /** Points that did not come in time do not come. One job a walk, so that one that fails keeps no other. */
  @Handles(settleAwaitingWalks)
  async settleAwaiting(): Promise<void> {
    const walks = await this.db.prisma.walk.findMany({
      where: { awaitingPoints: true, state: 'completed', completedAt: { lt: this.before(LATE_POINTS_MS) } },
      select: { id: true },
      orderBy: { completedAt: 'asc' },
      take: BATCH,
    });
    await this.db.transaction(async (tx) => {
      for (const { id } of walks) await this.queue.enqueue(tx, settleWalk, { walkId: id });
    });
  }

  /** The walk is judged by what there is. */
  @Handles(settleWalk)
  async settle({ walkId }: { walkId: string }): Promise<void> {
    await this.judgeAndTell(walkId, async (tx, userId) => {
      await tx.prisma.walk.update({ where: { id: walkId }, data: { awaitingPoints: false } });
      return judgeWalk(tx, { id: walkId, userId }, this.clock.now());
    });
  }

  @Handles(purgeRawPoints)
  async purgeRaw(): Promise<void> {
    const old = this.before(RAW_POINTS_KEPT_MS);
    while ((await purgeRawOfWalks(this.db, { before: old, now: this.clock.now(), count: BATCH })) > 0);
  }

  /** A walk that overlapped with the changed one may count now, or no more. */
  @Reacts('overlaps', walkCompleted, walkChanged)
  async rejudgeOverlapping({ walkId }: WalkFact): Promise<void> {
    for (const id of await walksOverlapping(this.db, walkId)) {
      await this.judgeAndTell(id, (tx, userId) => judgeOverlap(tx, id, userId));
    }
  }

  @Reacts('safe-previews', privacyZonesChanged)
  async refreshSafePreviews({ userId }: { userId: string }): Promise<void> {
    await this.walks.refreshSafePreviews(userId);
  }

  private async judgeAndTell(
    walkId: string,
    judge: (tx: Transaction, userId: string) => Promise<boolean>,
  ): Promise<void> {
    await this.db.transaction(async (tx) => {
      const walk = await lockWalkRow(tx, walkId);
      if (walk?.state !== 'completed') return;
      if (await judge(tx, walk.userId))
        await this.queue.record(tx, walkChanged, { walkId, userId: walk.userId });
    });
  }

  private before(ms: number): Date {
    return new Date(this.clock.nowMs() - ms);
  }
}
