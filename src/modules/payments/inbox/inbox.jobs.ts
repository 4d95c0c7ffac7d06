import { defineJob } from '../../../platform/queue/job.js';

export const processStoreEvent = defineJob<{ eventId: string }>('payments.process-store-event', {
  concurrency: 4,
});
