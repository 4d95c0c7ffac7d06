import { defineJob } from '../../../platform/queue/job.js';

/** When a job looks at what is asked of Toss, as the process that asks may die: after Toss's timeout. */
export const LOOKED_AT_AFTER_MS = 60_000;

/** Three calls to Toss, each as long as its timeout. */
const EXPIRE_S = 180;

/** Finds out what became of a payment or refund that nobody knows of; `orderId` is the row's id, not Toss's. */
export const settleTossOrder = defineJob<{ orderId: string }>('payments.settle-toss-order', {
  expireInS: EXPIRE_S,
  concurrency: 4,
});
