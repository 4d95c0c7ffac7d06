import { defineJob } from '../../../platform/queue/job.js';
import type { Slot } from '../../../platform/queue/schedule.js';

export const processStoreEvent = defineJob<{ eventId: string }>('payments.process-store-event', {
  concurrency: 4,
});
export const watchInbox = defineJob<Slot>('payments.watch-inbox');
export const purgeStoreEvents = defineJob<Slot>('payments.purge-store-events');
