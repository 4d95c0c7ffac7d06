import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { LocationPurpose } from '../../generated/prisma/enums.js';
import { Database, statement, type Transaction } from '../../platform/database/database.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';

export interface LocationUsed {
  /** Whose location it was. */
  userId: string;
  /** Who received it; absent when the service used it itself. */
  providedTo?: string;
  purpose: LocationPurpose;
  at: Date;
}

const record = statement<never>(
  'location_log_record',
  `insert into location_uses (id, user_id, provided_to, purpose, at)
   values ($1::uuid, $2::uuid, $3::uuid, $4::text::location_purpose, $5::timestamptz)`,
);

/** Writes the record that the law wants of each use and provision of a location (위치정보법 제16조). */
export async function recordLocationUse(
  tx: Transaction,
  { userId, providedTo, purpose, at }: LocationUsed,
): Promise<void> {
  await tx.rows(record, [
    uuidv7({ msecs: at.getTime() }),
    userId,
    providedTo ?? null,
    purpose,
    at.toISOString(),
  ]);
}

/** The same for many at once. */
export async function recordLocationUses(tx: Transaction, uses: readonly LocationUsed[]): Promise<void> {
  await tx.prisma.locationUse.createMany({
    data: uses.map((use) => ({ ...use, id: uuidv7({ msecs: use.at.getTime() }) })),
  });
}

@Injectable()
export class LocationLog {
  constructor(private readonly db: Database) {}

  async list(userId: string, { cursor, limit }: PageQuery) {
    const after = readCursor(cursor);
    const rows = await this.db.prisma.locationUse.findMany({
      where: {
        userId,
        ...(after && { OR: [{ at: { lt: after.at } }, { at: after.at, id: { lt: after.id } }] }),
      },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      select: { id: true, purpose: true, providedTo: true, at: true },
    });
    return page(rows, limit, ({ at, id }) => ({ at, id }));
  }
}
