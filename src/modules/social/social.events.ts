import { defineFact } from '../../platform/queue/job.js';

/** Somebody began to like a walk of somebody else. It may be taken back by the time it is heard. */
export const walkLiked = defineFact<{ walkId: string; userId: string }>('walk-liked');

/** Somebody, its walker perhaps, wrote a comment under a walk. */
export const walkCommented = defineFact<{ commentId: string; walkId: string; userId: string }>(
  'walk-commented',
);
