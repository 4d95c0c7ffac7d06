import { defineFact } from '../../../platform/queue/job.js';

/** Toss says that a card of ours charges no more: it was removed by its owner, its issuer or Toss. */
export const cardRemoved = defineFact<{ billingMethodId: string }>('toss-card-removed');
