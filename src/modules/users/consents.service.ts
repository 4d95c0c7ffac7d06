import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Prisma } from '../../generated/prisma/client.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { Queue } from '../../platform/queue/queue.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { locationConsentWithdrawn } from './users.events.js';
import type { ConsentIn } from './users.schemas.js';

const CONSENT = {
  id: true,
  kind: true,
  version: true,
  granted: true,
  at: true,
} satisfies Prisma.ConsentSelect;

/** Append-only: taking a consent back is a new row, and the newest row of a kind is what holds. */
@Injectable()
export class Consents {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
  ) {}

  async list(userId: string, { cursor, limit }: PageQuery) {
    const after = readCursor(cursor);
    const rows = await this.db.prisma.consent.findMany({
      where: {
        userId,
        ...(after && { OR: [{ at: { lt: after.at } }, { at: after.at, id: { lt: after.id } }] }),
      },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      select: CONSENT,
    });
    return page(rows, limit, ({ at, id }) => ({ at, id }));
  }

  /** Taking back the consent to the use of location erases what was collected under it. */
  async add(userId: string, input: ConsentIn, once: Once | null) {
    return this.idempotency.run(once, async (tx) => {
      const at = this.clock.now();
      const id = uuidv7({ msecs: at.getTime() });
      if (input.kind === 'location' && !input.granted)
        await this.queue.record(tx, locationConsentWithdrawn, { userId });
      return tx.prisma.consent.create({ data: { id, userId, ...input, at }, select: CONSENT });
    });
  }
}
