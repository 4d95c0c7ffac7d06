import { Injectable } from '@nestjs/common';
import { MAX, v7 as uuidv7 } from 'uuid';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { page, readCursor } from '../../platform/http/pagination.js';
import { validationFailed } from '../../platform/http/problem.js';
import { statesBefore } from '../../platform/rules/transitions.js';
import { isSoon, type Note, Notifications } from '../notifications/index.js';
import { Rooms } from '../together/index.js';
import { lockUser } from '../users/index.js';
import { checkPet } from './fitting-pet.js';
import { type Change, changesBetween, startFaults } from './meetup-rules.js';
import { meetupTransitions } from './meetup-states.js';
import { changedKeys, keys, texts } from './meetup-notes.js';
import { capacityTaken, meetupNotFound, tooManyMeetups } from './meetups.errors.js';
import {
  comingMeetups,
  getMeetup,
  lockComing,
  type LockedMeetup,
  meetupsWith,
  seatsTaken,
} from './meetups.queries.js';
import type { MeetupIn, MeetupPatch, MeetupsQuery, MeetupView } from './meetups.schemas.js';
import { countSeats } from './seats.js';

const HOSTED_AT_MOST = 10;
/** One's own meetups are listed while people walk. */
const MINE_LISTED_MS = 4 * 3_600_000;
const GU_DIGITS = 5;

const beforeCancelled = statesBefore(meetupTransitions, 'cancelled');

/** What somebody who is on their way has to know. */
const URGENT_CHANGES: readonly Change[] = ['time', 'place'];

/** What a host does, and what everybody sees. */
@Injectable()
export class Meetups {
  constructor(
    private readonly db: Database,
    private readonly idempotency: Idempotency,
    private readonly notifications: Notifications,
    private readonly rooms: Rooms,
    private readonly clock: Clock,
  ) {}

  async list(viewerId: string, { mine, gu, cursor, limit }: MeetupsQuery) {
    const now = this.clock.now();
    const from = new Date(now.getTime() - (mine ? MINE_LISTED_MS : 0));
    const asked = readCursor(cursor);
    const after = asked && asked.at > from ? asked : { at: from, id: MAX };
    const paged = { viewerId, now, after, count: limit + 1 };
    const rows = mine
      ? await meetupsWith(this.db, paged)
      : await comingMeetups(this.db, paged, gu ?? (await this.guOf(viewerId)));
    return page(rows, limit, ({ startsAt, id }) => ({ at: startsAt, id }));
  }

  /** @throws meetup-not-found */
  get(viewerId: string, meetupId: string): Promise<MeetupView> {
    return getMeetup(this.db, viewerId, meetupId, this.clock.now());
  }

  /** The host takes the first seat. @throws too-many-meetups, pet-does-not-fit */
  async hold(hostId: string, { petId, ...input }: MeetupIn, once: Once | null): Promise<MeetupView> {
    return this.idempotency.run(once, async (tx) => {
      await lockUser(tx, hostId);
      const now = this.clock.now();
      const { maxWeightKg = null, temperaments = [] } = input;
      const startsAt = startIn(input.startsAt, now);
      if (petId) await checkPet(tx, hostId, petId, { maxWeightKg, temperaments });
      const coming = { hostId, startsAt: { gt: now }, state: { not: 'cancelled' as const } };
      if ((await tx.prisma.meetup.count({ where: coming })) >= HOSTED_AT_MOST)
        throw tooManyMeetups({ members: { limit: HOSTED_AT_MOST } });
      const { regionCode } = await tx.prisma.user.findUniqueOrThrow({
        where: { id: hostId },
        select: { regionCode: true },
      });
      const { id } = await tx.prisma.meetup.create({
        data: {
          ...input,
          ...{ startsAt, maxWeightKg, temperaments, hostId, regionCode },
          id: uuidv7({ msecs: now.getTime() }),
          createdAt: now,
          participants: { create: { userId: hostId, petId, joinedAt: now } },
        },
        select: { id: true },
      });
      await this.rooms.open(tx, {
        from: { meetupId: id },
        memberIds: [hostId],
        startsAt,
      });
      return getMeetup(tx, hostId, id, now);
    });
  }

  /**
   * Whoever takes part stays in, also with a dog that does not fit any more, and is told.
   * @throws meetup-not-found, meetup-closed, capacity-below-participants
   */
  async update(hostId: string, meetupId: string, patch: MeetupPatch): Promise<MeetupView> {
    return this.db.transaction(async (tx) => {
      const now = this.clock.now();
      const before = await this.lockOwn(tx, hostId, meetupId, now);
      const data = {
        ...patch,
        startsAt: patch.startsAt === undefined ? before.startsAt : startIn(patch.startsAt, now),
      };
      const after = { ...before, ...data };
      if (after.capacity < (await seatsTaken(tx, meetupId))) throw capacityTaken();
      const changes = changesBetween(before, after);
      await tx.prisma.meetup.update({ where: { id: meetupId }, data, select: { id: true } });
      await countSeats(tx, after);
      if (changes.includes('time')) await this.rooms.move(tx, meetupId, after.startsAt);
      const isNear = isSoon(before.startsAt, now) || isSoon(after.startsAt, now);
      const notes = changes.map((change) => ({
        dedupeKey: keys.changed(meetupId, change),
        ...texts.changed(after.title, change),
        actorId: hostId,
        urgent: isNear && URGENT_CHANGES.includes(change),
        staleAt: after.startsAt,
      }));
      if (!before.hiddenAt) await this.tellGuests(tx, before, notes);
      return getMeetup(tx, hostId, meetupId, now);
    });
  }

  /** @throws meetup-not-found, meetup-closed */
  async cancel(hostId: string, meetupId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const now = this.clock.now();
      const meetup = await this.lockOwn(tx, hostId, meetupId, now);
      await tx.prisma.meetup.updateMany({
        where: { id: meetupId, state: { in: beforeCancelled } },
        data: { state: 'cancelled' },
      });
      await this.rooms.end(tx, { meetupId });
      if (meetup.hiddenAt) return;
      await this.tellOfEnd(tx, meetup, {
        dedupeKey: keys.cancelled(meetupId),
        ...texts.cancelled(meetup.title),
        actorId: hostId,
      });
    });
  }

  /**
   * By a moderator: only its host sees it from then on, its room ends, and whoever takes part is told that it does not
   * take place. @returns false when there is nothing to hide
   */
  async hide(tx: Transaction, meetupId: string): Promise<boolean> {
    const now = this.clock.now();
    const [meetup] = await tx.prisma.meetup.updateManyAndReturn({
      where: { id: meetupId, state: { not: 'cancelled' }, hiddenAt: null },
      data: { hiddenAt: now },
    });
    if (!meetup) return false;
    await this.rooms.end(tx, { meetupId });
    if (meetup.startsAt > now) await this.tellWithdrawn(tx, meetup);
    return true;
  }

  /** Of a host who is suspended, as they do not take place: for good, also when the suspension is lifted. */
  async withdrawComing(tx: Transaction, hostId: string): Promise<void> {
    const coming = { hostId, startsAt: { gt: this.clock.now() }, state: { in: beforeCancelled } };
    const order = { select: { id: true }, orderBy: { id: 'asc' } } as const;
    for (const { id } of await tx.prisma.meetup.findMany({ where: coming, ...order })) {
      const [meetup] = await tx.prisma.meetup.updateManyAndReturn({
        where: { id, ...coming },
        data: { state: 'cancelled' },
      });
      if (!meetup) continue;
      await this.rooms.end(tx, { meetupId: id });
      if (!meetup.hiddenAt) await this.tellWithdrawn(tx, meetup);
    }
  }

  /** Its room stays ended. @returns false when it was not hidden */
  async unhide(tx: Transaction, meetupId: string): Promise<boolean> {
    const { count } = await tx.prisma.meetup.updateMany({
      where: { id: meetupId, hiddenAt: { not: null } },
      data: { hiddenAt: null },
    });
    return count > 0;
  }

  private async lockOwn(tx: Transaction, hostId: string, meetupId: string, now: Date): Promise<LockedMeetup> {
    const meetup = await lockComing(tx, hostId, meetupId, now);
    if (meetup.hostId !== hostId) throw meetupNotFound();
    return meetup;
  }

  private async guOf(userId: string): Promise<string | null> {
    const where = { id: userId };
    const user = await this.db.prisma.user.findUnique({ where, select: { regionCode: true } });
    return user?.regionCode?.slice(0, GU_DIGITS) ?? null;
  }

  /** Names nobody: a host who is suspended is not there to be told of. */
  private tellWithdrawn(tx: Transaction, meetup: Told): Promise<void> {
    return this.tellOfEnd(tx, meetup, { dedupeKey: keys.withdrawn(meetup.id), ...texts.withdrawn });
  }

  private async tellOfEnd(
    tx: Transaction,
    meetup: Told,
    note: Omit<GuestNote, 'urgent' | 'staleAt'>,
  ): Promise<void> {
    const { id, startsAt } = meetup;
    for (const userId of await guestsOf(tx, meetup))
      for (const key of changedKeys(id)) await this.notifications.retract(tx, userId, key);
    const urgent = isSoon(startsAt, this.clock.now());
    await this.tellGuests(tx, meetup, [{ ...note, urgent, staleAt: startsAt }]);
  }

  /** What was told under the same key makes room for the newest. */
  private async tellGuests(
    tx: Transaction,
    meetup: Pick<Told, 'id' | 'hostId'>,
    notes: GuestNote[],
  ): Promise<void> {
    if (notes.length === 0) return;
    for (const userId of await guestsOf(tx, meetup)) {
      for (const note of notes) {
        await this.notifications.retract(tx, userId, note.dedupeKey);
        await this.notifications.notify(tx, {
          ...{ userId, type: 'companion', groupKey: `meetup:${meetup.id}`, data: { meetupId: meetup.id } },
          ...note,
        });
      }
    }
  }
}

type Told = Pick<LockedMeetup, 'id' | 'hostId' | 'startsAt'>;
type GuestNote = Pick<Note, 'dedupeKey' | 'title' | 'body' | 'actorId' | 'urgent' | 'staleAt'>;

async function guestsOf(
  tx: Transaction,
  { id: meetupId, hostId }: Pick<Told, 'id' | 'hostId'>,
): Promise<string[]> {
  const guests = await tx.prisma.meetupParticipant.findMany({
    where: { meetupId, userId: { not: hostId } },
    select: { userId: true },
  });
  return guests.map(({ userId }) => userId);
}

/** @throws validation-failed for what is past, or too far away */
function startIn(text: string, now: Date): Date {
  const startsAt = new Date(text);
  const errors = startFaults(startsAt, now);
  if (errors.length > 0) throw validationFailed({ errors });
  return startsAt;
}
