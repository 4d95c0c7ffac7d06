import { Injectable, Logger } from '@nestjs/common';
import { NIL } from 'uuid';
import { Database } from '../../platform/database/database.js';
import { defineJob, Handles, Reacts } from '../../platform/queue/job.js';
import { Queue } from '../../platform/queue/queue.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { lockUser } from '../users/index.js';
import { walkChanged, walkCompleted, type WalkFact } from '../walks/index.js';
import { applyWalk, differencesOf, lastOfPage, recompute, usersThatDiffer } from './totals.queries.js';

const SUBSCRIBER = 'totals';
/** Users compared at once: bounds the memory of a comparison, not its sense. */
const PAGE = 1_000;
const PAGE_TIMEOUT_MS = 120_000;

export const reconcileTotals = defineJob<Slot>('totals.reconcile', { expireInS: 3_600, retryLimit: 2 });

@Injectable()
export class TotalsJobs {
  private readonly log = new Logger(TotalsJobs.name);

  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
  ) {}

  @Reacts(SUBSCRIBER, walkCompleted, walkChanged)
  async apply({ walkId, userId }: WalkFact): Promise<void> {
    await this.db.transaction(async (tx) => {
      await lockUser(tx, userId);
      await applyWalk(tx, walkId);
    });
  }

  /** Every sum is made again from the walks. A difference is a fault of ours: repaired, and told to whoever reads the log. */
  @Handles(reconcileTotals)
  async reconcile(): Promise<void> {
    let repaired = 0;
    let after: string = NIL;
    for (;;) {
      const from = after;
      const last = await lastOfPage(this.db, from, PAGE);
      if (last === undefined) break;
      const users = await this.db.transaction((tx) => usersThatDiffer(tx, from, last), {
        timeoutMs: PAGE_TIMEOUT_MS,
      });
      for (const { userId } of users) if (await this.repair(userId)) repaired++;
      after = last;
    }
    this.log.log({ repaired }, 'totals compared with the walks');
  }

  /** @returns false when there is nothing to repair: a change whose job still waits is no difference */
  private async repair(userId: string): Promise<boolean> {
    const fields = await this.db.transaction(async (tx) => {
      await lockUser(tx, userId);
      const found = await differencesOf(tx, userId);
      // In this order: what is seen above either has its job on the queue by now, or was applied before the lock.
      if (found.length === 0 || (await this.queue.isWaiting(tx, SUBSCRIBER, { userId }))) return [];
      await recompute(tx, userId);
      return found;
    });
    if (fields.length > 0) this.log.error({ userId, fields }, 'totals were not those of the walks: repaired');
    return fields.length > 0;
  }
}
