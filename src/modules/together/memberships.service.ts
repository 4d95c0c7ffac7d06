import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { Positions } from './positions.js';
import type { Departure, Place } from './room-rules.js';
import { Rooms } from './rooms.service.js';
import { locationConsentNeeded, roomNotFound, roomNotOpen } from './together.errors.js';
import { enterRoom, lockRoomForJoining, roomsOf } from './together.queries.js';

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

  /** Also after having left, as long as the room goes on. @throws room-not-found, room-not-open, location-consent-needed */
  async enter(userId: string, roomId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const now = this.clock.now();
      const room = await lockRoomForJoining(tx, roomId, userId, now);
      if (!room) throw roomNotFound();
      if (room.opensAt > now) throw roomNotOpen({ members: { opensAt: room.opensAt.toISOString() } });
      if (!room.hasConsent) throw locationConsentNeeded();
      await enterRoom(tx, roomId, userId, now);
    });
  }

  /** On all devices of the user. Leaving again is fine. @throws room-not-found */
  async leave(userId: string, roomId: string): Promise<void> {
    if (!(await this.depart({ roomId, userId }, 'goodbye'))) throw roomNotFound();
  }

  /** The last position is erased at once. @returns whether there is such a place */
  async depart(place: Place, departure: Departure): Promise<boolean> {
    const isOut = await this.db.transaction((tx) => this.rooms.depart(tx, place, departure));
    if (isOut) this.positions.erase(place.roomId, place.userId);
    return isOut;
  }
}
