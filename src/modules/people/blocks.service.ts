import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { forgetAnswersNaming } from '../../platform/http/idempotency.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { Queue } from '../../platform/queue/queue.js';
import { Notifications } from '../notifications/index.js';
import { lockPair, userNotFound, userThereFor } from '../users/index.js';
import { notWithYourself } from './people.errors.js';
import { userBlocked } from './people.events.js';
import { blocksOf } from './people.queries.js';

@Injectable()
export class Blocks {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly notifications: Notifications,
    private readonly clock: Clock,
  ) {}

  async list(userId: string, { cursor, limit }: PageQuery) {
    const rows = await blocksOf(this.db, userId, readCursor(cursor), limit + 1);
    return page(rows, limit, ({ blockedAt, id }) => ({ at: blockedAt, id }));
  }

  /** From the commit on neither exists for the other, and what tied them is gone for good. @throws user-not-found */
  async block(blockerId: string, blockedId: string): Promise<void> {
    if (blockerId === blockedId) throw notWithYourself();
    await this.db.transaction(async (tx) => {
      await lockPair(tx, blockerId, blockedId);
      const pair = { blockerId, blockedId };
      if (await tx.prisma.block.findUnique({ where: { blockerId_blockedId: pair } })) return;
      if (!(await userThereFor(tx, blockerId, blockedId))) throw userNotFound();
      const now = this.clock.now();
      await tx.prisma.block.create({ data: { ...pair, createdAt: now } });
      for (const [one, other] of [
        [blockerId, blockedId],
        [blockedId, blockerId],
      ] as const) {
        await tx.prisma.follow.deleteMany({ where: { followerId: one, followeeId: other } });
        await tx.prisma.followRequest.deleteMany({ where: { requesterId: one, targetId: other } });
        await this.notifications.retractFrom(tx, one, other);
        await forgetAnswersNaming(tx, one, other);
      }
      await this.queue.record(tx, userBlocked, { ...pair, at: now.toISOString() });
    });
  }

  /** Restores nothing; also when there was no block. */
  async unblock(blockerId: string, blockedId: string): Promise<void> {
    await this.db.prisma.block.deleteMany({ where: { blockerId, blockedId } });
  }
}
