import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { pageBy, readCursor, writeCursor } from '../../platform/http/pagination.js';
import { Queue } from '../../platform/queue/queue.js';
import { Notifications } from '../notifications/index.js';
import { holdProfile, lockPair, nicknameOf, userNotFound, userThereFor } from '../users/index.js';
import { followLimit, notWithYourself } from './people.errors.js';
import { userFollowed } from './people.events.js';
import { addFollow, addRequest, type FollowSide, followsOf } from './people.queries.js';
import type { FollowsQuery, FollowState } from './people.schemas.js';
import * as texts from './people-texts.js';

/** What a feed is made to bear. Requests count too, as approvals do not ask again. */
const MAX_FOLLOWING = 10_000;

@Injectable()
export class Follows {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly notifications: Notifications,
    private readonly clock: Clock,
  ) {}

  /** @throws user-not-found for somebody else's list that the viewer may not see */
  async list(viewerId: string, side: FollowSide, { userId = viewerId, cursor, limit }: FollowsQuery) {
    if (userId !== viewerId && !(await userThereFor(this.db, viewerId, userId))?.isOpen) throw userNotFound();
    const rows = await followsOf(this.db, side, { viewerId, userId }, readCursor(cursor), limit + 1);
    return pageBy(rows, limit, writeCursor);
  }

  /** At once for a profile that is open to the viewer, by request for a private one. @throws user-not-found */
  async follow(viewerId: string, userId: string): Promise<FollowState> {
    if (viewerId === userId) throw notWithYourself();
    return this.db.transaction(async (tx) => {
      await lockPair(tx, viewerId, userId); // a block in between would be undone
      await holdProfile(tx, userId);
      const user = await userThereFor(tx, viewerId, userId);
      if (!user) throw userNotFound();
      await (user.isOpen ? this.add(tx, viewerId, userId) : this.request(tx, viewerId, userId));
      const following = await tx.prisma.follow.count({ where: { followerId: viewerId } });
      const requested = await tx.prisma.followRequest.count({ where: { requesterId: viewerId } });
      if (following + requested > MAX_FOLLOWING) throw followLimit({ members: { limit: MAX_FOLLOWING } });
      return { state: user.isOpen ? 'following' : 'requested' };
    });
  }

  /** A follow, or a request for one, is gone; also when there was none. */
  async unfollow(followerId: string, followeeId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      await lockPair(tx, followerId, followeeId);
      await tx.prisma.follow.deleteMany({ where: { followerId, followeeId } });
      await tx.prisma.followRequest.deleteMany({ where: { requesterId: followerId, targetId: followeeId } });
      await this.notifications.retract(tx, followeeId, followKey(followerId));
      await this.notifications.retract(tx, followeeId, requestKey(followerId));
      await this.notifications.retract(tx, followerId, approvedKey(followeeId));
    });
  }

  /** Under the pair's lock. */
  async add(tx: Transaction, followerId: string, followeeId: string): Promise<void> {
    if (!(await addFollow(tx, followerId, followeeId, this.clock.now()))) return;
    await this.queue.record(tx, userFollowed, { followerId, followeeId });
    await this.notifications.retract(tx, followeeId, requestKey(followerId));
    await this.notifications.notify(tx, {
      ...{ userId: followeeId, type: 'social', actorId: followerId },
      dedupeKey: followKey(followerId),
      groupKey: 'follows',
      ...texts.followed(await nicknameOf(tx, followerId)),
      data: { userId: followerId },
    });
  }

  private async request(tx: Transaction, requesterId: string, targetId: string): Promise<void> {
    const now = this.clock.now();
    const request = { id: uuidv7({ msecs: now.getTime() }), requesterId, targetId, now };
    if (!(await addRequest(tx, request))) return;
    await this.notifications.notify(tx, {
      ...{ userId: targetId, type: 'social', actorId: requesterId },
      dedupeKey: requestKey(requesterId),
      ...texts.requested(await nicknameOf(tx, requesterId)),
      data: { userId: requesterId, followRequestId: request.id },
    });
  }
}

const followKey = (followerId: string) => `follow:${followerId}`;
export const requestKey = (requesterId: string) => `follow-request:${requesterId}`;
export const approvedKey = (followeeId: string) => `follow-approved:${followeeId}`;
