import { MeetupState } from '../../generated/prisma/enums.js';
import { meetupTransitions } from './meetup-states.js';

it('names every state, and no other', () => {
  expect(Object.keys(meetupTransitions).sort()).toEqual(Object.values(MeetupState).sort());
});

it('a meetup fills and opens again, and nothing changes one that has begun or was cancelled', () => {
  expect(meetupTransitions.full).toContain('open');
  expect([meetupTransitions.closed, meetupTransitions.cancelled]).toEqual([[], []]);
});
