import { defineJob } from '../../platform/queue/job.js';
import type { Slot } from '../../platform/queue/schedule.js';

/** Begins a run over each source, or goes on with one that was left. */
export const syncPlaces = defineJob<Slot>('places.sync');

/** One page of a run; it enqueues the next one when it is written. */
export const syncPage = defineJob<{ runId: string; page: number; failures: number }>('places.sync-page', {
  expireInS: 600,
});
