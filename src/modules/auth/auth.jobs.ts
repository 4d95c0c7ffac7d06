import { defineJob } from '../../platform/queue/job.js';
import type { Slot } from '../../platform/queue/schedule.js';

export const processProviderEvent = defineJob<{ eventId: string }>('auth.process-provider-event');
export const purgeExpiredLogins = defineJob<Slot>('auth.purge-expired');
