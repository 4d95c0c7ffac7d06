import { defineJob } from '../../platform/queue/job.js';
import type { Slot } from '../../platform/queue/schedule.js';

/** At night: begins the erasure of whoever left 30 days ago, and takes up those that got stuck. */
export const eraseLeavers = defineJob<Slot>('accounts.erase-leavers');
/** Names the erasure, not the user: finished jobs are kept for a while. */
export const eraseAccount = defineJob<{ erasureId: string }>('accounts.erase', {
  expireInS: 3_600,
  concurrency: 1,
});
/** At night: of what the law wants kept, what was kept for long enough. */
export const ageOut = defineJob<Slot>('accounts.age-out', { expireInS: 1_800 });
