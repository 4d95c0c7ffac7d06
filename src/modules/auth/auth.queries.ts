import type { Viewer } from '../../platform/auth/viewer.js';
import { type Connection, statement, type Transaction } from '../../platform/database/database.js';

const viewerOfSession = statement<Viewer>(
  'auth_viewer_of_session',
  `select u.id as "userId", s.id as "sessionId", u.role::text as "role", u.suspended_at is not null as "isSuspended",
          u.deletion_requested_at is not null as "isLeaving"
     from sessions s join users u on u.id = s.user_id
    where s.id = $1::uuid and s.user_id = $2::uuid and s.revoked_at is null and s.expires_at > $3::timestamptz`,
);

/** Asked with every request. */
export async function viewerOf(
  db: Connection,
  sessionId: string,
  userId: string,
  now: Date,
): Promise<Viewer | null> {
  const [viewer] = await db.rows(viewerOfSession, [sessionId, userId, now]);
  return viewer ?? null;
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
