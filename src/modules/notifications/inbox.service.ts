import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { notificationNotFound } from './notifications.errors.js';
import { notesOf, readNote, unreadOf } from './notifications.queries.js';
import type { NotificationsRead } from './notifications.schemas.js';

/** What a user was told, pushed or not. */
@Injectable()
export class Inbox {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  async list(userId: string, { cursor, limit }: PageQuery) {
    const rows = await notesOf(this.db, userId, readCursor(cursor), limit + 1);
    return {
      ...page(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id })),
      unreadCount: await unreadOf(this.db, userId),
    };
  }

  /** Reading twice keeps the first time. @throws notification-not-found */
  async read(userId: string, id: string) {
    const note = await readNote(this.db, userId, id, this.clock.now());
    if (!note) throw notificationNotFound();
    return note;
  }

  async readAll(userId: string, { until }: NotificationsRead) {
    await this.db.prisma.notification.updateMany({
      where: { userId, readAt: null, ...(until && { createdAt: { lte: until } }) },
      data: { readAt: this.clock.now() },
    });
    return { unreadCount: await unreadOf(this.db, userId) };
  }
}
