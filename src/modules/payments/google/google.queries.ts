import { type Connection, statement } from '../../../platform/database/database.js';
import type { Standing } from '../../entitlement/index.js';

const nextReading = statement<{ reading: number }>(
  'google_next_reading',
  `select nextval('store_reading')::float8 as reading`,
);

/** A number for a question to Google, higher than that of every one before. */
export async function drawReading(db: Connection): Promise<number> {
  const [row] = await db.rows(nextReading, []);
  return row!.reading;
}

export interface Compared {
  id: string;
  standing: Standing;
  accessUntil: Date | null;
}

const toCompare = statement<Compared>(
  'google_to_compare',
  `select id, standing, access_until as "accessUntil"
   from subscriptions
   where store = 'google' and token_sealed is not null and id > $1::uuid
     and (state not in ('expired', 'refunded') or access_until > $2::timestamptz or created_at > $2::timestamptz)
   order by id limit $3::int`,
);

/** The next page of those that are alive, or ended or began after `since`. */
export const subscriptionsToCompare = (db: Connection, afterId: string, since: Date, limit: number) =>
  db.rows(toCompare, [afterId, since, limit]);
