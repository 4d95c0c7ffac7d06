import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Prisma } from '../../generated/prisma/client.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { Queue } from '../../platform/queue/queue.js';
import { privacyZoneLimit, privacyZoneNotFound } from './users.errors.js';
import { privacyZonesChanged } from './users.events.js';
import type { PrivacyZoneIn } from './users.schemas.js';

const MAX_PRIVACY_ZONES = 10;

const ZONE = {
  id: true,
  name: true,
  lat: true,
  lng: true,
  radiusM: true,
  createdAt: true,
} satisfies Prisma.PrivacyZoneSelect;

@Injectable()
export class PrivacyZones {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
  ) {}

  async list(userId: string, { cursor, limit }: PageQuery) {
    const after = readCursor(cursor);
    const rows = await this.db.prisma.privacyZone.findMany({
      where: {
        userId,
        ...(after && {
          OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { lt: after.id } }],
        }),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      select: ZONE,
    });
    return page(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }));
  }

  /** @throws privacy-zone-limit */
  async add(userId: string, input: PrivacyZoneIn, once: Once | null) {
    return this.idempotency.run(once, async (tx) => {
      await this.revise(tx, userId); // also locks the user's row, so that the count below holds
      const count = await tx.prisma.privacyZone.count({ where: { userId } });
      if (count >= MAX_PRIVACY_ZONES) throw privacyZoneLimit({ members: { limit: MAX_PRIVACY_ZONES } });
      const now = this.clock.now();
      const id = uuidv7({ msecs: now.getTime() });
      return tx.prisma.privacyZone.create({ data: { id, userId, ...input, createdAt: now }, select: ZONE });
    });
  }

  /** @throws privacy-zone-not-found */
  async remove(userId: string, zoneId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const { count } = await tx.prisma.privacyZone.deleteMany({ where: { id: zoneId, userId } });
      if (count === 0) throw privacyZoneNotFound();
      await this.revise(tx, userId);
    });
  }

  /** From here on nothing made under the old zones is shown to others; subscribers make it anew. */
  private async revise(tx: Transaction, userId: string): Promise<void> {
    await tx.prisma.user.update({
      where: { id: userId },
      data: { privacyRevision: { increment: 1 } },
      select: { id: true },
    });
    await this.queue.record(tx, privacyZonesChanged, { userId });
  }
}
