import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { Positions } from './positions.js';
import { type Departure, isOver } from './room-rules.js';
import { Rooms } from './rooms.service.js';
import { locationConsentNeeded, roomFull, roomNotFound, roomNotOpen } from './together.errors.js';
import {
  attendanceOf,
  enterRoom,
  lockRoomForJoining,
  lockRoomOfMember,
  roomsOf,
} from './together.queries.js';

export const MAX_INSIDE = 10;

/** Who shares their position in which room. The sockets follow what is written here. */
@Injectable()
export class Memberships {
  constructor(
    private readonly db: Database,
    private readonly rooms: Rooms,
    private readonly positions: Positions,
    private readonly clock: Clock,
  ) {}

  async list(userId: string, { cursor, limit }: PageQuery) {
    const rows = await roomsOf(this.db, userId, this.clock.now(), readCursor(cursor), limit + 1);
    return page(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }));
  }

  /** Also after having left, as long as the room goes on. @throws room-not-found, room-not-open, room-full, location-consent-needed */
  async enter(userId: string, roomId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const now = this.clock.now();
      const room = await lockRoomForJoining(tx, roomId, userId, now);
      if (!room) throw roomNotFound();
      if (room.opensAt > now) throw roomNotOpen({ members: { opensAt: room.opensAt.toISOString() } });
      if (room.othersInside >= MAX_INSIDE) throw roomFull();
      if (room.isConsentWithdrawn) throw locationConsentNeeded();
      await enterRoom(tx, roomId, userId, now);
    });
  }

  /** On all devices of the user. Leaving again is fine. @throws room-not-found */
  async leave(userId: string, roomId: string): Promise<void> {
    if (!(await this.depart(userId, roomId, 'goodbye'))) throw roomNotFound();
  }

  /** The last position is erased at once, and the room ends when nobody is left to see. @returns whether there is such a member */
  async depart(userId: string, roomId: string, departure: Departure): Promise<boolean> {
    const isMember = await this.db.transaction(async (tx) => {
      if (!(await lockRoomOfMember(tx, roomId, userId))) return false;
      const { count } = await tx.prisma.roomMember.updateMany({
        where: { roomId, userId, leftAt: null },
        data: { leftAt: this.clock.now() },
      });
      if (count > 0 && isOver(await attendanceOf(tx, roomId), departure))
        await this.rooms.endById(tx, roomId);
      return true;
    });
    await this.positions.erase(roomId, userId);
    return isMember;
  }
}
