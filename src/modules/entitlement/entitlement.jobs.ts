import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { defineJob, Handles } from '../../platform/queue/job.js';
import { Queue } from '../../platform/queue/queue.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { dueSubscriptions } from './entitlement.queries.js';
import { Subscriptions } from './subscriptions.service.js';

/** Subscriptions that one run looks at; another run follows while there are more. */
const PAGE = 100;

/** `after`: where the page before ended. */
export const passTime = defineJob<Slot & { after?: { changesAt: string; id: string } }>(
  'entitlement.pass-time',
  { expireInS: 300 },
);

@Injectable()
export class EntitlementJobs {
  private readonly log = new Logger(EntitlementJobs.name);

  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly clock: Clock,
    private readonly subscriptions: Subscriptions,
  ) {}

  /** Access ends without it, when its time comes; this writes down what has ended and lets others know. */
  @Handles(passTime)
  async passTime({ slotAt, after }: Slot & { after?: { changesAt: string; id: string } }): Promise<void> {
    const due = await dueSubscriptions(this.db, this.clock.now(), after ?? null, PAGE);
    for (const { id } of due) {
      try {
        await this.db.transaction((tx) => this.subscriptions.passTime(tx, id));
      } catch (error) {
        // It stays due for the next slot, and does not keep the others waiting.
        this.log.error({ err: error, subscriptionId: id }, 'time not written down');
      }
    }
    const last = due.at(-1);
    if (!last || due.length < PAGE) return;
    const place = { changesAt: last.changesAt.toISOString(), id: last.id };
    await this.db.transaction((tx) => this.queue.enqueue(tx, passTime, { slotAt, after: place }));
  }
}
