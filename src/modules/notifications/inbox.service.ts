import { Injectable } from '@nestjs/common';
import type { Prisma } from '../../generated/prisma/client.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { notificationNotFound } from './notifications.errors.js';
import type { NotificationsRead } from './notifications.schemas.js';

const NOTIFICATION = {
  id: true,
  type: true,
  title: true,
  body: true,
  data: true,
  createdAt: true,
  readAt: true,
} satisfies Prisma.NotificationSelect;

/** What a user was told, pushed or not. */
@Injectable()
export class Inbox {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  async list(userId: string, { cursor, limit }: PageQuery) {
    const after = readCursor(cursor);
    const rows = await this.db.prisma.notification.findMany({
      where: {
        userId,
        ...(after && {
          OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { lt: after.id } }],
        }),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      select: NOTIFICATION,
    });
    const { items, nextCursor } = page(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }));
    return { items: items.map(withTexts), nextCursor, unreadCount: await this.unreadCount(userId) };
  }

  /** Reading twice keeps the first time. @throws notification-not-found */
  async read(userId: string, id: string) {
    await this.db.prisma.notification.updateMany({
      where: { id, userId, readAt: null },
      data: { readAt: this.clock.now() },
    });
    const row = await this.db.prisma.notification.findFirst({ where: { id, userId }, select: NOTIFICATION });
    if (!row) throw notificationNotFound();
    return withTexts(row);
  }

  async readAll(userId: string, { until }: NotificationsRead) {
    await this.db.prisma.notification.updateMany({
      where: { userId, readAt: null, ...(until && { createdAt: { lte: until } }) },
      data: { readAt: this.clock.now() },
    });
    return { unreadCount: await this.unreadCount(userId) };
  }

  private unreadCount(userId: string): Promise<number> {
    return this.db.prisma.notification.count({ where: { userId, readAt: null } });
  }
}

const withTexts = <Row extends { data: Prisma.JsonValue }>(row: Row) => ({
  ...row,
  data: row.data as Record<string, string>, // `notify` takes nothing else
});
