import type { Viewer } from '../../platform/auth/viewer.js';
import { type Connection, statement, type Transaction } from '../../platform/database/database.js';

const viewersOfSessions = statement<Viewer>(
  'auth_viewers_of_sessions',
  // The limit keeps it at one lookup by key for each, whatever the planner takes the list for.
  `select found.*
     from json_to_recordset($1::json) as asked ("sessionId" uuid, "userId" uuid)
    cross join lateral (
      select u.id as "userId", s.id as "sessionId", u.role::text as "role",
             u.suspended_at is not null as "isSuspended", u.deletion_requested_at is not null as "isLeaving"
        from sessions s join users u on u.id = s.user_id
       where s.id = asked."sessionId" and s.user_id = asked."userId"
         and s.revoked_at is null and s.expires_at > $2::timestamptz
       limit 1
    ) found`,
);

/** Whom a token's claims name. */
export interface Claimed {
  sessionId: string;
  userId: string;
}

/** Asked with every request: one statement for all that come at once. @returns in the order of `claimed`, null for nobody */
export async function viewersOf(
  db: Connection,
  claimed: readonly Claimed[],
  now: Date,
): Promise<(Viewer | null)[]> {
  const found = await db.rows(viewersOfSessions, [JSON.stringify(claimed), now]);
  const bySession = new Map(found.map((viewer) => [viewer.sessionId, viewer]));
  return claimed.map(({ sessionId, userId }) => {
    const viewer = bySession.get(sessionId);
    return viewer?.userId === userId ? viewer : null;
  });
}

export interface LockedRefreshToken {
  sessionId: string;
  userId: string;
  expiresAt: Date;
  rotatedAt: Date | null;
  successorSealed: string | null;
  sessionRevokedAt: Date | null;
}

const lockRefreshToken = statement<LockedRefreshToken>(
  'auth_lock_refresh_token',
  `select t.session_id as "sessionId", s.user_id as "userId", t.expires_at as "expiresAt", t.rotated_at as "rotatedAt",
          encode(t.successor_sealed, 'base64') as "successorSealed", s.revoked_at as "sessionRevokedAt"
     from refresh_tokens t join sessions s on s.id = t.session_id
    where t.token_hash = decode($1::text, 'hex')
      for update of t, s`,
);

/** The token with its session, held until the transaction ends: parallel refreshes come one after the other. */
export async function refreshTokenForUpdate(
  tx: Transaction,
  tokenHash: Uint8Array,
): Promise<LockedRefreshToken | null> {
  const [token] = await tx.rows(lockRefreshToken, [Buffer.from(tokenHash).toString('hex')]);
  return token ?? null;
}
