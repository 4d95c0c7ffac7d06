import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { Notifications } from '../notifications/index.js';
import { Rooms } from '../together/index.js';
import { lockPair, nicknameOf } from '../users/index.js';
import { checkPet } from './fitting-pet.js';
import { changedKeys, keys, texts } from './meetup-notes.js';
import * as errors from './meetups.errors.js';
import {
  getMeetup,
  hostOfVisibleMeetup,
  lockComing,
  type LockedMeetup,
  lockMeetupsBetween,
  participantsOf,
  seatsTaken,
} from './meetups.queries.js';
import type { MeetupView, ParticipationIn } from './meetups.schemas.js';
import { countSeats } from './seats.js';

/** What the others do: take a seat and give it back. */
@Injectable()
export class Participations {
  constructor(
    private readonly db: Database,
    private readonly idempotency: Idempotency,
    private readonly notifications: Notifications,
    private readonly rooms: Rooms,
    private readonly clock: Clock,
  ) {}

  /** @throws meetup-not-found */
  async list(viewerId: string, meetupId: string, { cursor, limit }: PageQuery) {
    const asked = { after: readCursor(cursor), count: limit + 1 };
    if (!(await hostOfVisibleMeetup(this.db, viewerId, meetupId, this.clock.now())))
      throw errors.meetupNotFound();
    const rows = await participantsOf(this.db, viewerId, meetupId, asked);
    return page(rows, limit, ({ joinedAt, userId }) => ({ at: joinedAt, id: userId }));
  }

  /** @throws meetup-not-found, meetup-closed, already-joined, meetup-full, pet-does-not-fit */
  async join(
    viewerId: string,
    meetupId: string,
    { petId }: NonNullable<ParticipationIn> = {},
    once: Once | null,
  ): Promise<MeetupView> {
    return this.idempotency.run(once, async (tx) => {
      const hostId = await hostOfVisibleMeetup(tx, viewerId, meetupId, this.clock.now());
      if (!hostId) throw errors.meetupNotFound();
      await lockPair(tx, viewerId, hostId); // a block in between would be passed by
      const now = this.clock.now();
      const meetup = await lockComing(tx, viewerId, meetupId, now);
      const seat = { meetupId, userId: viewerId };
      if (await tx.prisma.meetupParticipant.findUnique({ where: { meetupId_userId: seat } }))
        throw errors.alreadyJoined();
      await checkPet(tx, viewerId, petId, meetup);
      if ((await seatsTaken(tx, meetupId)) >= meetup.capacity) throw errors.meetupFull();
      await tx.prisma.meetupParticipant.create({ data: { ...seat, petId, joinedAt: now } });
      await countSeats(tx, meetup);
      await this.rooms.addMember(tx, meetupId, viewerId);
      await this.notifications.retract(tx, hostId, keys.left(meetupId, viewerId));
      await this.tellHost(tx, meetup, viewerId, 'joined');
      return getMeetup(tx, viewerId, meetupId, now);
    });
  }

  /** @throws meetup-not-found, participation-not-found, meetup-closed, host-cannot-leave */
  async leave(viewerId: string, meetupId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const now = this.clock.now();
      const meetup = await lockComing(tx, viewerId, meetupId, now);
      if (meetup.hostId === viewerId) throw errors.hostCannotLeave();
      if (!(await this.free(tx, meetup, viewerId))) throw errors.participationNotFound();
      await this.tellHost(tx, meetup, viewerId, 'left');
    });
  }

  /** Neither stays in a coming meetup of the other's; a seat taken since then, after an unblock, is kept. */
  async separate(pair: readonly [string, string], joinedBy: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const asked = { now: this.clock.now(), joinedBy };
      for (const { guestId, ...meetup } of await lockMeetupsBetween(tx, pair, asked))
        await this.free(tx, meetup, guestId);
    });
  }

  /** Under the meetup's lock. @returns false when there was no seat to free */
  private async free(
    tx: Transaction,
    meetup: Pick<LockedMeetup, 'id' | 'hostId' | 'capacity' | 'state'>,
    userId: string,
  ): Promise<boolean> {
    const { count } = await tx.prisma.meetupParticipant.deleteMany({
      where: { meetupId: meetup.id, userId },
    });
    if (count === 0) return false;
    await countSeats(tx, meetup);
    await this.rooms.removeMember(tx, meetup.id, userId);
    await this.notifications.retract(tx, meetup.hostId, keys.joined(meetup.id, userId));
    for (const key of changedKeys(meetup.id)) await this.notifications.retract(tx, userId, key);
    return true;
  }

  private async tellHost(
    tx: Transaction,
    { id: meetupId, hostId, title, startsAt }: LockedMeetup,
    userId: string,
    what: 'joined' | 'left',
  ): Promise<void> {
    await this.notifications.notify(tx, {
      ...{ userId: hostId, type: 'companion', actorId: userId },
      dedupeKey: keys[what](meetupId, userId),
      ...texts[what](await nicknameOf(tx, userId), title),
      groupKey: `meetup:${meetupId}`,
      data: { meetupId, userId },
      staleAt: startsAt,
    });
  }
}
