import { payingClassOf } from './toss-errors.js';

/** Toss's Payment object, as far as we read it (PROVIDERS.md §6.3). Money in KRW. */
export interface TossPayment {
  paymentKey: string;
  orderId: string;
  status: string;
  totalAmountKrw: number;
  /** What is left after refunds. */
  balanceAmountKrw: number;
  approvedAt: Date | null;
  receiptUrl: string | null;
  cancels: { amountKrw: number; canceledAt: Date | null }[];
  /** Why it was aborted. */
  failureCode: string | null;
}

/** soft: try again another day; hard: the card is no good any more. */
export type DeclineKind = 'soft' | 'hard';

/** What became of something that costs money. */
export type TossOutcome =
  | { kind: 'done'; payment: TossPayment }
  | { kind: 'declined'; decline: DeclineKind; code: string }
  /**
   * Nobody knows: look it up by its order before anything else. `isError`: Toss said so itself, and says it again under
   * the same idempotency key for 15 days (PROVIDERS.md §6.4).
   */
  | { kind: 'unknown'; code: string; isError?: boolean }
  /** Our request or our settings are wrong: an alarm, not an attempt. */
  | { kind: 'refused'; code: string };

/** Money that may have moved, and nobody can say yet: to be looked up before anything else; the queue asks again. */
export class InDoubt extends Error {
  constructor(readonly code: string) {
    super(`Toss does not say what became of it: ${code}`);
    this.name = 'InDoubt';
  }
}

/** What a payment that was looked up says: was the money taken (given back since or not), and if not, will it be? */
export function outcomeOf(payment: TossPayment): TossOutcome {
  const { status, failureCode } = payment;
  if (['DONE', 'CANCELED', 'PARTIAL_CANCELED'].includes(status)) return { kind: 'done', payment };
  if (status === 'EXPIRED') return { kind: 'declined', decline: 'soft', code: status };
  if (status !== 'ABORTED') return { kind: 'unknown', code: status };
  const code = failureCode ?? status;
  return { kind: 'declined', decline: payingClassOf(code) === 'hard' ? 'hard' : 'soft', code };
}
