import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { Queue } from '../../platform/queue/queue.js';
import { Notifications } from '../notifications/index.js';
import { nicknameOf } from '../users/index.js';
import { walkerOfVisible, walkNotFound } from '../walks/index.js';
import { notYourOwnWalk } from './social.errors.js';
import { walkLiked } from './social.events.js';
import { addLike, likesOf, likeStateOf } from './social.queries.js';
import type { LikeState } from './social.schemas.js';
import * as texts from './social-texts.js';
import { holdWalker } from './walker.js';

@Injectable()
export class Likes {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly notifications: Notifications,
    private readonly clock: Clock,
  ) {}

  /** @throws walk-not-found */
  async list(viewerId: string, walkId: string, { cursor, limit }: PageQuery) {
    const after = readCursor(cursor);
    if (!(await walkerOfVisible(this.db, viewerId, walkId))) throw walkNotFound();
    const rows = await likesOf(this.db, { viewerId, walkId }, after, limit + 1);
    const { items, nextCursor } = page(rows, limit, (row) => row);
    return {
      ...(await likeStateOf(this.db, viewerId, walkId)),
      items: items.map(({ id, nickname, isFollowing, at }) => ({
        person: { id, nickname },
        isFollowing,
        likedAt: at,
      })),
      nextCursor,
    };
  }

  /** Liking twice is liking once. @throws walk-not-found, not-your-own-walk */
  async like(viewerId: string, walkId: string): Promise<LikeState> {
    return this.db.transaction(async (tx) => {
      const walkerId = await holdWalker(tx, viewerId, walkId);
      if (walkerId === viewerId) throw notYourOwnWalk();
      if (await addLike(tx, { walkId, userId: viewerId, now: this.clock.now() })) {
        await this.queue.record(tx, walkLiked, { walkId, userId: viewerId });
        await this.notifications.notify(tx, {
          ...{ userId: walkerId, type: 'social', actorId: viewerId, walkId },
          dedupeKey: likeKey(walkId, viewerId),
          groupKey: `likes:${walkId}`,
          ...texts.liked(await nicknameOf(tx, viewerId)),
          data: { walkId },
        });
      }
      return { walkId, ...(await likeStateOf(tx, viewerId, walkId)) };
    });
  }

  /** Also when there was none. @throws walk-not-found */
  async unlike(viewerId: string, walkId: string): Promise<LikeState> {
    return this.db.transaction(async (tx) => {
      const walkerId = await holdWalker(tx, viewerId, walkId);
      await tx.prisma.walkLike.deleteMany({ where: { walkId, userId: viewerId } });
      await this.notifications.retract(tx, walkerId, likeKey(walkId, viewerId));
      return { walkId, ...(await likeStateOf(tx, viewerId, walkId)) };
    });
  }
}

const likeKey = (walkId: string, userId: string) => `like:${walkId}:${userId}`;
