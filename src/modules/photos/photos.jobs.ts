import { defineJob } from '../../platform/queue/job.js';
import type { Slot } from '../../platform/queue/schedule.js';

/** Forgets announced uploads that were never completed. */
export const forgetUploads = defineJob<Slot>('photos.forget-uploads');

/** Deletes files that no row ever came to name: of a process that died between the two. */
export const deleteOrphanFiles = defineJob<Slot>('photos.delete-orphan-files', {
  expireInS: 3_600,
  concurrency: 1,
});
