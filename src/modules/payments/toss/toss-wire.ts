import { z } from 'zod';
import type { TossPayment } from './outcome.js';

/** The parts of Toss's answers that we read; all else may be there or not. PROVIDERS.md §6.2, §6.3. */

const amountKrw = z.int().nonnegative();
const time = z
  .string()
  .nullish()
  .transform((text) => (text && !Number.isNaN(Date.parse(text)) ? new Date(text) : null));

export const payment = z
  .object({
    paymentKey: z.string().min(1),
    orderId: z.string(),
    status: z.string(),
    currency: z.literal('KRW'),
    totalAmount: amountKrw,
    balanceAmount: amountKrw,
    approvedAt: time,
    receipt: z.object({ url: z.string() }).nullish(),
    cancels: z.array(z.object({ cancelAmount: amountKrw, canceledAt: time })).nullish(),
    failure: z.object({ code: z.string() }).nullish(),
  })
  .transform(
    ({ totalAmount, balanceAmount, receipt, cancels, failure, currency: _, ...same }): TossPayment => ({
      ...same,
      totalAmountKrw: totalAmount,
      balanceAmountKrw: balanceAmount,
      receiptUrl: receipt?.url ?? null,
      cancels: (cancels ?? []).map(({ cancelAmount, ...cancel }) => ({ amountKrw: cancelAmount, ...cancel })),
      failureCode: failure?.code ?? null,
    }),
  );

export const billing = z.object({
  billingKey: z.string().min(1),
  customerKey: z.string(),
  card: z.object({ issuerCode: z.string(), number: z.string().min(4) }),
});

/** A payment, or a cancel of one, in the list of what happened. */
export const transactions = z.array(
  z
    .object({
      paymentKey: z.string(),
      orderId: z.string(),
      transactionKey: z.string(),
      status: z.string(),
      amount: z.int(),
    })
    .transform(({ amount, ...same }) => ({ ...same, amountKrw: amount })),
);
export type TossTransaction = z.output<typeof transactions>[number];

/** A code is a word; anything else in its place is not repeated in a log. */
export const error = z.object({ code: z.string().regex(/^[A-Z][A-Z0-9_]{1,80}$/) });

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // HTML, or cut off: no schema takes it
  }
}

/** Toss's dates without an offset are Korean. */
export const kstText = (instant: Date): string =>
  new Date(instant.getTime() + 9 * 3_600_000).toISOString().slice(0, 19);
