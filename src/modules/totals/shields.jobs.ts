import { Injectable } from '@nestjs/common';
import { NIL } from 'uuid';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { defineJob, Handles, Reacts } from '../../platform/queue/job.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { lockSubscription, subscriptionChanged } from '../entitlement/index.js';
import { giveShields, premiumUsers } from './shields.queries.js';

/** Users in one statement. */
const PAGE = 500;

export const giveMonthlyShields = defineJob<Slot>('totals.give-shields', { expireInS: 900 });

@Injectable()
export class ShieldJobs {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  @Reacts('shields', subscriptionChanged)
  async giveToNewOwner({ subscriptionId }: { subscriptionId: string }): Promise<void> {
    await this.db.transaction(async (tx) => {
      const row = await lockSubscription(tx, subscriptionId);
      if (row?.userId) await giveShields(tx, [row.userId], this.clock.now());
    });
  }

  /** Those of the month in which it runs, to all who have premium. */
  @Handles(giveMonthlyShields)
  async giveToAll(): Promise<void> {
    let after: string = NIL;
    for (;;) {
      const now = this.clock.now();
      const users = (await premiumUsers(this.db, after, now, PAGE)).map(({ userId }) => userId);
      if (users.length === 0) return;
      await this.db.transaction((tx) => giveShields(tx, users, now));
      after = users.at(-1)!;
    }
  }
}
