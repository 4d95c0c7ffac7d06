import { type Connection, statement } from '../../platform/database/database.js';
import type { Position } from '../../platform/http/pagination.js';
import { isShown, isThere } from '../users/index.js';

const openOf = statement<{ walkId: string; theme: string }>(
  'shares_open',
  `select s.walk_id as "walkId", s.theme
   from walk_shares s join walks w on w.id = s.walk_id join users walker on walker.id = s.user_id
   where s.token_hash = decode($1::text, 'hex') and s.revoked_at is null and s.expires_at > $2::timestamptz
     and ${isShown('w')} and ${isThere('walker')}`,
);

/** What a link opens now; whatever is in the way, it opens nothing in the same way. */
export async function shareOpenedBy(db: Connection, tokenHash: Uint8Array, now: Date) {
  const [share] = await db.rows(openOf, [Buffer.from(tokenHash).toString('hex'), now.toISOString()]);
  return share ?? null;
}

const pageOfWalk = statement<ShareRow>(
  'shares_of_walk',
  `select id, theme, created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt"
   from walk_shares
   where walk_id = $1::uuid and ($2::timestamptz is null or (created_at, id) < ($2::timestamptz, $3::uuid))
   order by created_at desc, id desc
   limit $4::int`,
);

interface ShareRow {
  id: string;
  theme: string;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
}

export const sharesOf = (db: Connection, walkId: string, after: Position | null, count: number) =>
  db.rows(pageOfWalk, [walkId, after?.at.toISOString() ?? null, after?.id ?? null, count]);

const walksWithCards = statement<{ id: string }>(
  'shares_walks_with_cards',
  `select id from walks where user_id = $1::uuid and state = 'completed'`,
);

/** Those of the user that a card can have been drawn of. */
export async function walksWithCardsOf(db: Connection, userId: string): Promise<string[]> {
  return (await db.rows(walksWithCards, [userId])).map(({ id }) => id);
}
