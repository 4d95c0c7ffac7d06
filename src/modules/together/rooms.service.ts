import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '../../platform/clock/clock.js';
import type { Transaction } from '../../platform/database/database.js';
import { Queue } from '../../platform/queue/queue.js';
import { type Departure, isOver, openingOf, type Place } from './room-rules.js';
import { roomEnded } from './together.events.js';
import { attendanceOf, leaveRoom, lockRoomOfMember } from './together.queries.js';

/** What a room comes from. */
export type RoomSource = { invitationId: string } | { meetupId: string };

/** What invitations and meetups do with their rooms, in their own transactions. The sockets follow within a second. */
@Injectable()
export class Rooms {
  constructor(
    private readonly clock: Clock,
    private readonly queue: Queue,
  ) {}

  /** @returns the id of the room, which everybody named may join from half an hour before the walk starts on */
  async open(
    tx: Transaction,
    { from, memberIds, startsAt }: { from: RoomSource; memberIds: readonly string[]; startsAt: Date },
  ): Promise<string> {
    const now = this.clock.now();
    const { id } = await tx.prisma.room.create({
      data: {
        id: uuidv7({ msecs: now.getTime() }),
        ...from,
        ...openingOf(startsAt, now),
        createdAt: now,
        members: { create: memberIds.map((userId) => ({ userId })) },
      },
      select: { id: true },
    });
    return id;
  }

  /** Somebody joined the meetup. */
  async addMember(tx: Transaction, meetupId: string, userId: string): Promise<void> {
    const room = await tx.prisma.room.findUnique({
      where: { meetupId, endedAt: null },
      select: { id: true },
    });
    if (!room) return;
    await tx.prisma.roomMember.createMany({ data: [{ roomId: room.id, userId }], skipDuplicates: true });
  }

  /** Somebody left the meetup, and with it the room. */
  async removeMember(tx: Transaction, meetupId: string, userId: string): Promise<void> {
    const room = await tx.prisma.room.findUnique({ where: { meetupId }, select: { id: true } });
    if (!room) return;
    await this.depart(tx, { roomId: room.id, userId }, 'goodbye');
    await tx.prisma.roomMember.deleteMany({ where: { roomId: room.id, userId } });
  }

  /** The room ends when nobody is left to see. Departing again is fine. @returns whether there is such a place */
  async depart(tx: Transaction, place: Place, departure: Departure): Promise<boolean> {
    const now = this.clock.now();
    if (!(await lockRoomOfMember(tx, place.roomId, place.userId))) return false;
    if (!(await leaveRoom(tx, place, now))) return false;
    if (isOver(await attendanceOf(tx, place.roomId, now), departure)) await this.endById(tx, place.roomId);
    return true;
  }

  /** The meetup takes place at another time. Whoever is in already stays in. */
  async move(tx: Transaction, meetupId: string, startsAt: Date): Promise<void> {
    await tx.prisma.room.updateMany({
      where: { meetupId, endedAt: null },
      data: openingOf(startsAt, this.clock.now()),
    });
  }

  /** Nobody sees anybody from the commit on. Ending an ended room is fine. */
  async end(tx: Transaction, from: RoomSource): Promise<void> {
    const room = await tx.prisma.room.findFirst({ where: from, select: { id: true } });
    if (room) await this.endById(tx, room.id);
  }

  /** @returns whether this call ended it: the fact is recorded once */
  async endById(tx: Transaction, roomId: string): Promise<boolean> {
    const { count } = await tx.prisma.room.updateMany({
      where: { id: roomId, endedAt: null },
      data: { endedAt: this.clock.now() },
    });
    if (count > 0) await this.queue.record(tx, roomEnded, { roomId });
    return count > 0;
  }
}
