import type { TossOrder } from '../../../generated/prisma/client.js';
import type { TossOrderState } from '../../../generated/prisma/enums.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { PeriodFact } from '../../entitlement/index.js';
import type { TossPayment } from './outcome.js';
import { orderTransitions } from './orders-states.js';

const MILLI = 1_000;

/** What Toss took is what we asked for (S10). */
export const isOurs = (
  order: Pick<TossOrder, 'orderId' | 'amountKrw'>,
  { orderId, totalAmountKrw }: TossPayment,
): boolean => orderId === order.orderId && totalAmountKrw === order.amountKrw;

/** The period that an order pays for. */
export const paidPeriod = ({
  orderId,
  plan,
  amountKrw,
  periodFrom,
  periodTo,
}: Pick<TossOrder, 'orderId' | 'plan' | 'amountKrw' | 'periodFrom' | 'periodTo'>): Omit<
  PeriodFact,
  'asOf'
> => ({
  key: `period:${orderId}`,
  ...{ startsAtMs: periodFrom!.getTime(), endsAtMs: periodTo!.getTime() },
  ...{ isTrial: false, plan, productId: null, currency: 'KRW' },
  ...{ paidMilli: amountKrw * MILLI, refundedMilli: 0, endedAtMs: null, isRevoked: false },
});

/** @throws Error where the table of states has no such move */
export function moveOrder(
  tx: Transaction,
  { id, state, amountKrw }: TossOrder,
  to: TossOrderState,
  data: Partial<TossOrder> & { settledAt: Date },
): Promise<TossOrder> {
  if (!orderTransitions[state].includes(to)) throw new Error(`An order does not go from ${state} to ${to}`);
  if (to === 'paid' || to === 'declined') tx.tally(`charge-${to}`);
  if (to === 'paid') tx.tally('charged-krw', amountKrw);
  return tx.prisma.tossOrder.update({ where: { id }, data: { ...data, state: to } });
}
