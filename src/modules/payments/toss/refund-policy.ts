import { addDays, kstDate, kstMidnight } from '../../../platform/clock/kst.js';

/** The consumer's time to withdraw (전자상거래법 art. 17): whole KST days after the day of the payment. */
const WITHDRAWAL_DAYS = 7;
const DAY_MS = 86_400_000;
const ROUNDED_TO_KRW = 10;

export interface Paid {
  amountKrw: number;
  paidAt: Date;
  periodFrom: Date;
  periodTo: Date;
  /** They got back another payment in full: nobody uses week after week for nothing. */
  hasWithdrawn: boolean;
}

/**
 * What is given back, in KRW. Everything until the end of the seventh KST day after the day of the payment, also of a
 * period that was paid late and is over; once a person. Otherwise the part of the whole days (24 h) that are left of
 * the period, rounded down to 10 won; of a period that has not begun that is all. 0: nothing.
 */
export function refundKrw(
  { amountKrw, paidAt, periodFrom, periodTo, hasWithdrawn }: Paid,
  now: Date,
): number {
  const withdrawalEnds = kstMidnight(addDays(kstDate(paidAt), WITHDRAWAL_DAYS + 1));
  if ((now < withdrawalEnds && !hasWithdrawn) || now <= periodFrom) return amountKrw;
  if (now >= periodTo) return 0;
  const periodMs = periodTo.getTime() - periodFrom.getTime();
  const unusedDays = Math.floor((periodTo.getTime() - now.getTime()) / DAY_MS);
  const krw = (amountKrw * unusedDays * DAY_MS) / periodMs;
  return Math.floor(krw / ROUNDED_TO_KRW) * ROUNDED_TO_KRW;
}
