import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { defineJob, Handles, Reacts } from '../../platform/queue/job.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { userBlocked } from '../people/index.js';
import { walkCompleted, type WalkFact } from '../walks/index.js';
import { Memberships } from './memberships.service.js';
import { Rooms } from './rooms.service.js';
import { invitationRoomsOfPair, roomsWalkedIn } from './together.queries.js';

const BATCH = 500;

export const closeRooms = defineJob<Slot>('together.close-rooms');

@Injectable()
export class TogetherJobs {
  constructor(
    private readonly db: Database,
    private readonly rooms: Rooms,
    private readonly memberships: Memberships,
    private readonly clock: Clock,
  ) {}

  /** Nobody gets in after the closing time anyway: this writes it down. */
  @Handles(closeRooms)
  async closeAll(): Promise<void> {
    for (;;) {
      const due = await this.db.prisma.room.findMany({
        where: { endedAt: null, closesAt: { lte: this.clock.now() } },
        select: { id: true },
        orderBy: { closesAt: 'asc' },
        take: BATCH,
      });
      if (due.length === 0) return;
      await this.end(due);
    }
  }

  /** Whoever finishes the walk stops sharing. A walk that ended before the sharing began has nothing to do with it. */
  @Reacts('together', walkCompleted)
  async leaveAfterWalk({ walkId }: WalkFact): Promise<void> {
    for (const place of await roomsWalkedIn(this.db, walkId)) await this.memberships.depart(place, 'goodbye');
  }

  /** What two arranged is over; in a meetup's room the sockets hide the two from each other. */
  @Reacts('together', userBlocked)
  async endRoomsOfPair({ blockerId, blockedId }: { blockerId: string; blockedId: string }): Promise<void> {
    await this.end(await invitationRoomsOfPair(this.db, blockerId, blockedId));
  }

  private async end(rooms: readonly { id: string }[]): Promise<void> {
    await this.db.transaction(async (tx) => {
      for (const { id } of rooms) await this.rooms.endById(tx, id);
    });
  }
}
