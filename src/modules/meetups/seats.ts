import type { MeetupState } from '../../generated/prisma/enums.js';
import type { Transaction } from '../../platform/database/database.js';
import { statesBefore } from '../../platform/rules/transitions.js';
import { meetupTransitions } from './meetup-states.js';
import { seatsTaken } from './meetups.queries.js';

/** Under the meetup's lock: open or full, as its seats are by now. */
export async function countSeats(
  tx: Transaction,
  { id, capacity, state: before }: { id: string; capacity: number; state: MeetupState },
): Promise<void> {
  const state = (await seatsTaken(tx, id)) < capacity ? 'open' : 'full';
  if (state === before) return;
  await tx.prisma.meetup.updateMany({
    where: { id, state: { in: statesBefore(meetupTransitions, state) } },
    data: { state },
  });
}
