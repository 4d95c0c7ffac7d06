import { defineJob } from '../../../platform/queue/job.js';

/** Three calls to Toss, each as long as its timeout. */
const EXPIRE_S = 180;

/** Finds out what became of a payment or refund that nobody knows of; `orderId` is the row's id, not Toss's. */
export const settleTossOrder = defineJob<{ orderId: string }>('payments.settle-toss-order', {
  expireInS: EXPIRE_S,
  concurrency: 4,
});
