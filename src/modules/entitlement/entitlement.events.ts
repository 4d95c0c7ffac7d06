import { defineFact } from '../../platform/queue/job.js';

/**
 * How a subscription stands, its state or whose it is has changed, by what a store said or by time alone.
 * `formerUserId`: whose it was until now.
 */
export const subscriptionChanged = defineFact<{ subscriptionId: string; formerUserId?: string }>(
  'subscription-changed',
);
