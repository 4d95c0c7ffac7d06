import { defineJob } from '../../../../platform/queue/job.js';
import type { Slot } from '../../../../platform/queue/schedule.js';

/** Two calls to Toss, each as long as its timeout. */
const CHARGE_EXPIRE_S = 180;

export const chargeSubscription = defineJob<{ subscriptionId: string }>('payments.charge', {
  expireInS: CHARGE_EXPIRE_S,
  concurrency: 4,
});
export const chargeDue = defineJob<Slot>('payments.charge-due');
export const deleteBillingKey = defineJob<{ billingMethodId: string }>('payments.delete-billing-key');
/** At night: of cards whose deletion failed for good. */
export const deleteLeftCards = defineJob<Slot>('payments.delete-left-cards');
/** At 10:00: of what is charged soon. */
export const tellCharges = defineJob<Slot>('payments.tell-charges');
/** At night: of raised prices, and that they want a yes. */
export const tellPriceRaises = defineJob<Slot>('payments.tell-price-raises');
