import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '../../platform/clock/clock.js';
import type { Transaction } from '../../platform/database/database.js';
import { Queue } from '../../platform/queue/queue.js';
import { roomEnded } from './together.events.js';

/** However long they walk: positions are shared no longer than this. */
export const ROOM_OPEN_MS = 4 * 3_600_000;

/** What a room comes from. */
export type RoomSource = { invitationId: string } | { meetupId: string };

/** What invitations and meetups do with their rooms, in their own transactions. The sockets follow within a second. */
@Injectable()
export class Rooms {
  constructor(
    private readonly clock: Clock,
    private readonly queue: Queue,
  ) {}

  /** @returns the id of the room, which everybody named may join from `opensAt` on */
  async open(
    tx: Transaction,
    { from, memberIds, opensAt }: { from: RoomSource; memberIds: readonly string[]; opensAt: Date },
  ): Promise<string> {
    const now = this.clock.now();
    const { id } = await tx.prisma.room.create({
      data: {
        id: uuidv7({ msecs: now.getTime() }),
        ...from,
        opensAt,
        closesAt: closingOf(opensAt),
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
    await tx.prisma.roomMember.deleteMany({ where: { userId, room: { meetupId } } });
  }

  /** The meetup takes place at another time. Whoever is in already stays in. */
  async move(tx: Transaction, meetupId: string, opensAt: Date): Promise<void> {
    await tx.prisma.room.updateMany({
      where: { meetupId, endedAt: null },
      data: { opensAt, closesAt: closingOf(opensAt) },
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

const closingOf = (opensAt: Date): Date => new Date(opensAt.getTime() + ROOM_OPEN_MS);
