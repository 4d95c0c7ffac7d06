import { defineJob } from '../../platform/queue/job.js';
import type { Slot } from '../../platform/queue/schedule.js';

/** FCM wants a minute of rest after its 429. A run that dies is done again after `expireInS`: above the lease. */
export const pushToUser = defineJob<{ userId: string }>('notifications.push', {
  retryDelay: 60,
  expireInS: 180,
  concurrency: 8,
});
export const releaseHeldNotifications = defineJob<Slot>('notifications.release-held', {
  expireInS: 900,
});
export const purgeNotifications = defineJob<Slot>('notifications.purge');
