import type { Plan } from '../../../../generated/prisma/enums.js';
import { addMonthsKst } from '../../../../platform/clock/kst.js';
import { MONTHS_OF, TRIAL_DAYS } from '../../plans.js';

const DAY_MS = 86_400_000;

/** What all periods of a contract are counted from. */
export interface Anchor {
  plan: Plan;
  anchorAt: Date;
  anchorPeriod: number;
}

/**
 * Where a period begins and the one before ends: whole months from the anchor, on the anchor's KST day or the month's
 * last. Counted from the anchor each time, so that 31 January is followed by 28 February and 31 March.
 */
export const boundaryOf = ({ plan, anchorAt, anchorPeriod }: Anchor, period: number): Date =>
  addMonthsKst(anchorAt, (period - anchorPeriod) * MONTHS_OF[plan]);

/** The next period when it is charged as another plan: counted anew from where it begins. */
export function periodOf(anchor: Anchor, period: number, plan: Plan): { from: Date; to: Date } {
  const from = boundaryOf(anchor, period);
  const own = plan === anchor.plan ? anchor : { plan, anchorAt: from, anchorPeriod: period };
  return { from, to: boundaryOf(own, period + 1) };
}

export const trialEndOf = (from: Date): Date => new Date(from.getTime() + TRIAL_DAYS * DAY_MS);

/** The beginning of the first unpaid period that lies at or after an instant. */
export function boundaryFrom(anchor: Anchor, nextPeriod: number, notBefore: Date): Date {
  for (let period = nextPeriod; ; period++) {
    const boundary = boundaryOf(anchor, period);
    if (boundary >= notBefore) return boundary;
  }
}
