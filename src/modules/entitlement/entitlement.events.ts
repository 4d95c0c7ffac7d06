import { defineFact } from '../../platform/queue/job.js';

/** How a subscription stands, its state or whose it is has changed, by what a store said or by time alone. */
export const subscriptionChanged = defineFact<{ subscriptionId: string }>('subscription-changed');
