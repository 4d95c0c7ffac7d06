import { defineFact } from '../../platform/queue/job.js';

/** A meetup began, and at least two people were in it. */
export const meetupHeld = defineFact<{ meetupId: string }>('meetup-held');
