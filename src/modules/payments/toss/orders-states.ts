import type { TossOrderState } from '../../../generated/prisma/enums.js';
import { defineTransitions } from '../../../platform/rules/transitions.js';

/**
 * Money that was taken is never denied: also an order that was declined or given up becomes paid when Toss says so, but
 * for a renewal, whose contract has gone on: that is an alarm. What is given back later does not move it.
 */
export const orderTransitions = defineTransitions<TossOrderState>('open', {
  open: ['paid', 'declined', 'void'],
  declined: ['paid'],
  void: ['paid'],
  paid: [],
});
