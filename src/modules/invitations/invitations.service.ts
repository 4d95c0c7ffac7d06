import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Prisma } from '../../generated/prisma/client.js';
import type { InvitationState } from '../../generated/prisma/enums.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { page, readCursor } from '../../platform/http/pagination.js';
import { validationFailed } from '../../platform/http/problem.js';
import { statesBefore } from '../../platform/rules/transitions.js';
import { isSoon, Notifications } from '../notifications/index.js';
import { notWithYourself } from '../people/index.js';
import { Rooms } from '../together/index.js';
import { lockPair, lockUser, userNotFound } from '../users/index.js';
import { expiryOf, proposalFaults } from './invitation-rules.js';
import { invitationTransitions } from './invitation-states.js';
import * as texts from './invitation-texts.js';
import * as errors from './invitations.errors.js';
import {
  guestOf,
  invitationOf,
  invitationsIn,
  lockDue,
  lockInvitation,
  waitingOf,
} from './invitations.queries.js';
import type {
  InvitationAnswer,
  InvitationIn,
  InvitationsQuery,
  InvitationView,
} from './invitations.schemas.js';

/** Invitations of one person that wait for answers at once. */
const PENDING_AT_MOST = 5;
/** Whoever said no, or had it taken back, is not asked on and on: each is an urgent push. */
const TO_ONE_PERSON_AT_MOST = 3;
const TO_ONE_PERSON_WITHIN_MS = 24 * 3_600_000;
const ACCEPTED_STALE_MS = 2 * 3_600_000;
const EXPIRED_AT_ONCE = 200;

/** What each side may do; whoever is on the other side finds no invitation to do it with. */
const ACTIONS = {
  accept: { by: 'inviteeId', to: 'accepted' },
  decline: { by: 'inviteeId', to: 'declined' },
  cancel: { by: 'inviterId', to: 'cancelled' },
} as const satisfies Record<InvitationAnswer['action'], { by: string; to: InvitationState }>;

@Injectable()
export class Invitations {
  constructor(
    private readonly db: Database,
    private readonly idempotency: Idempotency,
    private readonly notifications: Notifications,
    private readonly rooms: Rooms,
    private readonly clock: Clock,
  ) {}

  async list(viewerId: string, { box, cursor, limit }: InvitationsQuery) {
    const asked = { box, after: readCursor(cursor), count: limit + 1, now: this.clock.now() };
    const rows = await invitationsIn(this.db, viewerId, asked);
    return page(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }));
  }

  /**
   * @throws user-not-found, invitation-not-allowed
   * @throws invitation-pending with the id of the one that waits
   * @throws too-many-invitations, invited-too-often
   */
  async invite(
    viewerId: string,
    { userId, message, ...input }: InvitationIn,
    once: Once | null,
  ): Promise<InvitationView> {
    if (userId === viewerId) throw notWithYourself();
    const proposedAt = input.proposedAt === undefined ? null : new Date(input.proposedAt);
    return this.idempotency.run(once, async (tx) => {
      await lockPair(tx, viewerId, userId);
      await lockUser(tx, viewerId); // whose invitations are counted
      const now = this.clock.now();
      const faults = proposalFaults(proposedAt, now);
      if (faults.length > 0) throw validationFailed({ errors: faults });
      const guest = await guestOf(tx, viewerId, userId);
      if (!guest) throw userNotFound();
      if (!guest.mayBeInvited) throw errors.invitationNotAllowed();
      await this.checkLimits(tx, viewerId, userId, now);
      const row = {
        id: uuidv7({ msecs: now.getTime() }),
        inviterId: viewerId,
        inviteeId: userId,
        message,
        proposedAt,
        expiresAt: expiryOf(proposedAt, now),
        createdAt: now,
      };
      await tx.prisma.invitation.create({ data: row, select: { id: true } });
      const invitation = await this.get(tx, viewerId, row.id, now);
      await this.notifications.notify(tx, {
        ...{ userId, type: 'companion', actorId: viewerId },
        dedupeKey: invitedKey(row.id),
        ...texts.invited(invitation.inviter.nickname),
        data: { invitationId: row.id },
        urgent: isSoon(proposedAt ?? now, now),
        staleAt: row.expiresAt,
      });
      return invitation;
    });
  }

  /** @throws invitation-not-found, invitation-expired, invitation-settled */
  async answer(
    viewerId: string,
    invitationId: string,
    { action }: InvitationAnswer,
  ): Promise<InvitationView> {
    const { by, to } = ACTIONS[action];
    return this.db.transaction(async (tx) => {
      const pair = await tx.prisma.invitation.findFirst({
        where: { id: invitationId, [by]: viewerId },
        select: { inviterId: true, inviteeId: true },
      });
      if (!pair) throw errors.invitationNotFound();
      await lockPair(tx, pair.inviterId, pair.inviteeId); // a block in between would be passed by
      await lockInvitation(tx, invitationId);
      const now = this.clock.now();
      const { state, proposedAt } = await this.get(tx, viewerId, invitationId, now);
      if (state === 'expired') throw errors.invitationExpired();
      if (!invitationTransitions[state].includes(to)) throw errors.invitationSettled({ members: { state } });
      await this.settle(tx, { id: invitationId }, to, now);
      if (to === 'accepted') await this.bringTogether(tx, { id: invitationId, proposedAt, ...pair }, now);
      return this.get(tx, viewerId, invitationId, now);
    });
  }

  /** Those whose time is over, as many as a transaction bears. @returns whether there may be more */
  async expireDue(): Promise<boolean> {
    return this.db.transaction(async (tx) => {
      const now = this.clock.now();
      const due = await lockDue(tx, now, EXPIRED_AT_ONCE);
      await this.settle(tx, { id: { in: due } }, 'expired', now);
      return due.length === EXPIRED_AT_ONCE;
    });
  }

  /** What waits between two people, whoever of them invited, and was made by then. */
  async cancelBetween([oneId, otherId]: readonly [string, string], madeBy: Date): Promise<void> {
    await this.db.transaction(async (tx) => {
      const between = [
        { inviterId: oneId, inviteeId: otherId },
        { inviterId: otherId, inviteeId: oneId },
      ];
      const now = this.clock.now();
      const standing = { expiresAt: { gt: now }, createdAt: { lte: madeBy } };
      await this.settle(tx, { OR: between, ...standing }, 'cancelled', now);
    });
  }

  /** What waits for an answer to or from somebody who leaves. */
  async cancelAllOf(tx: Transaction, userId: string): Promise<void> {
    const waiting = { OR: [{ inviterId: userId }, { inviteeId: userId }] };
    await this.settle(tx, waiting, 'cancelled', this.clock.now());
  }

  /** Two who invited each other for the same time need one answer and one room. */
  private async bringTogether(tx: Transaction, invitation: Accepted, now: Date): Promise<void> {
    const { id, inviterId, inviteeId, proposedAt } = invitation;
    const mirrored = { inviterId: inviteeId, inviteeId: inviterId, proposedAt, expiresAt: { gt: now } };
    await this.settle(tx, mirrored, 'cancelled', now);
    const startsAt = proposedAt ?? now;
    const roomId = await this.rooms.open(tx, {
      from: { invitationId: id },
      memberIds: [inviterId, inviteeId],
      startsAt,
    });
    const { invitee } = await this.get(tx, inviterId, id, now);
    await this.notifications.notify(tx, {
      ...{ userId: inviterId, type: 'companion', actorId: inviteeId },
      dedupeKey: `invitation-accepted:${id}`,
      ...texts.accepted(invitee.nickname),
      data: { invitationId: id, roomId },
      urgent: isSoon(startsAt, now),
      staleAt: new Date(startsAt.getTime() + ACCEPTED_STALE_MS),
    });
  }

  /** Under the users' locks. */
  private async checkLimits(tx: Transaction, inviterId: string, inviteeId: string, now: Date): Promise<void> {
    await this.settle(tx, { inviterId, expiresAt: { lte: now } }, 'expired', now);
    const pending = await waitingOf(tx, inviterId);
    const waiting = pending.find((invitation) => invitation.inviteeId === inviteeId);
    if (waiting) throw errors.invitationPending({ members: { invitationId: waiting.id } });
    if (pending.length >= PENDING_AT_MOST)
      throw errors.tooManyInvitations({ members: { limit: PENDING_AT_MOST } });
    const since = new Date(now.getTime() - TO_ONE_PERSON_WITHIN_MS);
    const recent = { inviterId, inviteeId, createdAt: { gt: since }, state: { not: 'accepted' as const } };
    if ((await tx.prisma.invitation.count({ where: recent })) >= TO_ONE_PERSON_AT_MOST)
      throw errors.invitedTooOften({ members: { limit: TO_ONE_PERSON_AT_MOST } });
  }

  /** The note of an invitation stands while it waits. */
  private async settle(
    tx: Transaction,
    where: Prisma.InvitationWhereInput,
    to: InvitationState,
    now: Date,
  ): Promise<void> {
    const settled = await tx.prisma.invitation.updateManyAndReturn({
      where: { ...where, state: { in: statesBefore(invitationTransitions, to) } },
      data: { state: to, settledAt: now },
      select: { id: true, inviteeId: true },
    });
    for (const { id, inviteeId } of settled) await this.notifications.retract(tx, inviteeId, invitedKey(id));
  }

  private async get(
    tx: Transaction,
    viewerId: string,
    invitationId: string,
    now: Date,
  ): Promise<InvitationView> {
    const invitation = await invitationOf(tx, viewerId, invitationId, now);
    if (!invitation) throw errors.invitationNotFound();
    return invitation;
  }
}

interface Accepted {
  id: string;
  inviterId: string;
  inviteeId: string;
  proposedAt: Date | null;
}

const invitedKey = (invitationId: string) => `invitation:${invitationId}`;
