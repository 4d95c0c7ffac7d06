import { defineJob } from '../../../platform/queue/job.js';
import type { Slot } from '../../../platform/queue/schedule.js';

export const acknowledgeGoogle = defineJob<{ subscriptionId: string }>('payments.acknowledge-google');
/** Looks after those that could not be acknowledged for a day. */
export const watchGoogleAcknowledgements = defineJob<Slot>('payments.watch-google-acknowledgements');
export const reconcileGoogle = defineJob<Slot>('payments.reconcile-google', {
  expireInS: 3_600,
  retryLimit: 4,
  retryDelay: 300,
});
