import { z } from 'zod';

/** What is read of a webhook: never more than what to ask Toss about. PROVIDERS.md §6.6. */
export type TossEvent =
  | { kind: 'PAYMENT_STATUS_CHANGED'; orderId: string; paymentKey: string }
  | { kind: 'BILLING_DELETED'; billingKey: string }
  /** Of products that we do not use, or of things that we do not do. */
  | { kind: 'ignored' }
  | { kind: 'unknown'; name: string };

const IGNORED = new Set([
  'CANCEL_STATUS_CHANGED',
  'DEPOSIT_CALLBACK',
  'METHOD_UPDATED',
  'CUSTOMER_STATUS_CHANGED',
  'payout.changed',
  'seller.changed',
]);

const paymentData = z.object({ paymentKey: z.string().min(1).max(200), orderId: z.string().min(6).max(64) });
const billingData = z.object({ billingKey: z.string().min(1).max(300) });
/** The event of virtual accounts is flat, and names itself not. */
const flatDeposit = z.object({ secret: z.string(), transactionKey: z.string(), orderId: z.string() });
const nameOf = z.object({ eventType: z.string().regex(/^[\w.]{1,60}$/) });

/** An event whose data is not as documented is one that we do not know. */
export function eventOf(body: Record<string, unknown>): TossEvent {
  const named = nameOf.safeParse(body);
  if (!named.success) return flatDeposit.safeParse(body).success ? { kind: 'ignored' } : unknown('unnamed');
  const { eventType: name } = named.data;
  if (IGNORED.has(name)) return { kind: 'ignored' };
  if (name === 'PAYMENT_STATUS_CHANGED') {
    const { success, data } = paymentData.safeParse(body.data);
    return success ? { kind: name, ...data } : unknown(name);
  }
  if (name === 'BILLING_DELETED') {
    const { success, data } = billingData.safeParse(body.data);
    return success ? { kind: name, ...data } : unknown(name);
  }
  return unknown(name);
}

const unknown = (name: string): TossEvent => ({ kind: 'unknown', name });
