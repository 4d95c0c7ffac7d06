import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Handles } from '../../platform/queue/job.js';
import { Queue } from '../../platform/queue/queue.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { purgeNotifications, pushToUser, releaseHeldNotifications } from './notifications.jobs.js';
import { purgeBefore, usersWithPushes } from './notifications.queries.js';
import { Pushes } from './pushes.service.js';

const DAY_MS = 86_400_000;
const NOTES_KEPT_MS = 90 * DAY_MS;
const DELIVERIES_KEPT_MS = 30 * DAY_MS;
/** FCM forgets a phone that was silent for so long. */
const TOKENS_KEPT_MS = 270 * DAY_MS;
const JOBS_PER_TRANSACTION = 1_000;

@Injectable()
export class NotificationHandlers {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly pushes: Pushes,
  ) {}

  @Handles(pushToUser)
  async push({ userId }: { userId: string }): Promise<void> {
    await this.pushes.push(userId);
  }

  /** What was held for the night, and whatever lost its job. */
  @Handles(releaseHeldNotifications)
  async releaseHeld(): Promise<void> {
    const users = await usersWithPushes(this.db);
    for (let from = 0; from < users.length; from += JOBS_PER_TRANSACTION) {
      const some = users.slice(from, from + JOBS_PER_TRANSACTION).map((userId) => ({ userId }));
      await this.db.transaction((tx) => this.queue.enqueueAll(tx, pushToUser, some));
    }
  }

  @Handles(purgeNotifications)
  async purge({ slotAt }: Slot): Promise<void> {
    const before = (ms: number) => new Date(Date.parse(slotAt) - ms);
    await purgeBefore(this.db, {
      notes: before(NOTES_KEPT_MS),
      deliveries: before(DELIVERIES_KEPT_MS),
      tokensSeen: before(TOKENS_KEPT_MS),
      now: before(0),
    });
  }
}
