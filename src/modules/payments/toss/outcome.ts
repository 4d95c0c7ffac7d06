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
}

/** soft: try again another day; hard: the card is no good any more. */
export type DeclineKind = 'soft' | 'hard';

/** What became of something that costs money. */
export type TossOutcome =
  | { kind: 'done'; payment: TossPayment }
  | { kind: 'declined'; decline: DeclineKind; code: string }
  /** Nobody knows: look it up by its order before anything else. */
  | { kind: 'unknown'; code: string }
  /** Our request or our settings are wrong: an alarm, not an attempt. */
  | { kind: 'refused'; code: string };
