import type { MeetupState } from '../../generated/prisma/enums.js';
import { defineTransitions } from '../../platform/rules/transitions.js';

/** A seat that frees opens it again. Closed is begun: from then on nothing changes. */
export const meetupTransitions = defineTransitions<MeetupState>('open', {
  open: ['full', 'closed', 'cancelled'],
  full: ['open', 'closed', 'cancelled'],
  closed: [],
  cancelled: [],
});
