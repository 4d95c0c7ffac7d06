import { InvitationState } from '../../generated/prisma/enums.js';
import { invitationTransitions } from './invitation-states.js';

it('names every state, and no other', () => {
  expect(Object.keys(invitationTransitions).sort()).toEqual(Object.values(InvitationState).sort());
});

it('an invitation leaves pending once', () => {
  for (const [state, next] of Object.entries(invitationTransitions))
    expect(next).toEqual(state === 'pending' ? ['accepted', 'declined', 'expired', 'cancelled'] : []);
});
