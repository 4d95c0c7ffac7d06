import { defineJob } from '../../../platform/queue/job.js';
import type { Slot } from '../../../platform/queue/schedule.js';

export const reconcileApple = defineJob<Slot>('payments.reconcile-apple', { expireInS: 3_000 });
/** A page of subscriptions, by id. */
export const compareWithApple = defineJob<{ afterId: string | null }>('payments.compare-with-apple', {
  expireInS: 1_800,
  concurrency: 1,
});
