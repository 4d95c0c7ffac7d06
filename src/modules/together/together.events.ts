import { defineFact } from '../../platform/queue/job.js';

/** Recorded once, when the members do not see each other any more. */
export const roomEnded = defineFact<{ roomId: string }>('room-ended');
