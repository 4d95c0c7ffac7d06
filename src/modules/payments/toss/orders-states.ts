import type { TossOrderState } from '../../../generated/prisma/enums.js';
import { defineTransitions } from '../../../platform/rules/transitions.js';

/** Money that was taken is never denied: also an order that was given up becomes paid when Toss says so. */
export const orderTransitions = defineTransitions<TossOrderState>('open', {
  open: ['paid', 'declined', 'void'],
  declined: ['paid'],
  void: ['paid'],
  paid: [],
});
