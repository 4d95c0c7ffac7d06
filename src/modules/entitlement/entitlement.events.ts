import { defineFact } from '../../platform/queue/job.js';

/** A subscription's state or the end of its access is another one, by what a store said or by time alone. */
export const subscriptionChanged = defineFact<{ subscriptionId: string }>('subscription-changed');
