import type { InvitationState } from '../../generated/prisma/enums.js';
import { defineTransitions } from '../../platform/rules/transitions.js';

/** An invitation is answered once, taken back once, or runs out. */
export const invitationTransitions = defineTransitions<InvitationState>('pending', {
  pending: ['accepted', 'declined', 'expired', 'cancelled'],
  accepted: [],
  declined: [],
  expired: [],
  cancelled: [],
});
