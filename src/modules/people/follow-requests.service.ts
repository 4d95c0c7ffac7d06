import { Injectable } from '@nestjs/common';
import type { Prisma } from '../../generated/prisma/client.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { Queue } from '../../platform/queue/queue.js';
import { Notifications } from '../notifications/index.js';
import { lockPair, nicknameOf, userThereFor } from '../users/index.js';
import { approvedKey, Follows, requestKey } from './follows.service.js';
import { followRequestNotFound } from './people.errors.js';
import { userFollowed } from './people.events.js';
import { acceptRequestsOf, requestersOf, requestsTo } from './people.queries.js';
import * as texts from './people-texts.js';

const ACCEPTED_AT_ONCE = 100;

@Injectable()
export class FollowRequests {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly follows: Follows,
    private readonly notifications: Notifications,
    private readonly clock: Clock,
  ) {}

  async list(userId: string, { cursor, limit }: PageQuery) {
    const rows = await requestsTo(this.db, userId, readCursor(cursor), limit + 1);
    return page(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }));
  }

  /** @throws follow-request-not-found also when the requester is gone or blocked */
  async approve(userId: string, requestId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const asked = { id: requestId, targetId: userId };
      const { requesterId } = await this.lockedPairOf(tx, asked);
      const { count } = await tx.prisma.followRequest.deleteMany({ where: asked });
      if (count === 0) throw followRequestNotFound(); // answered, withdrawn or blocked meanwhile
      if (!(await userThereFor(tx, userId, requesterId))) throw followRequestNotFound();
      await this.follows.add(tx, requesterId, userId);
      await this.tellApproved(tx, userId, requesterId);
    });
  }

  /** Declined by the one, or withdrawn by the other; nobody is told. @throws follow-request-not-found */
  async remove(userId: string, requestId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const mine = { id: requestId, OR: [{ targetId: userId }, { requesterId: userId }] };
      const { requesterId, targetId } = await this.lockedPairOf(tx, mine);
      const { count } = await tx.prisma.followRequest.deleteMany({ where: mine });
      if (count === 0) throw followRequestNotFound();
      await this.notifications.retract(tx, targetId, requestKey(requesterId));
    });
  }

  /** All that waits, once the profile is public. */
  async approveAll(userId: string): Promise<void> {
    for (let asked = ACCEPTED_AT_ONCE; asked === ACCEPTED_AT_ONCE;)
      asked = await this.db.transaction(async (tx) => {
        const requesters = await requestersOf(tx, userId, ACCEPTED_AT_ONCE);
        for (const requesterId of requesters) await lockPair(tx, requesterId, userId);
        const followers = await acceptRequestsOf(tx, userId, requesters, this.clock.now());
        for (const followerId of followers) {
          await this.queue.record(tx, userFollowed, { followerId, followeeId: userId });
          await this.notifications.retract(tx, userId, requestKey(followerId));
          await this.tellApproved(tx, userId, followerId);
        }
        return requesters.length;
      });
  }

  private async lockedPairOf(tx: Transaction, where: Prisma.FollowRequestWhereInput) {
    const pair = await tx.prisma.followRequest.findFirst({
      where,
      select: { requesterId: true, targetId: true },
    });
    if (!pair) throw followRequestNotFound();
    await lockPair(tx, pair.requesterId, pair.targetId);
    return pair;
  }

  private async tellApproved(tx: Transaction, userId: string, requesterId: string): Promise<void> {
    await this.notifications.notify(tx, {
      ...{ userId: requesterId, type: 'social', actorId: userId },
      dedupeKey: approvedKey(userId),
      ...texts.approved(await nicknameOf(tx, userId)),
      data: { userId },
    });
  }
}
