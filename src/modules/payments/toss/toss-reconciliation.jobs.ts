import { defineJob } from '../../../platform/queue/job.js';
import type { Slot } from '../../../platform/queue/schedule.js';

export const reconcileToss = defineJob<Slot>('payments.reconcile-toss', { expireInS: 1_800, retryLimit: 5 });
