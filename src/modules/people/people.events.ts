import { defineFact } from '../../platform/queue/job.js';

export const userFollowed = defineFact<{ followerId: string; followeeId: string }>('user-followed');

/** From its commit on, the two do not exist for each other. */
export const userBlocked = defineFact<{
  blockerId: string;
  blockedId: string;
  /** The instant of the block, ISO 8601. */
  at: string;
}>('user-blocked');
