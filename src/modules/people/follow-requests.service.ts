import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { Queue } from '../../platform/queue/queue.js';
import { Notifications } from '../notifications/index.js';
import { lockUsers, nicknameOf, userThereFor } from '../users/index.js';
import { Follows, requestKey } from './follows.service.js';
import { followRequestNotFound } from './people.errors.js';
import { userFollowed } from './people.events.js';
import { acceptRequestsTo, removeRequest, requestsTo } from './people.queries.js';
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
      const requesterId = await this.requesterOf(tx, asked);
      await lockUsers(tx, [userId, requesterId]);
      await this.requesterOf(tx, asked); // answered, withdrawn or blocked meanwhile
      if (!(await userThereFor(tx, userId, requesterId))) throw followRequestNotFound();
      await this.follows.add(tx, requesterId, userId);
      await this.tellApproved(tx, userId, requesterId);
    });
  }

  /** Declined by the one, or withdrawn by the other; nobody is told. @throws follow-request-not-found */
  async remove(userId: string, requestId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const removed = await removeRequest(tx, userId, requestId);
      if (!removed) throw followRequestNotFound();
      await this.notifications.retract(tx, removed.targetId, requestKey(removed.requesterId));
    });
  }

  /** All that waits, once the profile is public. */
  async approveAll(userId: string): Promise<void> {
    for (let accepted = ACCEPTED_AT_ONCE; accepted === ACCEPTED_AT_ONCE;)
      accepted = await this.db.transaction(async (tx) => {
        await lockUsers(tx, [userId]);
        const followers = await acceptRequestsTo(tx, userId, this.clock.now(), ACCEPTED_AT_ONCE);
        for (const followerId of followers) {
          await this.queue.record(tx, userFollowed, { followerId, followeeId: userId });
          await this.notifications.retract(tx, userId, requestKey(followerId));
          await this.tellApproved(tx, userId, followerId);
        }
        return followers.length;
      });
  }

  private async requesterOf(tx: Transaction, where: { id: string; targetId: string }): Promise<string> {
    const request = await tx.prisma.followRequest.findFirst({ where, select: { requesterId: true } });
    if (!request) throw followRequestNotFound();
    return request.requesterId;
  }

  private async tellApproved(tx: Transaction, userId: string, requesterId: string): Promise<void> {
    await this.notifications.notify(tx, {
      ...{ userId: requesterId, type: 'social', actorId: userId },
      dedupeKey: `follow-approved:${userId}`,
      ...texts.approved(await nicknameOf(tx, userId)),
      data: { userId },
    });
  }
}
