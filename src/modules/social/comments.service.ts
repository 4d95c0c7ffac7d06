import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { page, readCursor } from '../../platform/http/pagination.js';
import { Queue } from '../../platform/queue/queue.js';
import { Notifications } from '../notifications/index.js';
import { nicknameOf } from '../users/index.js';
import { walkerOfVisible, walkNotFound } from '../walks/index.js';
import { commentNotFound } from './social.errors.js';
import { walkCommented } from './social.events.js';
import { commentCountOf, type CommentRow, commentsOf, findComment } from './social.queries.js';
import type { CommentIn, CommentPatch, CommentsQuery, CommentView } from './social.schemas.js';
import * as texts from './social-texts.js';
import { holdWalker } from './walker.js';

@Injectable()
export class Comments {
  constructor(
    private readonly db: Database,
    private readonly idempotency: Idempotency,
    private readonly queue: Queue,
    private readonly notifications: Notifications,
    private readonly clock: Clock,
  ) {}

  /** @throws walk-not-found */
  async list(viewerId: string, { walkId, cursor, limit }: CommentsQuery) {
    const after = readCursor(cursor);
    if (!(await walkerOfVisible(this.db, viewerId, walkId))) throw walkNotFound();
    const rows = await commentsOf(this.db, { viewerId, walkId }, after, limit + 1);
    return {
      comments: await commentCountOf(this.db, viewerId, walkId),
      ...page(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id })),
    };
  }

  /** @throws walk-not-found */
  async add(viewerId: string, { walkId, body }: CommentIn, once: Once | null): Promise<CommentView> {
    return this.idempotency.run(once, async (tx) => {
      const walkerId = await holdWalker(tx, viewerId, walkId);
      const now = this.clock.now();
      const id = uuidv7({ msecs: now.getTime() });
      await tx.prisma.walkComment.create({ data: { id, walkId, userId: viewerId, body, createdAt: now } });
      await this.queue.record(tx, walkCommented, { commentId: id, walkId, userId: viewerId });
      if (walkerId !== viewerId) {
        await this.notifications.notify(tx, {
          ...{ userId: walkerId, type: 'social', actorId: viewerId, walkId },
          dedupeKey: commentKey(id),
          ...texts.commented(await nicknameOf(tx, viewerId)),
          data: { walkId, commentId: id },
        });
      }
      return this.getOwn(tx, viewerId, id);
    });
  }

  /** @throws comment-not-found */
  async edit(viewerId: string, id: string, { body }: CommentPatch): Promise<CommentView> {
    return this.db.transaction(async (tx) => {
      const comment = await this.getOwn(tx, viewerId, id);
      if (body === undefined || body === comment.body) return comment;
      await tx.prisma.walkComment.updateMany({ where: { id }, data: { body, editedAt: this.clock.now() } });
      return this.getOwn(tx, viewerId, id);
    });
  }

  /** By its author or the walker. @throws comment-not-found */
  async remove(viewerId: string, id: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const comment = await findComment(tx, viewerId, id);
      if (!comment?.isMine && comment?.walkerId !== viewerId) throw commentNotFound();
      const { count } = await tx.prisma.walkComment.deleteMany({ where: { id } });
      if (count === 0) throw commentNotFound();
      await this.notifications.retract(tx, comment.walkerId, commentKey(id));
    });
  }

  /** By a moderator: only its author sees it from then on. @returns false when there is nothing to hide */
  async hide(tx: Transaction, id: string): Promise<boolean> {
    const { count } = await tx.prisma.walkComment.updateMany({
      where: { id, hiddenAt: null },
      data: { hiddenAt: this.clock.now() },
    });
    if (count === 0) return false;
    const { walk } = await tx.prisma.walkComment.findUniqueOrThrow({
      where: { id },
      select: { walk: { select: { userId: true } } },
    });
    await this.notifications.retract(tx, walk.userId, commentKey(id));
    return true;
  }

  /** @returns false when it was not hidden */
  async unhide(tx: Transaction, id: string): Promise<boolean> {
    const { count } = await tx.prisma.walkComment.updateMany({
      where: { id, hiddenAt: { not: null } },
      data: { hiddenAt: null },
    });
    return count > 0;
  }

  private async getOwn(tx: Transaction, viewerId: string, id: string): Promise<CommentRow> {
    const comment = await findComment(tx, viewerId, id);
    if (!comment?.isMine) throw commentNotFound();
    return comment;
  }
}

const commentKey = (id: string) => `comment:${id}`;
